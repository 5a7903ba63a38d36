"""What is to be checked: a plant, a policy or a surrogate, with all that it needs to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twin.lab.configure.choices import groups
from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.core import build
from twin.lab.errors import UserError
from twin.surrogates.no_forecast import NoForecast

KINDS = ("plant", "policy", "surrogate")
# What stands beside the choice that is checked: cheap, and big enough for every horizon to come true.
BESIDE = {"plant": "line_small", "surrogate": "ewma", "policy": "run_to_failure", "network": "perfect"}
# Lives so short that there is something to decide; laid under line_small only.
BUSY = (
    "plant.common.wear.life=6000",
    "plant.stations.mill.wear.life=5000",
    "plant.common.maintenance.corrective.mean=2000",
)
EARLY = "twin.learner.start=16"  # rows: a twin that learns early
# What makes a choice cheap enough to be tried: one that simulates for every forecast.
CHEAP = {"surrogate=forks": ("surrogate.replications=2",)}


class CheckedChoice:
    """One choice and what stands beside it, made anew at every call.

    kind: one of KINDS. name: of the choice. overrides: the whole configuration's.
    """

    def __init__(self, *, kind: str, name: str, overrides: Sequence[str]) -> None:
        self.kind, self.name, self.overrides = kind, name, tuple(overrides)
        self._configs: dict[tuple[str, ...], dict[str, Any]] = {}

    def config(self, *more: str) -> dict[str, Any]:
        """Resolved, with more overrides."""
        if more not in self._configs:
            self._configs[more] = resolved(compose("run", [*self.overrides, *more]))
        return self._configs[more]

    def plant(self, *more: str) -> Any:
        """A new plant."""
        return build.plant_of(self.config(*more))

    def pair(self, *more: str) -> tuple[Any, Any]:
        """A new plant and its twin."""
        return build.pair(self.config(*more), "cpu")


def subject(arguments: Sequence[str]) -> CheckedChoice:
    """What key=value arguments ask to be checked: the first names it, the others are laid over what stands beside it.

    `plant=FILE.yaml` is `plant.file=FILE.yaml`. Raises UserError where the first names none of KINDS.
    """
    if not arguments:
        raise UserError("check takes plant=, policy= or surrogate= first: what is to be checked")
    arguments = [_as_file(argument) for argument in arguments]
    key, _, name = arguments[0].partition("=")
    kind = key.partition(".")[0]
    if kind not in KINDS:
        raise UserError(f"{arguments[0]}: check takes plant=, policy= or surrogate= first: what is to be checked")
    given = {argument.partition("=")[0].partition(".")[0] for argument in arguments}
    chosen = {a.partition("=")[0] for a in arguments} | ({"plant"} if "plant.file" in _keys(arguments) else set())
    cheap = [override for choice, extra in CHEAP.items() if choice in arguments for override in extra]
    if kind != "policy" or {"plant", "scenario"} & given:
        scenario = {"plant"} if "scenario" in given else set()
        whole = CheckedChoice(kind=kind, name=name, overrides=[*_beside(chosen | scenario), *cheap, *arguments])
        config = whole.config()  # what is misspelt is told at once
        if kind == "surrogate" and str(config[kind]["_target_"]).endswith(f".{NoForecast.__name__}"):
            raise UserError("surrogate = none: forecasts nothing, so there is nothing to check")
        return whole
    return _fitting(name, chosen, [*cheap, *arguments])


def _as_file(argument: str) -> str:
    key, _, value = argument.partition("=")
    return f"plant.file={value}" if key == "plant" and value.endswith((".yaml", ".yml")) else argument


def _keys(arguments: Sequence[str]) -> set[str]:
    return {argument.partition("=")[0] for argument in arguments}


def _beside(chosen: set[str]) -> list[str]:
    beside = [f"{group}={choice}" for group, choice in BESIDE.items() if group not in chosen]
    return [*beside, EARLY, *(BUSY if "plant" not in chosen else ())]


def _fitting(name: str, chosen: set[str], arguments: list[str]) -> CheckedChoice:
    """On the first plant that the policy can run: a field's own policies need that field's assets."""
    refused = ""
    for plant in dict.fromkeys((BESIDE["plant"], *groups()["plant"])):
        busy = BUSY if plant == BESIDE["plant"] else ()
        overrides = [*_beside(chosen | {"plant"}), f"plant={plant}", *busy, *arguments]
        made = CheckedChoice(kind="policy", name=name, overrides=overrides)
        made.config()  # what is misspelt is told at once
        try:
            made.pair()
        except UserError as error:
            refused = refused or str(error)
        except Exception:  # a stranger's class can raise anything: the first check says what and where
            return made
        else:
            return made
    raise UserError(f"policy = {name}: no plant can be run by it; plant={BESIDE['plant']} says: {refused}")
