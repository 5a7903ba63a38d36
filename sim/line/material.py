"""The material that a line works on: it wears machines faster or slower from one time to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.contract import Schedule
from sim.engine.instant import REPORTS
from sim.engine.kernel import Component, Kernel, Timer
from sim.line.discrete_wear import DiscreteWear
from sim.line.wear import Wear


class Material(Component):
    """Tells the wear of all stations how hard the material is, whenever that changes.

    hardness: wear per second of processing over the usual one. A cycle that has begun ends with the material that it
    began with.
    """

    def __init__(self, *, kernel: Kernel, name: str, wears: Sequence[Wear | DiscreteWear], hardness: Schedule) -> None:
        super().__init__(kernel, name)
        self._wears, self._hardness = tuple(wears), hardness
        self._timer = Timer(kernel, self._change, REPORTS)
        self._change()

    def _change(self) -> None:
        now = self.kernel._now
        for wear in self._wears:
            wear.harden(self._hardness.at(now))
        wait = self._hardness.until_change(now)
        if wait < math.inf:
            self._timer.set(wait)
