"""The load that things on the road bear, counted once a period."""

from __future__ import annotations

from collections.abc import Sequence

from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.road.upkeep import RoadUpkeep


class LoadSweep(Component):
    """Lets everything bear its load, and fail, once a period (s)."""

    def __init__(self, *, kernel: Kernel, name: str, upkeeps: Sequence[RoadUpkeep], period: float) -> None:
        super().__init__(kernel, name)
        self._upkeeps, self._period = tuple(upkeeps), period
        self._timer = Timer(kernel, self._go, STRIKES)
        self._timer.set(period)

    def _go(self) -> None:
        self._timer.set(self._period)
        for upkeep in self._upkeeps:
            upkeep.bear(upkeep.subject.load(self._period))
