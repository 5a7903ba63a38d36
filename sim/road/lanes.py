"""Lanes: vehicles in line for one stop line, which they pass one by one while it is open."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from sim.engine.checks import integer, number
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import Stream
from sim.road.roles import Road
from sim.units import HOUR, MINUTE

PATIENCE = MINUTE  # after which a driver who finds no room ahead takes another way, so that no gridlock lasts for ever
STOPPED = 2.0  # s of delay from which a vehicle counts as having stopped
PASSAGE = 0.5  # s for which a vehicle that does not stop covers the loop at the stop line


class Lanes(Component):
    """The lanes of a link that share a signal indication, as one server.

    A vehicle may pass once it has got here, a headway after the one before, while the stop line is open and there is
    room on the link that it wants; one that finds no room holds up those behind it (spill-back), for `PATIENCE` seconds
    at most if there is room elsewhere. Discharge begins
    `startup` seconds after the onset of green. After the onset of yellow it goes on for `yellow_used` seconds, but the
    last vehicle passes only if a share U of its headway is left, U uniform on (0, 1) by the draw: half a headway on
    average, without which every green would serve half a vehicle too many (half-headway rule). Capacity is so s g / C
    with lost time `startup` + intergreen - `yellow_used` per stage (Highway Capacity Manual).

    flow: saturation flow per lane, veh/h. ways: links that a vehicle here may want, None for out of the network.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        link: Road,
        lanes: int,
        flow: float,
        startup: float,
        yellow_used: float,
    ) -> None:
        super().__init__(kernel, name)
        self.link = link
        self.lanes = integer(f"{name}.lanes", lanes, low=1)
        self.flow = number(f"{name}.flow", flow, above=0)
        self.startup = number(f"{name}.startup", startup, low=0)
        self.yellow_used = number(f"{name}.yellow_used", yellow_used, low=0)
        self.ways: Sequence[Road | None] = ()
        self.headway = HOUR / (self.flow * self.lanes)
        self.queue: deque[tuple[float, int]] = deque()  # (when it can be at the stop line, which way it wants)
        self.latest = -math.inf  # when the last one in line can be there
        self.opens, self.closes = 0.0, math.inf
        self.last = -math.inf  # when the last one passed
        self.delay = 0.0  # s, of all that have passed
        self.passed = self.stopped = self.diverted = 0
        self._stuck = -1.0  # since when the first in line finds no room
        self.covered = 0.0  # s for which a vehicle stood at the stop line
        self._dilemma = Stream(seed, f"{name}.dilemma")
        self._timer = Timer(kernel, self._discharge)

    def join(self, ready: float, way: int) -> None:
        """A vehicle that can be at the stop line at `ready`, behind those before it."""
        if ready < self.latest:
            ready = self.latest
        self.latest = ready
        queue = self.queue
        queue.append((ready, way))
        if len(queue) == 1:
            self.look()

    def open(self) -> None:
        """Green."""
        self.opens, self.closes = self.kernel._now + self.startup, math.inf
        self.look()

    def close(self) -> None:
        """Yellow: those pass who are too near to stop."""
        now = self.kernel._now
        self.closes = max(now + self.yellow_used - self.headway * self._dilemma.draw(), now)
        if self._timer.armed >= 0 and self._timer.time > self.closes:
            self._timer.cancel()

    def look(self) -> None:
        """Set the timer to the moment at which the first in line may pass, if it may before the line closes."""
        if not self.queue:
            return
        time = self.queue[0][0]
        free = self.last + self.headway
        if free > time:
            time = free
        if self.opens > time:
            time = self.opens
        now = self.kernel._now
        if time < now:
            time = now
        if time <= self.closes:
            self._timer.set(time - now)

    def standing(self, seconds: float = 0.0) -> int:
        """Vehicles that could have been over the stop line for more than `seconds` but wait."""
        since, count = self.kernel._now - seconds, 0
        for ready, _ in self.queue:
            if ready >= since:
                break
            count += 1
        return count

    def waiting(self) -> float:
        """Seconds of delay so far of those that wait."""
        now, total = self.kernel._now, 0.0
        for ready, _ in self.queue:
            if ready >= now:
                break
            total += now - ready
        return total

    def near(self, seconds: float) -> bool:
        """Whether a vehicle waits here, or will be here within `seconds`."""
        return bool(self.queue) and self.queue[0][0] <= self.kernel._now + seconds

    def cover(self) -> float:
        """Seconds so far for which the loop at the stop line was covered."""
        if not self.queue:
            return self.covered
        since = max(self.queue[0][0], self.last)
        return self.covered + max(self.kernel._now - since, 0.0)

    def _discharge(self) -> None:
        ready, way = self.queue[0]
        target = self.ways[way]
        now = self.kernel._now
        if target is not None and target.count >= target.storage:
            target.await_room(self)
            if not self._divert(ready, now):
                return
            target = self.ways[self.queue[0][1]]
        self.queue.popleft()
        delay = now - ready
        if delay > 0.0:
            self.delay += delay
            if delay > STOPPED:
                self.stopped += 1
                self.covered += now - (ready if ready > self.last else self.last)
            else:
                self.covered += PASSAGE
        else:
            self.covered += PASSAGE
        self.passed += 1
        self.last = now
        self._stuck = -1.0
        link = self.link
        link.count -= 1
        if target is not None:
            target.enter()
        if link.hopeful:
            link.make_room()
        if self.queue:
            self.look()

    def _divert(self, ready: float, now: float) -> bool:
        """The first in line finds no room. After `PATIENCE` it takes another way that has some; until then it waits."""
        if self._stuck < 0.0:
            self._stuck = now
        left = self._stuck + PATIENCE - now
        if left > 0.0:
            if now + left <= self.closes:
                self._timer.set(left)
            return False
        for way, target in enumerate(self.ways):
            if target is None or target.count < target.storage:
                self.queue[0] = (ready, way)
                self.diverted += 1
                return True
        return False

    def reseed(self, seed: int) -> None:
        """Other decisions at yellow from now on."""
        self._dilemma.reseed(seed)
