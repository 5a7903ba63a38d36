"""Incidents: a stopped vehicle, a crash, a delivery; a link passes fewer vehicles until it is cleared."""

from __future__ import annotations

from sim.engine.checks import number
from sim.engine.distribution import Distribution
from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import Stream
from sim.road.link import RoadLink
from sim.telemetry.journal import Journal
from sim.units import DAY

STARTED, CLEARED = "incident", "incident_cleared"


class Incidents(Component):
    """Poisson in time on one link. per_day: mean number. remaining: share of the saturation flow left meanwhile."""

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        link: RoadLink,
        journal: Journal,
        per_day: float,
        duration: Distribution,
        remaining: float,
    ) -> None:
        super().__init__(kernel, name)
        self.per_day = number(f"{name}.per_day", per_day, above=0)
        self.remaining = number(f"{name}.remaining", remaining, above=0, high=1)
        self._link, self._journal, self._duration = link, journal, duration
        self._gap = Stream(seed, f"{name}.gap", "exponential", (DAY / self.per_day,))
        self.happened = 0
        self._timer = Timer(kernel, self._change, STRIKES)
        self._timer.set(self._gap.draw())

    def _change(self) -> None:
        link = self._link
        if link.clear == 1.0:
            self.happened += 1
            link.clear = self.remaining
            self._journal.note(link.name, STARTED, "", self.remaining)
            self._timer.set(self._duration.draw())
        else:
            link.clear = 1.0
            self._journal.note(link.name, CLEARED)
            self._timer.set(self._gap.draw())
        link.narrow()

    def reseed(self, seed: int) -> None:
        """Another future: the gap has no memory; an incident under way takes as long as it takes."""
        self._gap.reseed(seed)
        self._duration.stream.reseed(seed)
        if self._link.clear == 1.0:
            self._timer.set(self._gap.draw())
