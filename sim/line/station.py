"""A station: takes a part, works on it, passes it on; may fail, be repaired and maintained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import heappush

from simpy.events import NORMAL

from sim.engine.distribution import Distribution
from sim.engine.kernel import Kernel, Timer
from sim.line.buffer import Buffer
from sim.line.discrete_wear import DiscreteWear
from sim.line.failure_mode import FailureMode
from sim.line.failure_modes import Failures
from sim.line.machine import BLOCKED, BUSY, DOWN, IDLE, StateClock
from sim.line.operators import Operators
from sim.line.part import CARD, ENTERED, GOOD, REWORKED, Part
from sim.line.quality import Quality
from sim.line.routing import Router
from sim.line.standing_plan import StandingPlan
from sim.line.station_upkeep import StationUpkeep
from sim.line.wear import Wear
from sim.line.work_in_process import WorkInProcess


class Station(StateClock):
    """A machine in a line. cycle_time: mean seconds per part at speed 1; cycles: parts finished; scrapped: parts thrown away here. joined: parts that became part of another here; worked: seconds of work so far, as far as it is planned.

    inputs: it takes one part from each (several make it an assembly). inspects: defective parts are found here and
    scrapped, or sent to `rework`. wear, quality and operators may be None.
    What comes after it (`connect`) and what looks after it (`attach`) is made later.
    A cycle is one event. What strikes in the middle of one stops it, and the rest of the work is done afterwards.
    """

    router: Router
    _only: Buffer | None  # the router's only target

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        cycle: Distribution,
        inputs: Sequence[Buffer],
        wip: WorkInProcess,
        wear: Wear | DiscreteWear | None = None,
        quality: Quality | None = None,
        operators: Operators | None = None,
        power: Sequence[float] = (0.0,) * 5,
        inspects: bool = True,
    ) -> None:
        super().__init__(kernel=kernel, name=name, power=power)
        self._cycle, self.inputs, self._wip = cycle, tuple(inputs), wip
        self.cycle_time = cycle.mean
        self._one = self.inputs[0] if len(self.inputs) == 1 else None
        self.wear, self.quality, self.operators = wear, quality, operators
        self._inspects = inspects
        self.rework: Buffer | None = None
        self.upkeep: StationUpkeep | None = None
        self.failures: Failures | None = None
        self.plan: StandingPlan | None = None
        self.cycles = self.scrapped = self.reworked = self.joined = 0
        self._operated = False
        self._part: Part | None = None
        self._left, self._begun, self._pace, self._mode = 0.0, 0.0, 1.0, ""
        self.worked, self._strike = 0.0, math.inf
        self._timer = Timer(kernel, self._end_of_work)
        self.attach()
        kernel.soon(self.wake)

    def connect(self, router: Router, rework: Buffer | None = None) -> None:
        """Take the way out, and where defective parts go, None to the scrap."""
        self.router, self.rework = router, rework
        self._only = router.only

    def attach(
        self, upkeep: StationUpkeep | None = None, failures: Failures | None = None, plan: StandingPlan | None = None
    ) -> None:
        """Take what looks after it."""
        self.upkeep, self.failures, self.plan = upkeep, failures, plan
        # Whether something has to be looked at when a cycle ends, and when one begins; most stations have neither.
        discrete = self.wear is not None and self.wear.discrete
        self._watches = discrete or self.operators is not None or (plan is not None and plan.wear_limit < math.inf)
        self._gated = self.operators is not None or (failures is not None and failures.counts)
        self.held = self._watches
        self.refresh()

    # Flow of parts

    def wake(self) -> None:
        """There may be a part to take, or an operator."""
        if self.state == IDLE:
            if self._part is not None:
                self._go_on()
            else:
                self._take()
            return
        for source in self.inputs:  # it has gone out of service meanwhile: someone else may take the part
            source.call()
        if self.operators is not None:
            self.operators.withdraw(self)

    def _take(self) -> None:
        if self._gated:
            self._take_gated()
            return
        one = self._one
        if one is None:
            part = self._assemble()
        elif one.plain and one.parts and not one.putters:
            part = one.parts.popleft()
        else:
            part = one.get()
        if part is None:
            self._starve()
            return
        self._part = part
        cycle = self._cycle
        try:
            nominal = cycle.pop()
        except IndexError:
            nominal = cycle.refill()
        # As in `_work`, written out: this is what most cycles are, and a call costs a tenth of one.
        self._pace = speed = self.speed
        seconds = nominal / speed
        if self.state != BUSY:
            self._enter(BUSY)
        if self.wear is not None:
            lasts, mode = self.wear.work(seconds, speed)
            if mode:
                self._left, self._mode = nominal - lasts * speed, mode
                seconds = lasts
        worked = self.worked + seconds
        if worked > self._strike:
            seconds = self._cut(nominal, seconds, speed)
            worked = max(self._strike, self.worked)
        self.worked = worked
        kernel, timer = self.kernel, self._timer
        self._begun = now = kernel._now
        kernel.count = timer.armed = count = kernel.count + 1
        timer.time = time = now + seconds
        heappush(kernel._queue, (time, NORMAL, count, timer))

    def _take_gated(self) -> None:
        """Where a cycle takes an operator, or failures are counted in cycles."""
        if self.operators is not None and all(source.ready for source in self.inputs):
            if not self.operators.take(self):
                self._enter(IDLE)
                return
            self._operated = True
        part = self._one.get() if self._one is not None else self._assemble()
        if part is None:
            self._let_go()
            self._starve()
            return
        self._part, nominal = part, self._cycle.draw()
        mode = self.failures.start() if self.failures is not None else None
        if mode is not None:
            self._left, self._pace = nominal, self.speed
            self.break_down(mode.name, mode)
        else:
            self._work(nominal)

    def _starve(self) -> None:
        if self.state != IDLE:
            self._enter(IDLE)
        one = self._one
        (one if one is not None else next(source for source in self.inputs if not source.ready)).wait(self)

    def _assemble(self) -> Part | None:
        """One part from each input, joined; or None where an input has none."""
        for source in self.inputs:
            if not source.ready:
                return None
        parts = [part for source in self.inputs if (part := source.get()) is not None]
        for joined in parts[1:]:
            self.joined += 1
            self._wip.leave(self.kernel._now, joined)
        return min(p[ENTERED] for p in parts), all(p[GOOD] for p in parts), parts[0][REWORKED], parts[0][CARD]

    def _work(self, nominal: float, pace: float = 0.0) -> None:
        """Work for `nominal` seconds at speed 1, or until something strikes."""
        self._pace = speed = pace or self.speed
        seconds = nominal / speed
        if self.state != BUSY:
            self._enter(BUSY)
        self._left = 0.0
        if self.wear is not None:
            lasts, mode = self.wear.work(seconds, speed)
            if mode:
                self._left, self._mode = nominal - lasts * speed, mode
                seconds = lasts
        worked = self.worked + seconds
        if worked > self._strike:
            seconds = self._cut(nominal, seconds, speed)
            worked = max(self._strike, self.worked)
        self.worked = worked
        kernel, timer = self.kernel, self._timer
        self._begun = now = kernel._now
        kernel.count = timer.armed = count = kernel.count + 1  # Timer.set, written out: once a cycle
        timer.time = time = now + seconds
        heappush(kernel._queue, (time, NORMAL, count, timer))

    def _cut(self, nominal: float, seconds: float, speed: float) -> float:
        """Something strikes before these `seconds` are over: how long until then."""
        until = max(self._strike - self.worked, 0.0)
        if self.wear is not None:
            self.wear.take_back(1.0 - until / seconds)
        self._left, self._mode = nominal - until * speed, ""
        return until

    def _end_of_work(self) -> None:
        if self._left > 0.0:
            self._struck()
            return
        self.cycles += 1
        part = self._part
        assert part is not None
        quality = self.quality
        if quality is not None and not quality.good(self.wear.wear if self.wear is not None else 0.0, self._pace):
            part = (part[ENTERED], False, part[REWORKED], part[CARD])
        if self._inspects and not part[GOOD]:
            self._reject(part)
        else:
            target = self._only or self.router.choose()
            if target is None or not target.put(part, self):
                if target is None:
                    self.router.wait(self)
                self._part = part
                self._enter(BLOCKED)
                if self.held:
                    self._look()
                return
            self._part = None
        if self.held:
            self._look()
            if self.state != BUSY:
                return
        self._take()

    def _reject(self, part: Part) -> None:
        self._part = None
        if self.rework is not None and part[REWORKED] == 0 and self.rework.room > 0:
            self.reworked += 1
            self.rework.put((part[ENTERED], True, 1, part[CARD]), self)
        else:
            self.scrapped += 1
            self._wip.leave(self.kernel._now, part)

    def hand_over(self) -> Part:
        """Give the part that was held for want of room."""
        part, self._part = self._part, None
        assert part is not None
        if self._only is None:
            self.router.found(self)
        if self.state == BLOCKED:
            self.kernel._soon.append(self._freed)
        return part

    def _freed(self) -> None:
        if self.state == BLOCKED and self._part is None:
            self._take()

    # Out of service and back

    def _look(self) -> None:
        """The cycle is over: the operator leaves; what waited for it, or shows only now, comes first."""
        self._let_go()
        wear, plan, upkeep = self.wear, self.plan, self.upkeep
        if wear is not None and wear.discrete and wear.end_cycle(self._pace):
            self.break_down("wear", None)
        elif plan is not None and wear is not None and wear.wear >= plan.wear_limit:
            plan.due()
            self.refresh()
        if upkeep is not None and self.held and not self.stands:
            upkeep.end_of_cycle()

    def _struck(self) -> None:
        """Something was due at this point of the work."""
        if self._mode:
            self.break_down(self._mode, None)
            return
        mode = self.failures.due(self.worked) if self.failures is not None else None
        if mode is not None:
            self.break_down(mode.name, mode)
            return
        if self.plan is not None and self.plan.strike <= self.worked:
            self.plan.due()
            self.refresh()
        if self.state == BUSY and self._timer.armed < 0:
            self._work(self._left, self._pace)

    def break_down(self, name: str, mode: FailureMode | None) -> None:
        """Fail; mode: None for wear."""
        if self.state == BUSY:
            self.interrupt()
        self.stop(DOWN)
        assert self.upkeep is not None
        self.upkeep.fail(name, mode)

    def interrupt(self) -> None:
        """Stop the work in hand, if any; the rest is done later."""
        timer = self._timer
        if timer.armed < 0:
            return
        left, whole = timer.time - self.kernel._now, timer.time - self._begun
        if self.wear is not None:
            self.wear.take_back(left / whole if whole > 0 else 0.0)
        self.worked -= left
        self._left += left * self._pace
        timer.cancel()

    def stop(self, state: int) -> None:
        """Go out of service, DOWN or into MAINTENANCE."""
        if self.state == IDLE:
            for source in self.inputs:
                if self in source.getters:
                    source.getters.remove(self)
            if self.operators is not None:
                self.operators.withdraw(self)
        self._let_go()
        self._enter(state)
        if self.failures is not None:
            self.failures.stand()

    def _let_go(self) -> None:
        if self._operated and self.operators is not None:
            self._operated = False
            self.operators.release()

    def resume(self) -> None:
        """Work on it is done."""
        if self.failures is not None:
            self.failures.resume()
        if self._part is None:
            self._take()
        elif self._left > 0.0:
            self._go_on()
        else:  # it still waits for room
            self._enter(BLOCKED)

    def _go_on(self) -> None:
        """With the rest of the work in hand."""
        if self.operators is not None:
            if not self.operators.take(self):
                self._enter(IDLE)
                return
            self._operated = True
        self._work(self._left)

    def unhold(self) -> None:
        """Nobody waits for the end of its cycle any more."""
        self.held = self._watches

    def refresh(self) -> None:
        """What is due next may have changed."""
        failures, plan = self.failures, self.plan
        self._strike = min(failures.strike if failures else math.inf, plan.strike if plan else math.inf)
        if self._strike < self.worked and self.state == BUSY and self._timer.armed >= 0:
            self.interrupt()
            self._work(self._left, self._pace)

    # Commands

    def command(self, actuator: str, value: float) -> str:
        """Carry out `maintain`, `speed` or `to_STATION`. Returns why it is refused, or an empty string."""
        if actuator == "maintain":
            return self.upkeep.order() if self.upkeep is not None else "the station has no maintenance"
        if actuator == "speed":
            self.set_speed(value)
        else:
            self.router.set_weight(actuator.removeprefix("to_"), value)
        return ""

    # Accounts

    def hazard(self) -> float:
        """Failures per second as things stand: given wear and ages, but not the failure level or any draw."""
        share = self.seconds[BUSY] / max(self.kernel._now, 1.0)
        total = self.wear.hazard(self.speed) * share if self.wear is not None else 0.0
        return total + (self.failures.hazard(self.worked, share) if self.failures is not None else 0.0)

    def reseed(self, seed: int) -> None:
        """Another future from here on: of every stream drawn from, and of what was drawn for later already.

        The failure level and the next shock are drawn again given survival so far. The work content of the part in hand
        is the part's own and stays.
        """
        streams = [self._cycle.stream, self.router.stream]
        if self.quality is not None:
            streams.append(self.quality.stream)
        for stream in streams:
            stream.reseed(seed)
        if self.wear is None:
            return
        working = self.state == BUSY and self._timer.armed >= 0
        if working:
            self.interrupt()
        self.wear.reseed(seed)
        if working:
            self._work(self._left, self._pace)
