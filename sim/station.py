"""A station: takes a part, works on it, passes it on; wears, fails, is repaired and maintained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim import contract
from sim.buffer import Buffer, Part
from sim.crew import Crew
from sim.distribution import Distribution
from sim.kernel import Component, Kernel, Timer
from sim.quality import Quality
from sim.router import Router
from sim.streams import Stream
from sim.wear import Wear

if TYPE_CHECKING:
    from sim.journal import Journal
    from sim.wip import WorkInProcess

STATES = ("idle", "busy", "blocked", "down", "maintenance")
IDLE, BUSY, BLOCKED, DOWN, MAINTENANCE = range(5)


class Maintenance:
    """How long work on a station takes (distributions in seconds) and what a job costs."""

    def __init__(
        self, *, preventive: Distribution, corrective: Distribution, preventive_cost: float, corrective_cost: float
    ) -> None:
        self.preventive, self.corrective = preventive, corrective
        self.preventive_cost, self.corrective_cost = preventive_cost, corrective_cost


class Station(Component):
    """One machine. seconds: [states] time spent in each; cycles: parts finished; scrapped: parts thrown away here.

    inputs: it takes one part from each (several make it an assembly). inspects: defective parts are found here and
    scrapped, or sent to `rework`. wear, quality and maintenance may be None. power: watts by state.
    A cycle is one event. A failure stops it and the rest of the work is done after the repair; planned work waits for
    a technician while the station goes on, then for the end of the cycle.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        cycle: Distribution,
        inputs: Sequence[Buffer],
        wip: WorkInProcess,
        journal: Journal,
        crew: Crew | None = None,
        wear: Wear | None = None,
        quality: Quality | None = None,
        maintenance: Maintenance | None = None,
        power: Sequence[float] = (0.0,) * 5,
        inspects: bool = True,
    ) -> None:
        super().__init__(kernel, name)
        self._cycle, self._inputs, self._wip, self._journal = cycle, tuple(inputs), wip, journal
        self._one = self._inputs[0] if len(self._inputs) == 1 else None
        self.crew, self.wear, self.quality, self.maintenance = crew, wear, quality, maintenance
        self.power, self._inspects = tuple(power), inspects
        if wear is not None and maintenance is None:
            raise ValueError(f"{name}.maintenance: a station with wear needs maintenance times")
        self.router: Router | None = None
        self.rework: Buffer | None = None
        self.speed = 1.0
        self.state, self._since = IDLE, 0.0
        self.seconds = [0.0] * 5
        self._energy_seconds = [0.0] * 5
        self.joules = 0.0
        self.cycles = self.scrapped = self.reworked = self.failures = self.maintained = 0
        self.ordered = self._attended = False
        self._part: Part | None = None
        self._left, self._lasts, self._begun, self._mode = 0.0, math.inf, 0.0, ""
        self._timer = Timer(kernel, self._end_of_work)
        self._job = Timer(kernel, self._end_of_job)
        kernel.soon(self.wake)

    # Flow of parts

    def wake(self) -> None:
        """There may be a part to take; a station that cannot take it now passes the word on."""
        if self.state == IDLE:
            self._take()
            return
        for source in self._inputs:
            if source.ready and source.getters:
                self.kernel.soon(source.getters.popleft().wake)

    def _take(self) -> None:
        one = self._one
        if one is not None:
            if not one.ready:
                self._wait_for(one)
                return
            self._part = one.get()
        else:
            for source in self._inputs:
                if not source.ready:
                    self._wait_for(source)
                    return
            parts = [source.get() for source in self._inputs]
            for joined in parts[1:]:
                self._wip.leave(self.kernel._now, joined[0])
            self._part = (min(p[0] for p in parts), all(p[1] for p in parts), parts[0][2])
        self._work(self._cycle.draw())

    def _wait_for(self, source: Buffer) -> None:
        if self.state != IDLE:
            self._enter(IDLE)
        if self not in source.getters:
            source.getters.append(self)

    def _work(self, nominal: float) -> None:
        """Work for `nominal` seconds at speed 1, or until a failure."""
        seconds = nominal / self.speed
        if self.state != BUSY:
            self._enter(BUSY)
        self._left = nominal
        if self.wear is not None:
            self._lasts, self._mode = self.wear.work(seconds, self.speed)
            if self._lasts < seconds:
                self._left = nominal - self._lasts * self.speed
                seconds = self._lasts
            else:
                self._left = 0.0
        else:
            self._left = 0.0
        self._timer.set(seconds)

    def _end_of_work(self) -> None:
        if self._left > 0.0:
            self._fail()
            return
        self.cycles += 1
        part = self._part
        assert part is not None
        if self.quality is not None and not self.quality.good(self.wear.wear if self.wear else 0.0, self.speed):
            part = (part[0], False, part[2])
        if self._inspects and not part[1]:
            self._reject(part)
        else:
            self._part = part
            router = self.router
            assert router is not None
            if not router.choose().put(part, self):
                self._enter(BLOCKED)
                if self._attended:
                    self._begin_maintenance()
                return
            self._part = None
        self._next()

    def _reject(self, part: Part) -> None:
        self._part = None
        if self.rework is not None and part[2] == 0 and self.rework.room > 0:
            self.reworked += 1
            self.rework.put((part[0], True, 1), self)
        else:
            self.scrapped += 1
            self._wip.leave(self.kernel._now, part[0])

    def hand_over(self) -> Part:
        """Give the part that was held for want of room."""
        part, self._part = self._part, None
        assert part is not None
        if self.state == BLOCKED:
            self.kernel._soon.append(self._freed)
        return part

    def _freed(self) -> None:
        if self.state == BLOCKED and self._part is None:
            self._next()

    def _next(self) -> None:
        if self._attended:
            self._begin_maintenance()
        else:
            self._take()

    # Failures and work on the station

    def _fail(self) -> None:
        self.failures += 1
        self._enter(DOWN)
        self._journal.note(self.name, contract.FAILED, self._mode)
        if self._attended:  # someone is here for planned work already
            self._begin_repair()
            return
        if self.crew is not None:
            if self.ordered:
                self.crew.withdraw(self)
            self.crew.request(self, corrective=True)
        else:
            self._begin_repair()

    def order(self) -> str:
        """Order planned work. Returns why it is refused, or an empty string."""
        if self.maintenance is None:
            return "the station has no maintenance"
        if self.state in (DOWN, MAINTENANCE):
            return f"the station is {STATES[self.state]}"
        if self.ordered:
            return "it is ordered already"
        self.ordered = True
        if self.crew is not None:
            self.crew.request(self, corrective=False)
        else:
            self.kernel.soon(self.attend)
        return ""

    def attend(self) -> None:
        """A technician has come."""
        self._attended = True
        if self.state == DOWN:
            self._begin_repair()
        elif self.state != BUSY:
            self._begin_maintenance()

    def _begin_repair(self) -> None:
        assert self.maintenance is not None
        self._journal.note(self.name, contract.REPAIR_STARTED)
        self._job.set(self._duration(self.maintenance.corrective, "repair"))

    def _begin_maintenance(self) -> None:
        assert self.maintenance is not None
        for source in self._inputs:
            if self in source.getters:
                source.getters.remove(self)
        self._enter(MAINTENANCE)
        self._journal.note(self.name, contract.MAINTENANCE_STARTED)
        self._job.set(self._duration(self.maintenance.preventive, "upkeep"))

    def _duration(self, distribution: Distribution, what: str) -> float:
        """Drawn from the life's own stream, so that one policy's luck is the other's."""
        stream, number = distribution.stream, self.wear.number if self.wear else self.failures + self.maintained
        name = f"{self.name}.{what}/{number}"
        distribution.stream = Stream(stream.seed, name, stream.law, stream.parameter, block=1)
        return distribution.draw()

    def _end_of_job(self) -> None:
        corrective = self.state == DOWN
        if corrective:
            self._journal.note(self.name, contract.REPAIRED)
        else:
            self.maintained += 1
            self._journal.note(self.name, contract.MAINTAINED)
        if self.wear is not None:
            self.wear.renew(perfect=corrective)
        self.ordered = self._attended = False
        if self.crew is not None:
            self.crew.release()
        self._resume()

    def _resume(self) -> None:
        if self.state == DOWN and self._part is not None and self._left > 0.0:
            self._work(self._left)
        elif self._part is not None:  # it still waits for room
            self._enter(BLOCKED)
        else:
            self._take()

    # Accounts

    def set_speed(self, speed: float) -> None:
        """From the next cycle on."""
        self.speed = speed

    def _enter(self, state: int) -> None:
        now = self.kernel._now
        self.seconds[self.state] += now - self._since
        self._since = now
        self.state = state

    def settle(self) -> None:
        """Bring `seconds` up to now."""
        self._enter(self.state)

    def take_energy(self) -> float:
        """Joules since the last call; busy power grows with speed."""
        self._enter(self.state)
        joules = 0.0
        for state, watts in enumerate(self.power):
            spent = self.seconds[state] - self._energy_seconds[state]
            joules += spent * (watts * self.speed if state == BUSY else watts)
            self._energy_seconds[state] = self.seconds[state]
        self.joules += joules
        return joules

    @property
    def scrap_rate(self) -> float:
        """Probability of a defect as things stand."""
        return self.quality.probability(self.wear.wear if self.wear else 0.0, self.speed) if self.quality else 0.0

    def reseed(self, seed: int) -> None:
        """Another future: every stream that this station draws from."""
        self._cycle.stream.reseed(seed)
        if self.quality is not None:
            self.quality.stream.reseed(seed)
        if self.maintenance is not None:
            self.maintenance.preventive.stream.reseed(seed)
            self.maintenance.corrective.stream.reseed(seed)
        if self.wear is not None:
            self.wear.reseed(seed)
        if self.router is not None:
            self.router.stream.reseed(seed)
        if self.state == BUSY and self.wear is not None and self._left > 0.0:
            self._forget_failure()

    def _forget_failure(self) -> None:
        """A failure that was already drawn for this cycle belongs to the future that is given up."""
        assert self.wear is not None
        remaining = self._timer.time - self.kernel._now
        self._work(self._left + remaining * self.speed)
