"""From a plain configuration to a plant and its twin."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from twin.lab.configure.checks import source_of_plant
from twin.lab.core.made_part import made
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from sim.contract import Plant
    from twin.lab.core.closed_loop import Companion


def device(asked: str) -> str:
    """The torch device for auto, cpu or cuda. Raises UserError for cuda where there is none.

    On CUDA torch computes in a fixed order from then on, so that the same seed on the same device gives the same bytes.
    """
    import torch

    available = torch.cuda.is_available()
    if asked == "cuda" and not available:
        raise UserError("device = cuda: there is no usable CUDA device here; use device=cpu or device=auto")
    if not available or asked == "cpu":
        return "cpu"
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS reads it at its first product
    torch.use_deterministic_algorithms(True, warn_only=True)
    return "cuda"


def pair(config: dict[str, Any], on: str, makers: Mapping[str, Callable[..., Any]] | None = None) -> tuple[Any, Any]:
    """(plant, twin) of a run's configuration. on: torch device. Raises UserError for what a constructor refuses.

    makers: by group, what is called in place of the group's configuration, with the same arguments.
    """
    makers = makers or {}
    plant = plant_of(config, makers.get("plant"))
    with refusals():
        twin = twin_for(config, plant.spec, on, makers)
    connect(plant, twin)
    return plant, twin


def plant_of(config: dict[str, Any], make: Callable[..., Any] | None = None) -> Any:
    """The plant of a run's configuration, or of `make`. Raises UserError for what its constructor refuses."""
    arguments = {"seed": config["seed"], "network": deepcopy(config.get("network"))}
    with refusals(source_of_plant(config) if make is None else ""):
        return make(**arguments) if make else made(config, "plant", **arguments)


@contextmanager
def refusals(where: str = "") -> Iterator[None]:
    """Turn what a constructor refuses into a UserError whose message begins with `where`."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UserError(f"{where}{error}") from None
    except MemoryError as error:
        raise UserError(
            f"{where}there is not enough memory ({error}): memory, plant and surrogate must be smaller"
        ) from None


def connect(plant: Plant, twin: Companion) -> None:
    """Give a privileged policy the plant's hidden state or copies of the plant, a privileged surrogate copies.

    The surrogate gets the twin's window too, which the copies continue. See twin.lab.core.privileged.roles.
    """
    from twin.lab.core.privileged.roles import ForecastsByForks, PlansOnForks, SeesTruth

    policy, surrogate = twin.policy, twin.surrogate
    if isinstance(policy, SeesTruth):
        policy.connect(plant.truth)
    if isinstance(policy, PlansOnForks):
        policy.foresee(plant.fork)
    if isinstance(surrogate, ForecastsByForks):
        surrogate.send(plant.fork, twin.window)


def twin_for(config: dict[str, Any], spec: Any, on: str, makers: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """The twin for a plant's spec, from the groups twin, surrogate and policy; see `pair`.

    A policy without a twin where the surrogate is NoForecast.
    """
    from twin.surrogates.no_forecast import NoForecast
    from twin.unaided import Unaided

    makers = makers or {}
    make, surrogate, policy = (makers.get(group) or made(config, group) for group in ("twin", "surrogate", "policy"))
    if isinstance(surrogate, partial) and surrogate.func is NoForecast:
        options = {name: config["twin"].get(name) for name in ("window", "cleaning")}
        return Unaided(spec=spec, policy=policy, **options)
    return make(spec=spec, surrogate=surrogate, policy=policy, seed=config["seed"], device=on)


def forecaster_for(
    config: dict[str, Any], spec: Any, on: str, makers: Mapping[str, Callable[..., Any]] | None = None
) -> Any:
    """As `twin_for`, where forecasts are what is wanted. Raises UserError where the surrogate makes none."""
    from twin.surrogates.no_forecast import NoForecast

    twin = twin_for(config, spec, on, makers)
    if isinstance(twin.surrogate, NoForecast):
        raise UserError("surrogate = none: nobody would forecast; choose one that does, see tandem list surrogate")
    return twin
