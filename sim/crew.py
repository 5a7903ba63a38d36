"""Technicians: a few, shared by all stations."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sim.checks import integer
from sim.kernel import Component, Kernel

if TYPE_CHECKING:
    from sim.station import Station


class Crew(Component):
    """`technicians` people; a job needs one. corrective_first: whether failures go before planned work."""

    def __init__(self, *, kernel: Kernel, name: str, technicians: int, corrective_first: bool = True) -> None:
        super().__init__(kernel, name)
        self.free = self.technicians = integer(f"{name}.technicians", technicians, low=1)
        self.corrective_first = corrective_first
        self._corrective: deque[Station] = deque()
        self._preventive: deque[Station] = deque()
        self.busy_seconds, self._since = 0.0, 0.0

    def request(self, station: Station, *, corrective: bool) -> None:
        """Send someone as soon as there is someone: `station.attend` is called."""
        (self._corrective if corrective or not self.corrective_first else self._preventive).append(station)
        self._dispatch()

    def withdraw(self, station: Station) -> None:
        """The station no longer needs planned work."""
        for queue in (self._preventive, self._corrective):
            if station in queue:
                queue.remove(station)

    def release(self) -> None:
        """A technician is done."""
        self._count()
        self.free += 1
        self._dispatch()

    def _dispatch(self) -> None:
        while self.free and (self._corrective or self._preventive):
            self._count()
            self.free -= 1
            queue = self._corrective or self._preventive
            self.kernel.soon(queue.popleft().attend)

    def _count(self) -> None:
        now = self.kernel._now
        self.busy_seconds += (self.technicians - self.free) * (now - self._since)
        self._since = now
