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

    features: [B, F], raw in the memory, scaled for a surrogate. plan: [B, D]; of about half the rows as carried out
    (closed), of the others as intended (open). levels: [B, T, spans] natural units. anchor: [B, T] value from which a
    forecast starts. target: [B, H, T] truths, NaN where unknown.

    at_risk: [B, K] 1 where the row has an outcome in the bin, else 0. outcome: [B, K] 0 for survival, m + 1 for a
    failure in mode m. weight: [B] importance weights that correct for the sampling.

    history: [W, context, assets, channels] of W moments, to which the last W x assets rows belong, moment by moment
    with all assets in order; None where all rows were drawn one by one.
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
