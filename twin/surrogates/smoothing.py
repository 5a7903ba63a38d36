"""Persistence and EWMA: the forecasts that anything learned must beat.

The centre is the last level (or an exponentially weighted mean of the span that has erred least so far); the spread
comes from its own past errors, by stochastic quantile tracking (Robbins & Monro 1951 on the pinball loss). Failures
are forecast at the constant rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats, Forecast
from twin.sensing.features import LEVEL_SPANS, Inputs
from twin.state import Kept
from twin.surrogates.base import Shape, constant_hazard, levels_of_confidence
from twin.surrogates.batch import Batch


class EWMA(Kept):
    """EWMA forecast. spans: the candidate spans, ticks, each one of features.LEVEL_SPANS.

    rate: step of the quantile tracker, in units of the mean absolute error. Raises ValueError for other spans.
    """

    context = windows = 0
    KEPT = ("_error", "_count", "_offsets")

    def __init__(self, *, shape: Shape, spans: tuple[int, ...] = LEVEL_SPANS, rate: float = 0.02, **_: Any) -> None:
        unknown = [span for span in spans if span not in LEVEL_SPANS]
        if unknown or not spans:
            raise ValueError(f"EWMA: spans = {list(spans)}: must be among {list(LEVEL_SPANS)}")
        if not rate > 0:
            raise ValueError(f"EWMA: rate = {rate}: must be > 0")
        self._shape, self._rate = shape, rate
        self._columns = [LEVEL_SPANS.index(span) for span in spans]
        pairs = (len(shape.targets), len(shape.horizons))
        self._error: Floats = np.zeros((*pairs, len(spans)))
        self._count: Floats = np.zeros(pairs)
        self._offsets: Floats = np.zeros((*pairs, len(levels_of_confidence())))

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """The same for every plan: these models know nothing of actions."""
        centre = self._pick(inputs.levels)
        quantiles = (centre[..., None] + self._offsets).transpose(0, 2, 1, 3)
        repeated = np.broadcast_to(quantiles, (len(plans), *quantiles.shape)).copy()
        return self._shape.forecast(repeated, constant_hazard(self._shape, inputs.rate, len(plans)))

    def learn(self, batch: Batch) -> dict[str, float]:
        """Move the error statistics and the offsets towards the batch's errors."""
        truth = batch.target.transpose(0, 2, 1).astype(float)
        levels = batch.levels[..., self._columns].astype(float)
        miss = np.abs(truth[..., None] - levels[:, :, None, :])
        known = np.isfinite(miss).all(-1)
        self._error += np.where(known[..., None], miss, 0.0).sum(0)
        self._count += known.sum(0)
        residual = truth - self._pick(batch.levels.astype(float))
        self._track(residual)
        return {"absolute_error": float(np.nanmean(np.abs(residual))) if known.any() else float("nan")}

    def _pick(self, levels: Floats) -> Floats:
        """[rows, targets, horizons] from levels [rows, targets, all spans]."""
        best = self._error.argmin(-1)
        chosen = levels[..., self._columns]
        result: Floats = np.take_along_axis(chosen[:, :, None, :], best[None, :, :, None], axis=3)[..., 0]
        return result

    def _track(self, residual: Floats) -> None:
        known: NDArray[np.bool_] = np.isfinite(residual)
        rows = np.maximum(known.sum(0), 1)
        scale = self._error.min(-1) / np.maximum(self._count, 1.0)
        step = np.maximum(self._rate, 20.0 / np.maximum(self._count, 20.0)) * 4.0 * scale
        below = np.where(known[..., None], residual[..., None] < self._offsets, 0.0).sum(0) / rows[..., None]
        moved = self._offsets + step[..., None] * (levels_of_confidence() - below)
        seen = known.sum(0) > 0
        self._offsets = np.where(seen[..., None], np.sort(moved, axis=-1), self._offsets)


class Persistence(EWMA):
    """What was last observed stays."""

    def __init__(self, *, shape: Shape, rate: float = 0.02, **_: Any) -> None:
        super().__init__(shape=shape, spans=(1,), rate=rate)
