"""A station: takes a part, works on it, passes it on; wears, fails, is repaired and maintained."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush
from typing import TYPE_CHECKING, ClassVar

from simpy.events import NORMAL

from sim import contract
from sim.buffer import Buffer, Part
from sim.crew import Crew
from sim.distribution import Distribution
from sim.kernel import Component, Kernel, Timer
from sim.quality import Quality
from sim.router import Router
from sim.spares import Spares
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
    joined: parts that became part of another here.

    inputs: it takes one part from each (several make it an assembly). inspects: defective parts are found here and
    scrapped, or sent to `rework`. wear, quality and maintenance may be None. power: watts by state.
    priority: higher is served first by the crew.
    A cycle is one event. A failure stops it and the rest of the work is done after the repair; planned work waits for
    a technician while the station goes on, then for the end of the cycle.
    """

    SHARED: ClassVar[tuple[str, ...]] = ("power",)

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
        spares: Spares | None = None,
        priority: float = 0.0,
    ) -> None:
        super().__init__(kernel, name)
        self._cycle, self._inputs, self._wip, self._journal = cycle, tuple(inputs), wip, journal
        self._one = self._inputs[0] if len(self._inputs) == 1 else None
        self.crew, self.wear, self.quality, self.maintenance = crew, wear, quality, maintenance
        self.spares, self.priority = spares, priority
        self.power, self._inspects = tuple(power), inspects
        if wear is not None and maintenance is None:
            raise ValueError(f"{name}.maintenance: a station with wear needs maintenance times")
        self.router: Router | None = None
        self.rework: Buffer | None = None
        self.speed = 1.0
        self.state, self._since = IDLE, 0.0
        self.seconds = [0.0] * 5
        self._watts = list(power)
        self.joules = self._taken = 0.0
        self.cycles = self.scrapped = self.reworked = self.joined = self.failures = self.maintained = 0
        self.failures_by_mode: dict[str, int] = {}
        self.waited, self._failed, self._job_begun = 0.0, 0.0, 0.0
        self.ordered = self._attended = self._supplied = self._awaits_spare = False
        self._part: Part | None = None
        self._left, self._begun, self._pace, self._mode = 0.0, 0.0, 1.0, ""
        self._timer = Timer(kernel, self._end_of_work)
        self._job = Timer(kernel, self._end_of_job)
        kernel.soon(self.wake)

    # Flow of parts

    def wake(self) -> None:
        """There may be a part to take."""
        if self.state == IDLE:
            self._take()
        else:
            for source in self._inputs:  # it has gone out of service meanwhile: someone else may take the part
                source.call()

    def _take(self) -> None:
        one = self._one
        part = one.get() if one is not None else self._assemble()
        if part is not None:
            self._part = part
            self._work(self._cycle.draw())
            return
        if self.state != IDLE:
            self._enter(IDLE)
        empty = one if one is not None else next(source for source in self._inputs if not source.ready)
        if self not in empty.getters:
            empty.getters.append(self)

    def _assemble(self) -> Part | None:
        """One part from each input, joined; or None where an input has none."""
        for source in self._inputs:
            if not source.ready:
                return None
        parts = [part for source in self._inputs if (part := source.get()) is not None]
        for joined in parts[1:]:
            self.joined += 1
            self._wip.leave(self.kernel._now, joined[0])
        return min(p[0] for p in parts), all(p[1] for p in parts), parts[0][2]

    def _work(self, nominal: float, pace: float = 0.0) -> None:
        """Work for `nominal` seconds at speed 1, or until a failure."""
        self._pace = speed = pace or self.speed
        seconds = nominal / speed
        if self.state != BUSY:
            self._enter(BUSY)
        self._left = 0.0
        if self.wear is not None:
            lasts, self._mode = self.wear.work(seconds, speed)
            if lasts < seconds:
                self._left = nominal - lasts * speed
                seconds = lasts
        kernel, timer = self.kernel, self._timer
        self._begun = now = kernel._now
        kernel.count = timer.armed = count = kernel.count + 1  # Timer.set, written out: once a cycle
        timer.time = time = now + seconds
        heappush(kernel._queue, (time, NORMAL, count, timer))

    def _end_of_work(self) -> None:
        if self._left > 0.0:
            self._fail()
            return
        self.cycles += 1
        part = self._part
        assert part is not None
        wear = self.wear
        if self.quality is not None and not self.quality.good(wear.wear if wear is not None else 0.0, self._pace):
            part = (part[0], False, part[2])
        if self._inspects and not part[1]:
            self._reject(part)
        else:
            router = self.router
            assert router is not None
            target = router.only or router.choose()
            if target is None or not target.put(part, self):
                if target is None:
                    router.wait(self)
                self._part = part
                self._enter(BLOCKED)
                if self._attended:
                    self._begin_maintenance()
                return
            self._part = None
        if self._attended:
            self._begin_maintenance()
        else:
            self._take()

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
        assert self.router is not None
        if self.router.only is None:
            self.router.found(self)
        if self.state == BLOCKED:
            self.kernel._soon.append(self._freed)
        return part

    def _freed(self) -> None:
        if self.state == BLOCKED and self._part is None:
            self._take()

    # Failures and work on the station

    def _fail(self) -> None:
        self.failures += 1
        self._failed = self.kernel._now
        self.failures_by_mode[self._mode] = self.failures_by_mode.get(self._mode, 0) + 1
        self._enter(DOWN)
        self._journal.note(self.name, contract.FAILED, self._mode)
        if self._attended:  # someone is here for planned work already
            self._begin_repair()
            return
        if self.crew is not None and self.ordered:
            self.crew.withdraw(self)
        self._call(corrective=True)

    def command(self, actuator: str, value: float) -> str:
        """Carry out `maintain` or `speed`. Returns why it is refused, or an empty string."""
        if actuator == "maintain":
            return self.order()
        self.set_speed(value)
        return ""

    def order(self) -> str:
        """Order planned work. Returns why it is refused, or an empty string."""
        if self.maintenance is None:
            return "the station has no maintenance"
        if self.state in (DOWN, MAINTENANCE):
            return f"the station is {STATES[self.state]}"
        if self.ordered:
            return "it is ordered already"
        self.ordered = True
        self._call(corrective=False)
        return ""

    def _call(self, *, corrective: bool) -> None:
        """For a spare part, where the job needs one, then for a technician."""
        if self.spares is not None and not self._supplied:
            if not self._awaits_spare:
                self._awaits_spare = True
                self.spares.request(self)
        elif self.crew is not None:
            self.crew.request(self, corrective=corrective)
        else:
            self.kernel.soon(self.attend)

    def supply(self) -> None:
        """A spare part has come."""
        self._supplied, self._awaits_spare = True, False
        self._call(corrective=self.state == DOWN)

    def attend(self) -> None:
        """A technician has come."""
        self._attended = True
        if self.state == DOWN:
            self._begin_repair()
        elif self.state != BUSY:
            self._begin_maintenance()

    def _begin_repair(self) -> None:
        assert self.maintenance is not None
        self.waited += self.kernel._now - self._failed
        self._journal.note(self.name, contract.REPAIR_STARTED)
        self._start_job(self.maintenance.corrective)

    def _begin_maintenance(self) -> None:
        assert self.maintenance is not None
        for source in self._inputs:
            if self in source.getters:
                source.getters.remove(self)
        self._enter(MAINTENANCE)
        self._journal.note(self.name, contract.MAINTENANCE_STARTED)
        self._start_job(self.maintenance.preventive)

    def _start_job(self, duration: Distribution) -> None:
        """A job's time is drawn by the number of the life, so that one policy's luck is the other's."""
        self._job_begun = self.kernel._now
        self._job.set(duration.stream.at(self.wear.number if self.wear else self.failures + self.maintained))

    def _end_of_job(self) -> None:
        corrective = self.state == DOWN
        if corrective:
            self._journal.note(self.name, contract.REPAIRED)
        else:
            self.maintained += 1
            self._journal.note(self.name, contract.MAINTAINED)
        if self.wear is not None:
            self.wear.renew(perfect=corrective)
        self.ordered = self._attended = self._supplied = False
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
        """From the next cycle on; the power drawn follows at once."""
        self.settle()
        self.speed = speed
        self._watts[BUSY] = self.power[BUSY] * speed

    def _enter(self, state: int) -> None:
        now, before = self.kernel._now, self.state
        spent = now - self._since
        self.seconds[before] += spent
        self.joules += spent * self._watts[before]
        self._since = now
        self.state = state

    def settle(self) -> None:
        """Bring `seconds` and `joules` up to now."""
        self._enter(self.state)

    def take_energy(self) -> float:
        """Joules since the last call; busy power grows with speed."""
        self._enter(self.state)
        taken = self.joules - self._taken
        self._taken = self.joules
        return taken

    @property
    def cycle_time(self) -> float:
        """Mean seconds per part at speed 1."""
        return self._cycle.mean

    @property
    def scrap_rate(self) -> float:
        """Probability of a defect as things stand."""
        return self.quality.probability(self.wear.wear if self.wear else 0.0, self.speed) if self.quality else 0.0

    def reseed(self, seed: int) -> None:
        """Another future from here on: of every stream drawn from, and of what was drawn for later already.

        The failure level and the next shock are drawn again given survival so far, a job in progress given how long it
        has taken. The work content of the part in hand is the part's own and stays.
        """
        streams = [self._cycle.stream]
        if self.quality is not None:
            streams.append(self.quality.stream)
        if self.router is not None:
            streams.append(self.router.stream)
        if self.maintenance is not None:
            streams += [self.maintenance.preventive.stream, self.maintenance.corrective.stream]
        for stream in streams:
            stream.reseed(seed)
        if self._job.armed >= 0 and self.maintenance is not None:
            self._redraw_job(self.maintenance.corrective if self.state == DOWN else self.maintenance.preventive)
        if self.wear is not None:
            self._redraw_failure(self.wear, seed)

    def _redraw_job(self, duration: Distribution) -> None:
        elapsed = self.kernel._now - self._job_begun
        again = duration.stream.again(str(self.failures + self.maintained), elapsed)
        if again is not None:
            self._job.set(again - elapsed)

    def _redraw_failure(self, wear: Wear, seed: int) -> None:
        if self.state != BUSY:
            wear.reseed(seed)
            return
        whole, left = self._timer.time - self._begun, self._timer.time - self.kernel._now
        wear.take_back(left / whole if whole > 0 else 0.0)
        wear.reseed(seed)
        self._work(self._left + left * self._pace, self._pace)
