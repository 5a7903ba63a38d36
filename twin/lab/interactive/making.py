"""`make`: a plant and its twin from the choices of conf/ and from parts of the caller's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.interactive.choices import OWN_GROUPS, chosen
from twin.lab.interactive.own_parts import factory, record

if TYPE_CHECKING:
    from sim.contract import Plant
    from twin.twin import Twin


@dataclass(frozen=True)
class Made:
    """config: resolved, as a run writes it. plant, twin: before the first tick. device: of torch."""

    config: dict[str, Any]
    plant: Any
    twin: Any
    device: str


def make(
    scenario: str | None = None,
    *,
    seed: int = 0,
    plant: Any = None,
    policy: Any = None,
    surrogate: Any = None,
    **options: Any,
) -> tuple[Plant, Twin]:
    """A plant and its twin, before their first tick.

    scenario: a name of conf/scenario; None: that of conf/run.yaml. plant, policy, surrogate: a name of conf/; or a
    class (or functools.partial) that is called as a yaml's `_target_` is, with seed= and network= for a plant, spec=
    for a policy, shape=, seed= and device= for a surrogate; or an object. plant may be a yaml file too. options: any
    other key of conf/run.yaml, `network="lossy"`, `threads=2`, and below them `twin={"learner.start": 16}` or
    `**{"twin.learner.start": 16}`. Sets torch's number of threads. Raises UserError in one line for what is wrong.

    >>> from twin.lab import make, step
    >>> plant, twin = make(seed=0, policy="predictive", surrogate="ewma")
    >>> for _ in range(6): turn = step(plant, twin)
    >>> plant.now
    3600.0
    """
    made = build(scenario, seed=seed, plant=plant, policy=policy, surrogate=surrogate, **options)
    return made.plant, made.twin


def build(scenario: str | None, **options: Any) -> Made:
    """As `make`, with the configuration that a run records. An option that is None is left to conf/."""
    import torch

    from twin.lab.core import build as parts

    choices = chosen(
        scenario, {key: value for key, value in options.items() if value is not None or key not in OWN_GROUPS}
    )
    config = resolved(compose("run", choices.overrides))
    for group, part in choices.own.items():
        config[group] = record(group, part)
        config["choices"][group] = config[group]["_target_"].rpartition(".")[2]
    torch.set_num_threads(config["threads"])
    on = parts.device(config["device"])
    own = {group: factory(group, part) for group, part in choices.own.items()}
    plant, twin = parts.pair(config, on, own)
    return Made(config, plant, twin, on)
