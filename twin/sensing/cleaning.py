"""Preprocessing of readings: impossible and stuck ones are dropped, the rest may be filtered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.contract import PlantSpec
from twin.checks import one_of, whole
from twin.forecast import Floats
from twin.sensing.spans import spans
from twin.state import SavedFields

FILTERS = ("none", "median", "exponential")


class Cleaner(SavedFields):
    """Range and stuck checks, and a denoising filter.

    A reading is dropped when it is NaN or outside its signal's [low, high]; or when it is the `stuck`-th or later
    exact repeat of a signal that otherwise hardly ever repeats itself (a counter or a buffer level may stand still).
    filter: `none`; `median` of the last `width` readings (Tukey 1977); `exponential` smoothing of span `width`.
    Raises ValueError for an unknown filter, stuck < 2 or width < 1.
    """

    STATE_FIELDS = ("_last", "_run", "_seen", "_repeats", "_history", "out_of_range", "stuck")

    def __init__(self, *, spec: PlantSpec, stuck: int = 10, filter: str = "none", width: int = 5) -> None:
        one_of("Cleaner", FILTERS, filter=filter)
        whole("Cleaner", 2, stuck=stuck)
        whole("Cleaner", 1, width=width)
        count = len(spec.signals)
        self._low = np.array([s.low for s in spec.signals])
        self._high = np.array([s.high for s in spec.signals])
        self._smooth = np.array([not s.cumulative for s in spec.signals])
        self._stuck, self._filter, self._width = stuck, filter, width
        self._last: Floats = np.full(count, np.nan)
        self._run: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
        self._seen: Floats = np.zeros(count)
        self._repeats: Floats = np.zeros(count)
        self._history: Floats = np.full((count, width), np.nan)
        self.out_of_range = 0
        self.stuck = 0

    def clean(self, signals: NDArray[np.intp], values: Floats) -> tuple[NDArray[np.bool_], Floats]:
        """Judge readings [n], sorted by signal and time: (which may be used, their filtered values)."""
        with np.errstate(invalid="ignore"):
            possible = (values >= self._low[signals]) & (values <= self._high[signals])
        self.out_of_range += int(np.count_nonzero(~possible))
        usable = possible & ~self._judge_stuck(signals, values)
        if self._filter != "none":
            values = self._filtered(signals, values, usable)
        return usable, values

    def _judge_stuck(self, signals: NDArray[np.intp], values: Floats) -> NDArray[np.bool_]:
        if len(values) == 0:
            return np.zeros(0, dtype=bool)
        starts, ends = spans(signals)
        which, counts = signals[starts], ends - starts + 1
        previous = np.empty(len(values))
        previous[1:] = values[:-1]
        previous[starts] = self._last[which]
        position = np.arange(len(values))
        anchor = np.maximum.accumulate(np.where(values == previous, -1, position))
        first = starts.repeat(counts)
        run = np.where(anchor >= first, position - anchor, position - first + 1 + self._run[which].repeat(counts))
        self._last[which], self._run[which] = values[ends], run[ends]
        seen, repeats = self._seen[which].repeat(counts), self._repeats[which].repeat(counts)
        fresh = run < self._stuck  # a stuck spell counts as one repeat, lest it teach that the signal repeats itself
        stuck: NDArray[np.bool_] = ~fresh & (repeats <= 1.0 + 0.005 * seen) & (seen >= 4 * self._stuck)
        np.add.at(self._seen, signals[fresh], 1.0)
        np.add.at(self._repeats, signals[run == 1], 1.0)
        self.stuck += int(np.count_nonzero(stuck))
        return stuck

    def _filtered(self, signals: NDArray[np.intp], values: Floats, usable: NDArray[np.bool_]) -> Floats:
        result = values.copy()
        chosen = np.flatnonzero(usable & self._smooth[signals])
        usable_signals = signals[chosen]
        starts = np.r_[True, usable_signals[1:] != usable_signals[:-1]] if len(chosen) else np.zeros(0, bool)
        count = np.arange(len(chosen))
        rank = count - np.maximum.accumulate(np.where(starts, count, 0))
        for turn in range(int(rank.max()) + 1 if len(rank) else 0):  # one reading of every signal at a time
            rows = chosen[rank == turn]
            result[rows] = self._push(signals[rows], values[rows])
        return result

    def _push(self, signals: NDArray[np.intp], values: Floats) -> Floats:
        history = self._history
        if self._filter == "exponential":
            before = history[signals, 0]
            weight = 2.0 / (self._width + 1.0)
            history[signals, 0] = np.where(np.isnan(before), values, before + weight * (values - before))
            smoothed: Floats = history[signals, 0]
            return smoothed
        history[signals, :-1] = history[signals, 1:]
        history[signals, -1] = values
        result: Floats = np.nanmedian(history[signals], axis=1)
        return result
