"""Causal standardisation: every statistic comes from what has been seen before."""

from __future__ import annotations

import numpy as np

from twin.forecast import Floats
from twin.state import SavedFields

LIMIT = 6.0  # standard deviations at which scaled inputs are cut


class Scaler(SavedFields):
    """Running mean and variance per column, NaN left out (Welford 1962, merged by batch as in Chan et al. 1979).

    Scaled values are clipped to ±6 and NaN becomes 0, the mean.
    """

    STATE_FIELDS = ("count", "mean", "squares")

    def __init__(self, columns: int) -> None:
        self.count: Floats = np.zeros(columns)
        self.mean: Floats = np.zeros(columns)
        self.squares: Floats = np.zeros(columns)

    def update(self, rows: Floats) -> None:
        """Take rows [n, columns]."""
        seen = np.isfinite(rows)
        count = seen.sum(0)
        filled = np.where(seen, rows, 0.0)
        mean = filled.sum(0) / np.maximum(count, 1)
        squares = np.where(seen, (rows - mean) ** 2, 0.0).sum(0)
        total = np.maximum(self.count + count, 1.0)
        gap = mean - self.mean
        self.squares += squares + gap**2 * self.count * count / total
        self.mean += gap * count / total
        self.count += count

    def scale(self, rows: Floats) -> Floats:
        """Standardised rows [n, columns], float32-ready, finite."""
        deviation = np.sqrt(self.squares / np.maximum(self.count, 1.0))
        scaled = (rows - self.mean) / np.where(deviation > 1e-9, deviation, 1.0)
        np.copyto(scaled, 0.0, where=np.isnan(scaled))
        result: Floats = np.clip(scaled, -LIMIT, LIMIT, out=scaled)
        return result
