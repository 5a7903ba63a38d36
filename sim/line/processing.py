"""The flow of parts through a station: it takes a part, works on it, passes it on."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush

from sim.engine.distribution import Distribution
from sim.engine.instant import STARTS
from sim.engine.kernel import Kernel, Timer
from sim.line.buffer import Buffer
from sim.line.discrete_wear import DiscreteWear
from sim.line.failure_mode import FailureMode
from sim.line.failure_modes import Failures
from sim.line.machine import BLOCKED, BUSY, IDLE
from sim.line.operators import Operators
from sim.line.part import CARD, ENTERED, GOOD, REWORKED, Part
from sim.line.quality import Quality
from sim.line.routing import Router
from sim.line.wear import Wear
from sim.line.work import Working
from sim.line.work_in_process import WorkInProcess


class Processing(Working):
    """What a station does to parts. A subclass says what happens when it fails (`attach` and what follows it).

    cycle: distribution of seconds per part at speed 1. inputs: it takes one part from each (several make it an
    assembly). inspects: defective parts are found here and scrapped, or sent to `rework`. wear, quality and operators
    may be None. What comes after it is made later (`connect`).

    cycle_time: mean seconds per part at speed 1. cycles, scrapped, reworked: parts finished, thrown away and sent to
    rework here. joined: parts that became part of another here. turn: see sim.engine.instant.
    """

    __slots__ = (
        "_cycle",
        "_direct",
        "_gated",
        "_inspects",
        "_one",
        "_only",
        "_operated",
        "_part",
        "_plain",
        "_start",
        "_wip",
        "cycle_time",
        "cycles",
        "failures",
        "inputs",
        "joined",
        "operators",
        "quality",
        "rework",
        "reworked",
        "router",
        "scrapped",
    )
    router: Router
    failures: Failures | None
    _only: Buffer | None  # the router's only target
    _direct: Buffer | None  # the same, where parts can be laid into it as its `put` would
    _gated: bool  # whether something has to be looked at before a cycle begins

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
        turn: float = 0.0,
    ) -> None:
        super().__init__(kernel=kernel, name=name, power=power, wear=wear, turn=turn)
        self._cycle, self.inputs, self._wip = cycle, tuple(inputs), wip
        self.cycle_time = cycle.mean
        self._one = self.inputs[0] if len(self.inputs) == 1 else None
        self._plain = self._one if self._one is not None and self._one.plain else None
        self.quality, self.operators = quality, operators
        self._inspects = inspects
        self.rework: Buffer | None = None
        self.cycles = self.scrapped = self.reworked = self.joined = 0
        self._operated = False
        self._part: Part | None = None
        self._start = Timer(kernel, self.wake, STARTS + turn)
        self.attach()
        self._start.set(0.0)

    def connect(self, router: Router, rework: Buffer | None = None) -> None:
        """Take the way out, and where defective parts go, None to the scrap."""
        self.router, self.rework = router, rework
        self._only = router.only
        self._direct = self._only if type(self._only) is Buffer else None

    @property
    def loaded(self) -> bool:
        """Whether it has a part in hand."""
        return self._part is not None

    # What a subclass adds

    def attach(self) -> None:
        """Take what looks after it, nothing at first."""
        raise NotImplementedError

    def break_down(self, name: str, mode: FailureMode | None) -> None:
        """Fail; mode: None for wear."""
        raise NotImplementedError

    def _struck(self) -> None:
        """Something was due at this point of the work."""
        raise NotImplementedError

    def _look(self) -> None:
        """The cycle is over, and `held`."""
        raise NotImplementedError

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
        source = self._plain
        if source is not None and not source.putters:
            part = source.parts.popleft() if source.parts else None
        else:
            part = self._one.get() if self._one is not None else self._assemble()
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
                seconds = self._stop_after(lasts, nominal, speed, mode)
        worked = self.worked + seconds
        if worked >= self._strike:
            seconds = self._cut(nominal, seconds, speed)
            worked = max(self._strike, self.worked)
        self.worked = worked
        kernel, timer = self.kernel, self._timer
        self._begun = now = kernel._now
        kernel.count = timer.armed = count = kernel.count + 1
        timer.time = time = now + seconds
        heappush(kernel._queue, (time, timer.order, count, timer))

    def _take_gated(self) -> None:
        """Where a cycle takes an operator, or failures are counted in cycles."""
        if self.operators is not None and not all(source.ready for source in self.inputs):
            self.operators.withdraw(self)
        elif self.operators is not None:
            if not self.operators.take(self):
                self._enter(IDLE)
                for source in self.inputs:  # another station may need no operator
                    source.call()
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
        """One part from each input, joined; or None where an input has none. The oldest goes on with the others."""
        for source in self.inputs:
            if not source.ready:
                return None
        parts = [part for source in self.inputs if (part := source.get()) is not None]
        oldest = min(parts, key=_entered)
        parts.remove(oldest)
        for joined in parts:
            self.joined += 1
            self._wip.leave(self.kernel._now, joined)
        return oldest[ENTERED], oldest[GOOD] and all(p[GOOD] for p in parts), oldest[REWORKED], oldest[CARD]

    def _end_of_work(self) -> None:
        if self._left > 0.0:
            self._timer.order = self._ends
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
            direct = self._direct
            if direct is not None and not direct.getters and len(direct.parts) < direct.capacity:
                direct.parts.append(part)
            elif not self._put(part):
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

    def _put(self, part: Part) -> bool:
        """Pass the part on; or, where there is no room, wait for some. True if passed on."""
        target = self._only or self.router.choose()
        if target is not None:
            return target.put(part, self)
        self.router.wait(self)
        return False

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
            self.router.stop_waiting(self)
        if self.state == BLOCKED:
            self.kernel._soon.append(self._freed)
        return part

    def _freed(self) -> None:
        if self.state == BLOCKED and self._part is None:
            self._take()

    def _go_on(self) -> None:
        """With the rest of the work in hand."""
        if self.operators is not None:
            if not self.operators.take(self):
                self._enter(IDLE)
                return
            self._operated = True
        self._continue()

    def _let_go(self) -> None:
        if self._operated and self.operators is not None:
            self._operated = False
            self.operators.release()


def _entered(part: Part) -> float:
    return part[ENTERED]
