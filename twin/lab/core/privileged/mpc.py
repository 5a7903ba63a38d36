"""Dispatch with a forecast that comes true: a copy of the plant is sent ahead. Privileged, and says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from sim.contract import Plant, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.maintenance.default import MaintenanceFactory
from twin.policies.storage.mpc import MPC
from twin.policies.storage.net_load import DayPersistence
from twin.policies.storage.site import StorageSite
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR


class PrivilegedScout(SavedFields):
    """What loads will want beyond sun and wind, as a copy of the plant finds it that nobody controls any further.

    known: ticks that it tells truly; what comes after is persistence. None for all.
    """

    privileged = True
    STATE_FIELDS = ("_persistence",)

    def __init__(self, *, site: StorageSite, known: int | None = None) -> None:
        self._tick, self._known = site.spec.tick, known
        self._persistence = DayPersistence(site=site)
        self._fork: Callable[[], Plant] | None = None

    def send(self, fork: Callable[[], Plant]) -> None:
        """Take the plant's `fork`."""
        self._fork = fork

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """[steps] kW."""
        past = self._persistence.next(window, predict, steps)
        known = steps if self._known is None else min(self._known, steps)
        if self._fork is None:
            raise ValueError("PrivilegedScout: has no plant to send ahead; only the lab can give one")
        truth = wished(self._fork(), known)
        return truth if past is None or known == steps else np.concatenate([truth, past[known:]])


def wished(plant: Plant, ticks: int) -> Floats:
    """[ticks] mean kW that loads want beyond sun and wind, while the plant runs on.

    Raises ValueError for a plant whose truth() has no net_energy.
    """
    tick, totals = plant.spec.tick, [_wished(plant)]
    for _ in range(ticks):
        plant.advance(plant.now + tick)
        plant.journal()
        totals.append(_wished(plant))
    result: Floats = np.diff(totals) / tick * HOUR
    return result


def _wished(plant: Plant) -> float:
    truth = plant.truth()
    if "net_energy" not in truth:
        raise ValueError("PrivilegedScout: the plant does not tell what its loads want (truth has no net_energy)")
    return truth["net_energy"]


class PrivilegedMPC(MPC):
    """MPC whose forecast comes true.

    known: ticks whose loads it knows (1: the one that begins); None for all.
    """

    privileged = True

    def __init__(
        self,
        *,
        spec: PlantSpec,
        horizon: int = 24,
        tracking: bool = False,
        known: int | None = None,
        defer: bool = True,
        upkeep: MaintenanceFactory = None,
    ) -> None:
        scout = partial(PrivilegedScout, known=known)
        super().__init__(spec=spec, horizon=horizon, tracking=tracking, forecast=scout, defer=defer, upkeep=upkeep)

    def foresee(self, fork: Callable[[], Plant]) -> None:
        """Take what makes a copy of the plant to send ahead."""
        assert isinstance(self.forecast, PrivilegedScout)
        self.forecast.send(fork)
