"""Detectors: what the loops and the camera of one approach say about the vehicles on it, true or not."""

from __future__ import annotations

import math

from sim.engine.checks import number
from sim.engine.kernel import Component, Kernel
from sim.engine.streams import Stream
from sim.road.link import RoadLink

MODES = {"dead": 0.5, "stuck": 0.25, "chatter": 0.25}
CHATTER = 0.15  # false pulses per second


class Detector(Component):
    """The detector station of a link: a loop at its entrance counts, one at the stop line tells how long it is covered,
    a camera sees how many wait.

    miss: share of the vehicles that it overlooks when its wear is 1 (the square of the wear before). A failed one is
    `dead` (sees nothing), `stuck` (repeats itself, its loop covered for ever) or `chatter`s (false pulses).
    """

    def __init__(self, *, kernel: Kernel, name: str, seed: int, link: RoadLink, miss: float = 0.2) -> None:
        super().__init__(kernel, name)
        self.link = link
        self.miss = number(f"{name}.miss", miss, low=0, high=1)
        self.mode = ""
        self.counted = 0
        self.wear = 0.0
        self._overlooked = 0.0
        self._entered = 0
        self._covered = self._at = 0.0
        self._queue = 0.0
        self._luck = Stream(seed, f"{name}.luck")

    def sample(self) -> tuple[float, float, float]:
        """(vehicles counted so far, share of the time since the last sample with the loop covered, vehicles seen
        waiting). Every sample draws alike, whatever the mode."""
        now, luck, link = self.kernel._now, self._luck.draw(), self.link
        covered, waiting, groups = 0.0, 0, link.lanes
        for lanes in groups:
            covered += lanes.cover()
            if lanes.queue:
                waiting += lanes.standing()
        elapsed, self._at = now - self._at, now
        share = max(covered - self._covered, 0.0) / (max(elapsed, 1e-9) * len(groups))
        fresh, self._entered, self._covered = link.entered - self._entered, link.entered, covered
        share_seen = max(1.0 - self.miss * self.wear * self.wear, 0.0)  # wear can exceed 1 before it fails
        if share_seen < 1.0:
            fresh, waiting = self._seen(fresh, share_seen, luck), self._seen(waiting, share_seen, luck)
        if self.mode:
            return self._wrong(fresh, waiting, share, math.floor(elapsed * CHATTER * 2 * luck))
        self.counted += fresh
        self._queue = float(waiting)
        return float(self.counted), share if share < 1.0 else 1.0, self._queue

    def _wrong(self, fresh: int, waiting: int, share: float, false: int) -> tuple[float, float, float]:
        if self.mode == "dead":
            return float(self.counted), 0.0, 0.0
        if self.mode == "stuck":
            return float(self.counted), 1.0, self._queue
        self.counted += fresh + false
        return float(self.counted), min(share + 0.1 * false, 1.0), float(waiting + false)

    @staticmethod
    def _seen(count: int, share_seen: float, luck: float) -> int:
        """How many of `count` are not overlooked: the mean, rounded up or down by luck."""
        return min(math.floor(count * share_seen + luck), count)

    def sees(self, seconds: float) -> bool:
        """Whether it tells the controller of a vehicle that waits or will be here within `seconds`."""
        luck = self._luck.draw()
        if self.mode:
            return self.mode == "stuck" or (self.mode == "chatter" and luck < 0.5)
        overlooked = luck < self.miss * self.wear**2
        return not overlooked and any(lanes.near(seconds) for lanes in self.link.lanes)

    def load(self, seconds: float) -> float:
        """Wears with time."""
        return seconds

    def wear_to(self, wear: float) -> None:
        self.wear = wear

    def fail(self, mode: str) -> None:
        self.mode = mode

    def noticed(self) -> None:
        """The controller goes by its recall, not by this."""

    def works(self, begin: bool) -> None:
        if begin and not self.mode:
            self.mode = "dead"

    def renew(self) -> None:
        self.mode, self.wear = "", 0.0

    def noise(self) -> float:
        """Share of implausible pulses, per cent, as its self-test finds."""
        return 2.0 * (1.0 + 1.5 * self.wear * math.sqrt(self.wear))

    def reseed(self, seed: int) -> None:
        self._luck.reseed(seed)
