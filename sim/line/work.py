"""The work in hand of a station: it takes its time, wears, and stops in the middle where something strikes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import heappush

from sim.engine.instant import ENDS, STRIKES
from sim.engine.kernel import Kernel, Timer
from sim.line.discrete_wear import DiscreteWear
from sim.line.machine import BUSY, StateClock
from sim.line.wear import Wear


class Working(StateClock):
    """What works. A subclass says what follows when the work ends, or is struck with some of it `_left`.

    worked: seconds of work so far, the cycle in hand counted whole. held: whether something has to be done when the
    cycle ends. A cycle is one event. What strikes in the middle of one stops it, and the rest of the work is done
    afterwards; what strikes at its very end strikes when the part is finished. turn: see sim.engine.instant.
    """

    __slots__ = (
        "_begun",
        "_continued",
        "_ends",
        "_left",
        "_mode",
        "_pace",
        "_strike",
        "_strikes",
        "_timer",
        "held",
        "wear",
        "worked",
    )
    held: bool
    _strike: float  # seconds of work at which something is due

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        power: Sequence[float],
        wear: Wear | DiscreteWear | None,
        turn: float,
    ) -> None:
        super().__init__(kernel=kernel, name=name, power=power)
        self.wear = wear
        self._left, self._begun, self._pace, self._mode = 0.0, 0.0, 1.0, ""
        self.worked, self._strike, self._continued = 0.0, math.inf, -1.0
        self._ends, self._strikes = ENDS + turn, STRIKES + turn
        self._timer = Timer(kernel, self._end_of_work, self._ends)

    def _end_of_work(self) -> None:
        """The time is over; some work is `_left` where something strikes."""
        raise NotImplementedError

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
                seconds = self._stop_after(lasts, nominal, speed, mode)
        worked = self.worked + seconds
        if worked >= self._strike:
            seconds = self._cut(nominal, seconds, speed)
            worked = max(self._strike, self.worked)
        self.worked = worked
        kernel, timer = self.kernel, self._timer
        self._begun = now = kernel._now
        kernel.count = timer.armed = count = kernel.count + 1  # Timer.set, written out: once a cycle
        timer.time = time = now + seconds
        heappush(kernel._queue, (time, timer.order, count, timer))

    def _cut(self, nominal: float, seconds: float, speed: float) -> float:
        """Something strikes when these `seconds` are over, or before: how long until then."""
        until = max(self._strike - self.worked, 0.0)
        if until >= seconds:
            self.held = True  # strikes at the very end
            return seconds
        if self.wear is not None:
            self.wear.take_back(1.0 - until / seconds)
        return self._stop_after(until, nominal, speed, "")

    def _stop_after(self, seconds: float, nominal: float, speed: float, mode: str) -> float:
        """Something strikes after these `seconds` of `nominal` at this speed; mode: of wear, "" for anything else."""
        left = nominal - seconds * speed
        self._mode = mode
        if left > 0.0:
            self._left, self._timer.order = left, self._strikes
        else:
            self.held = True  # strikes at the very end
        return seconds

    def _continue(self, pace: float = 0.0) -> None:
        """Do the rest of the work."""
        self._continued = self.kernel._now
        self._work(self._left, pace)

    @property
    def fresh(self) -> bool:
        """Whether the cycle in hand would begin at this very time, so that nothing has been done to the part."""
        now = self.kernel._now
        return self._begun == now and self._continued != now and self._timer.armed >= 0

    def interrupt(self) -> None:
        """Stop the work in hand, if any; the rest is done later."""
        timer = self._timer
        timer.order, self._mode = self._ends, ""
        if timer.armed < 0:
            return
        left, whole = timer.time - self.kernel._now, timer.time - self._begun
        if self.wear is not None:
            self.wear.take_back(left / whole if whole > 0 else 0.0)
        self.worked -= left
        self._left += left * self._pace
        timer.cancel()
