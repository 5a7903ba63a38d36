"""The exponentially weighted mean whose span has erred least so far: the simplest forecast that adapts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.state import SavedFields

LEVEL_SPANS = (1, 2, 4, 8, 16, 32, 64, 144, 288)  # ticks; Inputs.levels has these means, 1 is persistence


class TunedEwma(SavedFields):
    """Chooses, per target and horizon, the span with the least absolute error so far.

    spans: candidates, ticks, each one of LEVEL_SPANS. first: the span used until the first truth is learned, 0
    for the first candidate. Raises ValueError for a span that is none of LEVEL_SPANS.
    """

    STATE_FIELDS = ("_error", "_count", "_best")

    def __init__(self, *, targets: int, horizons: int, spans: Sequence[int] = LEVEL_SPANS, first: int = 0) -> None:
        if not spans or [span for span in spans if span not in LEVEL_SPANS]:
            raise ValueError(f"EWMA: spans = {list(spans)}: must be among {list(LEVEL_SPANS)}")
        self._columns = [LEVEL_SPANS.index(span) for span in spans]
        self._error: Floats = np.zeros((targets, horizons, len(spans)))  # summed absolute errors
        self._count: Floats = np.zeros((targets, horizons))
        self._best: NDArray[np.intp] = np.full((targets, horizons), list(spans).index(first) if first else 0)

    @property
    def count(self) -> Floats:
        """[targets, horizons] truths learned so far, at least 1."""
        return np.maximum(self._count, 1.0)

    @property
    def error(self) -> Floats:
        """[targets, horizons] mean absolute error of the best span so far."""
        result: Floats = self._error.min(-1) / self.count
        return result

    def learn(self, levels: Floats, truth: Floats, at: slice = slice(None)) -> NDArray[np.bool_]:
        """Take truths [rows, targets, horizons], NaN where unknown, of the horizons `at`.

        levels: [rows, targets, LEVEL_SPANS]. Returns which rows were known, [rows, targets, horizons].
        """
        miss = np.abs(levels[..., self._columns][:, :, None, :] - truth[..., None])
        known: NDArray[np.bool_] = np.all(np.isfinite(miss), axis=-1)
        self._error[:, at] += np.where(known[..., None], miss, 0.0).sum(0)
        self._count[:, at] += known.sum(0)
        self._best[:, at] = self._error[:, at].argmin(-1)
        return known

    def pick(self, levels: Floats) -> Floats:
        """[rows, targets, horizons] the best spans' means, from levels [rows, targets, LEVEL_SPANS]."""
        chosen = levels[..., self._columns][:, :, None, :]
        result: Floats = np.take_along_axis(chosen, self._best[None, :, :, None], axis=3)[..., 0]
        return result
