"""Detects a change of the plant: the mean error of forecasts shifts from its usual value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from twin.checks import above, flag, whole
from twin.scoring.surprise import Surprise
from twin.state import SavedFields, State

LIMIT = 3.0  # standard deviations at which the mean of a block is cut
PACE = 0.01  # least, of the variance, per block


class WatchedStream(SavedFields):
    """Page-Hinkley's test (Page 1954) of the mean of a stream: river's, on block means in standard deviations.

    Values are averaged over blocks because forecast errors of neighbouring ticks are correlated. block: weight of one
    block. warm: blocks from which mean and deviation are estimated before the first test. allowance: shift, in
    standard deviations, that is tolerated. threshold: of the cumulative sum, above which a shift is reported.
    """

    STATE_FIELDS = ("_sum", "_weight", "_blocks", "_mean", "_square", "_test")

    def __init__(self, *, block: float, warm: int, allowance: float, threshold: float) -> None:
        self._block, self._warm = block, warm
        self._test = PageHinkley(allowance, threshold)
        self._sum = self._weight = self._mean = self._square = 0.0
        self._blocks = 0

    def add(self, value: float, weight: float = 1.0) -> bool:
        """Take a value that adds `weight` to its block; whether the mean has shifted."""
        self._sum, self._weight = self._sum + value, self._weight + weight
        if self._weight < self._block:
            return False
        mean = self._sum / self._weight
        self._sum = self._weight = 0.0
        return self._close(mean)

    def _close(self, mean: float) -> bool:
        away, shifted = mean - self._mean, False
        if self._blocks >= self._warm:
            deviation = max(math.sqrt(self._square), 1e-9)
            away = max(-LIMIT * deviation, min(LIMIT * deviation, away))
            shifted = self._test.update(away / deviation)
        self._blocks += 1
        count = self._blocks
        if count <= self._warm:  # from here on the test itself keeps the mean
            self._mean += away / count
            away *= math.sqrt(1 - 1 / count)
        self._square += (away * away - self._square) * max(1.0 / max(count - 1, 1), PACE)
        return shifted


class PageHinkley:
    """River's detector, two-sided and without forgetting, whose state can be saved and loaded."""

    def __init__(self, allowance: float, threshold: float) -> None:
        from river.drift import PageHinkley as Test  # takes a second: only a twin that runs pays for it

        self._test: Any = Test(min_instances=1, delta=allowance, threshold=threshold, alpha=1.0)

    def update(self, value: float) -> bool:
        """Take a value; whether a shift is detected with it."""
        self._test.update(value)
        return bool(self._test.drift_detected)

    def state(self) -> State:
        """See twin.state.Stateful."""
        return {"test": _plain(self._test), "mean": _plain(self._test._x_mean)}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        vars(self._test).update(state["test"])
        vars(self._test._x_mean).update(state["mean"])


def _plain(owner: object) -> State:
    return {name: value for name, value in vars(owner).items() if isinstance(value, bool | int | float)}


class Drift(SavedFields):
    """Watches, per target, the mean position of truths among the quantiles of one-step forecasts and its distance from
    the middle, and failures against their chances; what the twin acted on is left out.

    start: ticks before it begins, in which the surrogate learns; block: ticks in a block (of failures: one expected);
    warm, allowance, threshold: see WatchedStream. active: whether it watches at all. After an alarm every
    stream begins anew, but without waiting for `start`. Raises ValueError for values out of range.
    """

    STATE_FIELDS = ("alarms", "_streams", "_quiet")

    def __init__(
        self,
        *,
        targets: Sequence[str],
        active: bool = True,
        start: int = 720,
        block: int = 36,
        warm: int = 10,
        allowance: float = 0.5,
        threshold: float = 12.0,
    ) -> None:
        flag("Drift", active=active)
        whole("Drift", 0, start=start)
        whole("Drift", 1, block=block)
        whole("Drift", 2, warm=warm)
        above("Drift", 0, allowance=allowance, threshold=threshold)
        self._active, self._targets, self._start = active, tuple(targets), start
        self._block, self._warm, self._allowance, self._threshold = block, warm, allowance, threshold
        self.alarms = 0
        self._quiet = start
        self._streams = self._fresh()

    def watch(self, tick: int, surprise: Surprise | None) -> list[str]:
        """Names of the streams that have shifted: `position.TARGET`, `spread.TARGET`, `failures`."""
        if surprise is None or tick <= self._quiet or not self._active:
            return []
        shifted = [name for name, value, weight in self._values(surprise) if self._streams[name].add(value, weight)]
        self.alarms += bool(shifted)
        return shifted

    def rest(self, until: int) -> None:
        """Watch nothing up to the tick `until`; then learn anew what is usual."""
        self._quiet, self._streams = until, self._fresh()

    def _values(self, surprise: Surprise) -> list[tuple[str, float, float]]:
        known = np.isfinite(surprise.position)
        values = [("failures", surprise.failures, surprise.expected)]
        for slot in np.flatnonzero(known.any(0)):
            here, name = surprise.position[known[:, slot], slot], self._targets[slot]
            values.append((f"position.{name}", float(here.mean()), 1.0))
            values.append((f"spread.{name}", float(np.abs(here).mean()), 1.0))
        return values

    def _fresh(self) -> WatchedStreams:
        names = [f"{what}.{target}" for target in self._targets for what in ("position", "spread")]
        blocks = dict.fromkeys(names, float(self._block)) | {"failures": 1.0}  # ticks; of failures: one expected
        return WatchedStreams({name: self._stream(block) for name, block in blocks.items() if self._active})

    def _stream(self, block: float) -> WatchedStream:
        return WatchedStream(block=block, warm=self._warm, allowance=self._allowance, threshold=self._threshold)


class WatchedStreams(dict[str, WatchedStream]):
    """Streams by name, whose states can be saved and loaded."""

    def state(self) -> State:
        """See twin.state.Stateful."""
        return {name: stream.state() for name, stream in self.items()}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        for name, stream in self.items():
            stream.load(state[name])
