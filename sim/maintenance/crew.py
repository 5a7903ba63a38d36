"""Technicians of one trade."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sim.contract import Schedule
from sim.engine.checks import integer
from sim.engine.distribution import Distribution
from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import Stream


class Crew(Component):
    """People who repair and maintain; a job needs one.

    technicians: how many at all times; or shifts: how many are on duty when (a job begun is finished in overtime).
    skills: what they can do; empty for everything. travel: seconds to a job, None for none.
    corrective_first: whether failures go before planned work. Among equals the client with the higher `priority` does,
    then the one that asked first.

    busy: people with a job. busy_seconds: person-seconds spent on jobs, the way there included; present_seconds: on
    duty or in overtime; both as of the last change or `accrue`. on_free: called when somebody may have become free.
    Raises ValueError for technicians < 1 and for shifts with nobody on duty.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        technicians: int,
        corrective_first: bool = True,
        shifts: Schedule | None = None,
        skills: Sequence[str] = (),
        travel: Distribution | None = None,
    ) -> None:
        super().__init__(kernel, name)
        self.technicians = integer(f"{name}.technicians", technicians, low=1)
        self.corrective_first, self.shifts = corrective_first, shifts
        self.skills, self.travel = tuple(skills), travel
        self.busy = 0
        self.busy_seconds, self.present_seconds, self._since = 0.0, 0.0, 0.0
        self.on_free: Callable[[], None] | None = None
        if shifts is not None:
            if not any(shifts.values):
                raise ValueError(f"{shifts.name}.values = {list(shifts.values)}: someone must be on duty at some time")
            self._timer = Timer(kernel, self._change_shift, STRIKES)
            self._change_shift()

    def can(self, skill: str) -> bool:
        """Whether they can do a job that asks for `skill` ("" is any)."""
        return not skill or not self.skills or skill in self.skills

    @property
    def most(self) -> int:
        """The most who are ever on duty."""
        return self.technicians if self.shifts is None else round(max(self.shifts.values))

    @property
    def free(self) -> int:
        """On duty without a job; negative while some finish theirs in overtime."""
        return self.technicians - self.busy

    def go(self) -> None:
        """Somebody sets out."""
        self.accrue()
        self.busy += 1

    def release(self) -> None:
        """Somebody is done."""
        self.accrue()
        self.busy -= 1
        if self.on_free is not None:
            self.on_free()

    def way_to(self, station: str) -> Stream:
        """Times to get there, by the number of the job: they are the station's own, whoever else is called."""
        assert self.travel is not None
        stream = self.travel.stream
        return Stream(stream.seed, f"{stream.name}.{station}", stream.law, stream.parameters)

    def reseed(self, seed: int) -> None:
        """Other ways from here on."""
        if self.travel is not None:
            self.travel.stream.reseed(seed)

    def _change_shift(self) -> None:
        assert self.shifts is not None
        self.accrue()
        self.technicians = round(self.shifts.at(self.kernel._now))
        wait = self.shifts.until_change(self.kernel._now)
        if wait < math.inf:
            self._timer.set(wait)
        if self.on_free is not None:
            self.on_free()

    def accrue(self) -> None:
        """Bring `busy_seconds` and `present_seconds` up to now."""
        now = self.kernel._now
        self.busy_seconds += self.busy * (now - self._since)
        self.present_seconds += max(self.busy, self.technicians) * (now - self._since)
        self._since = now
