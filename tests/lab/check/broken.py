"""A stranger's plants, policies and surrogates, each with one fault."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, ClassVar

from sim.contract import Action
from sim.plants.production_line import ProductionLine
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.smoothing import EWMA


class SharedFork(ProductionLine):
    """Its forks share all components."""

    def fork(self, reseed: int | None = None) -> Any:
        return copy.copy(self)


class NoEvents(ProductionLine):
    def truth(self) -> Any:
        return {"wear": {}}


class Mute(ProductionLine):
    kpis: Any = None


class NoForks(ProductionLine):
    def fork(self, reseed: int | None = None) -> Any:
        raise ValueError("it is made of generators")


class Typist(RunToFailure):
    def act(self, window: Any, predict: Any) -> list[Action]:
        return [Action(window.now, "mill.sped", 1.0, "faster")]


class Wordless(RunToFailure):
    def act(self, window: Any, predict: Any) -> list[Action]:
        return [Action(window.now, "mill.speed", 1.1)]


class Forgetful(RunToFailure):
    """What it counts is not saved."""

    count = 0

    def act(self, window: Any, predict: Any) -> list[Action]:
        self.count += 1
        return [Action(window.now, "mill.speed", 1.0 + 0.001 * (self.count % 7), "by turns")]


class Turned(EWMA):
    """Horizons and targets have changed places."""

    def forecast(self, inputs: Any, plans: Any) -> Any:
        forecast = super().forecast(inputs, plans)
        return replace(forecast, quantiles=forecast.quantiles.swapaxes(2, 3))


class Moody(EWMA):
    """Asking changes its answer."""

    STATE_FIELDS: ClassVar[tuple[str, ...]] = (*EWMA.STATE_FIELDS, "asked")
    asked = 0

    def forecast(self, inputs: Any, plans: Any) -> Any:
        self.asked += 1
        forecast = super().forecast(inputs, plans)
        return replace(forecast, quantiles=forecast.quantiles + 0.001 * self.asked)


class Explosive(RunToFailure):
    """Cannot be made."""

    def __init__(self, **_: Any) -> None:
        raise RuntimeError("no licence\nfound")
