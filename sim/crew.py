"""Technicians: a few, shared by all stations."""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from sim.checks import integer
from sim.contract import Schedule
from sim.kernel import Component, Kernel, Timer
from sim.schedule import until_change

if TYPE_CHECKING:
    from sim.station import Station


class Crew(Component):
    """People who repair and maintain; a job needs one. Each job is taken in order of rank, then of request.

    technicians: how many at all times; or shifts: how many are on duty when (a job begun is finished in overtime).
    corrective_first: whether failures go before planned work. Among equals the station with the higher `priority` does.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        technicians: int,
        corrective_first: bool = True,
        shifts: Schedule | None = None,
    ) -> None:
        super().__init__(kernel, name)
        self.technicians = integer(f"{name}.technicians", technicians, low=1)
        self.corrective_first, self.shifts = corrective_first, shifts
        self.busy = 0
        self.busy_seconds, self._since = 0.0, 0.0
        self._waiting: list[tuple[int, float, int, Station]] = []
        self._serial = 0
        self._timer = Timer(kernel, self._change_shift)
        if shifts is not None:
            if not any(shifts.values):
                raise ValueError(f"{shifts.name}.values = {list(shifts.values)}: someone must be on duty at some time")
            self._change_shift()

    def request(self, station: Station, *, corrective: bool) -> None:
        """Send someone as soon as there is someone: `station.attend` is called."""
        self._serial += 1
        rank = 0 if corrective or not self.corrective_first else 1
        heappush(self._waiting, (rank, -station.priority, self._serial, station))
        self._dispatch()

    def withdraw(self, station: Station) -> None:
        """The station no longer needs what it asked for."""
        self._waiting = [entry for entry in self._waiting if entry[3] is not station]
        heapify(self._waiting)

    def release(self) -> None:
        """A technician is done."""
        self._count()
        self.busy -= 1
        self._dispatch()

    def _dispatch(self) -> None:
        while self._waiting and self.busy < self.technicians:
            self._count()
            self.busy += 1
            self.kernel.soon(heappop(self._waiting)[3].attend)

    def _change_shift(self) -> None:
        assert self.shifts is not None
        self.technicians = round(self.shifts.at(self.kernel._now))
        wait = until_change(self.shifts, self.kernel._now)
        if wait < math.inf:
            self._timer.set(wait)
        self._dispatch()

    def _count(self) -> None:
        now = self.kernel._now
        self.busy_seconds += self.busy * (now - self._since)
        self._since = now
