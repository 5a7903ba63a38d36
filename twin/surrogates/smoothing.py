"""Persistence and EWMA: the forecasts that anything learned must beat.

The centre is the last level, or the exponentially weighted mean of the span with the smallest error so far. The spread
follows its own past errors, by stochastic quantile tracking (Robbins & Monro 1951 on the pinball loss). Failures are
forecast at the constant rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.checks import above
from twin.forecast import Floats, Forecast
from twin.sensing.features import Inputs
from twin.sensing.tuned_ewma import LEVEL_SPANS, TunedEwma
from twin.state import SavedFields
from twin.surrogates.base import Shape, constant_hazard, levels_of_confidence
from twin.surrogates.batch import Batch

EARLY = 20.0  # errors, until which the tracker takes full steps
STEP = 4.0  # a full step in mean absolute errors: about the width of the outer quantiles


class EWMA(SavedFields):
    """The exponentially weighted mean of each signal, with quantiles from its own past errors.

    shape: sizes and names. spans: candidate spans, ticks, each one of LEVEL_SPANS. rate: least step of the
    quantile tracker, in units of the mean absolute error. Other arguments of surrogates are taken and ignored.
    Raises ValueError for other spans and rate <= 0.

    >>> sizes = {"assets": 2, "features": 3, "plan": 1, "orders": 1, "condition": (0,), "targets": ("x",), "modes": 1}
    >>> ewma = EWMA(shape=Shape(**sizes, horizons=(1, 6), edges=(0.0, 6.0)))
    >>> levels = np.full((2, 1, len(LEVEL_SPANS)), 7.0)
    >>> look = Inputs(np.zeros((2, 3)), levels, np.zeros((2, 1)), np.ones(2), rate=np.full(2, 0.01))
    >>> ewma.forecast(look, np.zeros((1, 2, 1), np.float32)).median[0, :, 0, 0]  # plan 0, horizon 0, target 0
    array([7., 7.])
    """

    context = windows = 0
    STATE_FIELDS = ("_tuned", "_offsets")

    def __init__(self, *, shape: Shape, spans: tuple[int, ...] = LEVEL_SPANS, rate: float = 0.02, **_: Any) -> None:
        above("EWMA", 0, rate=rate)
        self._shape, self._rate = shape, rate
        pairs = (len(shape.targets), len(shape.horizons))
        self._tuned = TunedEwma(targets=pairs[0], horizons=pairs[1], spans=spans)
        self._offsets: Floats = np.zeros((*pairs, len(levels_of_confidence())))

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """See Surrogate. The same for every plan: these models do not use actions."""
        centre = self._tuned.pick(inputs.levels)
        quantiles = (centre[..., None] + self._offsets).transpose(0, 2, 1, 3)
        repeated = np.broadcast_to(quantiles, (len(plans), *quantiles.shape)).copy()
        return self._shape.forecast(repeated, constant_hazard(self._shape, inputs.rate, len(plans)))

    def learn(self, batch: Batch) -> dict[str, float]:
        """See Surrogate. Moves the error statistics and the offsets towards the batch's errors."""
        truth = batch.target.transpose(0, 2, 1).astype(float)
        levels = batch.levels.astype(float)
        known = self._tuned.learn(levels, truth)
        residual = truth - self._tuned.pick(levels)
        self._track(residual)
        return {"absolute_error": float(np.nanmean(np.abs(residual))) if known.any() else float("nan")}

    def _track(self, residual: Floats) -> None:
        """Move the quantile offsets by residuals [rows, targets, horizons], with larger steps at the beginning."""
        known: NDArray[np.bool_] = np.isfinite(residual)
        rows = np.maximum(known.sum(0), 1)
        step = np.maximum(self._rate, EARLY / np.maximum(self._tuned.count, EARLY)) * STEP * self._tuned.error
        below = np.where(known[..., None], residual[..., None] < self._offsets, 0.0).sum(0) / rows[..., None]
        moved = self._offsets + step[..., None] * (levels_of_confidence() - below)
        seen = known.sum(0) > 0
        self._offsets = np.where(seen[..., None], np.sort(moved, axis=-1), self._offsets)


class Persistence(EWMA):
    """Persistence: every signal stays at its last level. Arguments: see EWMA."""

    def __init__(self, *, shape: Shape, rate: float = 0.02, **_: Any) -> None:
        super().__init__(shape=shape, spans=(1,), rate=rate)
