"""Dispatch with a forecast that comes true: a copy of the plant is sent ahead. Privileged, and says so."""

from __future__ import annotations

from collections import deque
from functools import partial

import numpy as np

from sim.contract import Plant, PlantSpec
from twin.forecast import Floats
from twin.policies.base import Predict
from twin.policies.mpc import MPC, DayPersistence
from twin.policies.storage import HOUR, StorageSite
from twin.policies.upkeep import Upkeep
from twin.window import Window


class PrivilegedScout:
    """What loads will want beyond sun and wind, as a fork of the plant met it; it is exact where wear does not act.

    known: ticks that it tells truly; what comes after is persistence. None for all.
    """

    privileged = True

    def __init__(self, *, site: StorageSite, known: int | None = None) -> None:
        self._tick, self._known = site.spec.tick, known
        self._persistence = DayPersistence(site=site)
        self._plant: Plant | None = None
        self._ahead: deque[float] = deque()
        self._total = 0.0

    def send(self, plant: Plant) -> None:
        """Take a copy of the plant, at the time from which it is asked."""
        self._plant, self._total = plant, _wished(plant)
        self._ahead.clear()

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """[steps] kW."""
        past = self._persistence.next(window, predict, steps)
        known = steps if self._known is None else min(self._known, steps)
        truth = self._truth(window.now, known)
        return truth if past is None or known == steps else np.concatenate([truth, past[known:]])

    def _truth(self, now: float, steps: int) -> Floats:
        plant = self._plant
        if plant is None:
            raise ValueError("PrivilegedScout: has no plant to send ahead; only the lab can give one")
        while plant.now < now + steps * self._tick - 1e-6:
            plant.advance(plant.now + self._tick)
            plant.journal()
            total = _wished(plant)
            if plant.now > now + 1e-6:
                self._ahead.append((total - self._total) / self._tick * HOUR)
            self._total = total
        while len(self._ahead) > steps:
            self._ahead.popleft()
        return np.array(self._ahead)


def _wished(plant: Plant) -> float:
    truth = plant.truth()
    if "net_energy" not in truth:
        raise ValueError("PrivilegedScout: the plant does not tell what its loads want (truth has no net_energy)")
    return float(truth["net_energy"])


class PrivilegedMPC(MPC):
    """MPC whose forecast comes true. known: ticks that it knows truly (1: the one that begins), None for all of them."""

    privileged = True

    def __init__(
        self, *, spec: PlantSpec, horizon: int = 24, tracking: bool = False, known: int | None = None,
        defer: bool = True, upkeep: Upkeep = None,
    ) -> None:  # fmt: skip
        scout = partial(PrivilegedScout, known=known)
        super().__init__(spec=spec, horizon=horizon, tracking=tracking, forecast=scout, defer=defer, upkeep=upkeep)

    def foresee(self, plant: Plant) -> None:
        """Take a copy of the plant to send ahead."""
        assert isinstance(self.forecast, PrivilegedScout)
        self.forecast.send(plant)
