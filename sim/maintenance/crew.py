"""Technicians of one trade, and who of them goes where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.contract import Schedule
from sim.engine.checks import integer
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.schedule import until_change
from sim.engine.streams import Stream

if TYPE_CHECKING:
    from sim.line.station_upkeep import StationUpkeep


class Crew(Component):
    """People who repair and maintain; a job needs one.

    technicians: how many at all times; or shifts: how many are on duty when (a job begun is finished in overtime).
    skills: what they can do; empty for everything. travel: seconds to a job, None for none.
    corrective_first: whether failures go before planned work. Among equals the station with the higher `priority` does,
    then the one that asked first. Raises ValueError for technicians < 1 and for shifts with nobody on duty.
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
        self.busy_seconds, self._since = 0.0, 0.0
        self.dispatcher: Dispatcher | None = None
        if shifts is not None:
            if not any(shifts.values):
                raise ValueError(f"{shifts.name}.values = {list(shifts.values)}: someone must be on duty at some time")
            self._timer = Timer(kernel, self._change_shift)
            self._change_shift()

    def can(self, skill: str) -> bool:
        """Whether they can do a job that asks for `skill` ("" is any)."""
        return not skill or not self.skills or skill in self.skills

    @property
    def free(self) -> int:
        """On duty without a job; negative while some finish theirs in overtime."""
        return self.technicians - self.busy

    def go(self) -> None:
        """Somebody sets out."""
        self._count()
        self.busy += 1

    def release(self) -> None:
        """Somebody is done."""
        self._count()
        self.busy -= 1
        if self.dispatcher is not None:
            self.dispatcher.dispatch()

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
        self.technicians = round(self.shifts.at(self.kernel._now))
        wait = until_change(self.shifts, self.kernel._now)
        if wait < math.inf:
            self._timer.set(wait)
        if self.dispatcher is not None:
            self.dispatcher.dispatch()

    def _count(self) -> None:
        now = self.kernel._now
        self.busy_seconds += self.busy * (now - self._since)
        self._since = now


@dataclass(frozen=True, slots=True)
class Job:
    """What a station has asked for. skill: what it takes, "" for anybody."""

    serial: int
    upkeep: StationUpkeep
    corrective: bool
    skill: str

    def rank(self, corrective_first: bool) -> tuple[int, float, int]:
        """Lowest first."""
        return int(corrective_first and not self.corrective), -self.upkeep.priority, self.serial


class Dispatcher(Component):
    """Sends the first crew that can and has somebody free; jobs wait where there is none."""

    def __init__(self, *, kernel: Kernel, name: str, crews: Sequence[Crew]) -> None:
        super().__init__(kernel, name)
        self.crews = tuple(crews)
        self._waiting: list[Job] = []
        self._serial = 0
        for crew in crews:
            crew.dispatcher = self

    def request(self, upkeep: StationUpkeep, *, corrective: bool, skill: str) -> None:
        """Send someone as soon as there is someone: `upkeep.assign` is called."""
        for crew in () if self._waiting else self.crews:
            if crew.free > 0 and crew.can(skill):
                crew.go()
                upkeep.assign(crew)
                return
        self._serial += 1
        self._waiting.append(Job(self._serial, upkeep, corrective, skill))
        if len(self._waiting) > 1:
            self.dispatch()

    def withdraw(self, upkeep: StationUpkeep) -> None:
        """The station no longer needs what it asked for."""
        self._waiting = [job for job in self._waiting if job.upkeep is not upkeep]

    def dispatch(self) -> None:
        """Send whoever can be sent."""
        for crew in self.crews:
            while self._waiting and crew.free > 0:
                fit = [job for job in self._waiting if crew.can(job.skill)]
                if not fit:
                    break
                job = min(fit, key=lambda j: j.rank(crew.corrective_first))  # used at once
                self._waiting.remove(job)
                crew.go()
                job.upkeep.assign(crew)
