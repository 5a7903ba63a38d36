"""From a plain configuration to a plant and its twin. The one place where Hydra instantiates."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from twin.lab.configure.compose import choices
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from sim.contract import Plant
    from twin.twin import Twin


def device(asked: str) -> str:
    """The torch device for auto, cpu or cuda. Raises UserError for cuda where there is none.

    On CUDA torch is told to compute in a fixed order, so that the same seed on the same device gives the same bytes.
    """
    import torch

    available = torch.cuda.is_available()
    if asked == "cuda" and not available:
        raise UserError("device = cuda: there is no usable CUDA device here; use device=cpu or device=auto")
    if not available or asked == "cpu":
        return "cpu"
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when the first product is taken
    torch.use_deterministic_algorithms(True, warn_only=True)
    return "cuda"


def pair(config: dict[str, Any], on: str, own: Mapping[str, Callable[..., Any]] | None = None) -> tuple[Any, Any]:
    """(plant, twin) of a run's configuration. Raises UserError for whatever a constructor refuses.

    own: by group, what is called in place of the group's configuration, with the same arguments.
    """
    own = own or {}
    plant = plant_of(config, own.get("plant"))
    with refusals():
        twin = twin_for(config, plant.spec, on, own)
    connect(plant, twin)
    return plant, twin


def plant_of(config: dict[str, Any], own: Callable[..., Any] | None = None) -> Any:
    """The plant of a run's configuration, or of `own`. Raises UserError for whatever its constructor refuses."""
    from hydra.utils import instantiate

    arguments = {"seed": config["seed"], "network": config.get("network")}
    with refusals(_source(config) if own is None else ""):
        return own(**arguments) if own else instantiate(config["plant"], _convert_="all", **arguments)


def _source(config: dict[str, Any]) -> str:
    """Where a plant's fields came from, if not from conf/."""
    choice = config["choices"].get("plant")
    return "" if choice is None or choice in choices("plant") else f"plant.file={choice}: "


@contextmanager
def refusals(where: str = "") -> Iterator[None]:
    """What a constructor refuses becomes a UserError."""
    from hydra.errors import InstantiationException

    try:
        yield
    except InstantiationException as error:
        cause = error.__cause__ or error
        if isinstance(cause, ValueError | TypeError):
            raise UserError(f"{where}{cause}") from None
        if "Error locating target" in str(error):
            raise UserError(where + str(error).splitlines()[0].partition(", set env")[0]) from None
        raise
    except (ValueError, TypeError) as error:
        raise UserError(f"{where}{error}") from None


def connect(plant: Plant, twin: Twin) -> None:
    """A privileged policy gets the hidden state of the plant that it is to steer, or copies to send ahead.

    A privileged surrogate gets copies of the plant too, and the twin's window, with which they go on.
    """
    from twin.lab.core.privileged.roles import ForecastsByForks, PlansOnForks, SeesTruth

    policy, surrogate = twin.policy, twin.surrogate
    if isinstance(policy, SeesTruth):
        policy.connect(plant.truth)
    if isinstance(policy, PlansOnForks):
        policy.foresee(plant.fork)
    if isinstance(surrogate, ForecastsByForks):
        surrogate.send(plant.fork, twin.window)


def twin_for(config: dict[str, Any], spec: Any, on: str, own: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """The twin of a plant's spec, from the groups twin, surrogate and policy; `own` as in `pair`."""
    from hydra.utils import instantiate

    own = own or {}
    make, surrogate, policy = (
        own.get(group) or instantiate(config[group], _convert_="all") for group in ("twin", "surrogate", "policy")
    )
    return make(spec=spec, surrogate=surrogate, policy=policy, seed=config["seed"], device=on)
