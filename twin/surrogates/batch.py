"""The rows that one update of a surrogate is made from."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows for one update; B rows, F features, D plan columns, T targets, H horizons, K hazard bins.

    features: [B, F] raw. plan: [B, D], of about half the rows as carried out (closed), of the others as meant (open).
    levels: [B, T, spans]. anchor: [B, T]. target: [B, H, T], NaN where unknown. at_risk: [B, K] whether the row says
    something about the bin. outcome: [B, K] 0 stood, m + 1 failed in mode m. weight: [B] importance weights that undo
    the sampling's bias. history: [W, context, assets, channels] of the W moments that the last W x assets rows are
    of, all assets of one after those of another; None where all were drawn one by one.
    """

    features: Float32s
    plan: Float32s
    levels: Float32s
    anchor: Float32s
    target: Float32s
    at_risk: Float32s
    outcome: NDArray[np.int64]
    weight: Float32s
    history: Float32s | None = None

    def followed_by(self, moments: Self) -> Self:
        """These rows, then those of whole moments with their history."""
        joined = {f.name: np.concatenate([getattr(self, f.name), getattr(moments, f.name)]) for f in fields(self)[:-1]}
        return replace(moments, **joined)
