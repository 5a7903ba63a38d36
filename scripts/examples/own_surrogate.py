"""A surrogate of one's own: the mean of all that was learned so far, per asset type and target.

python scripts/examples/own_surrogate.py [DAYS]
"""

import json
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.forecast import QUANTILES, Forecast
from twin.lab import run
from twin.sensing.features import Inputs
from twin.state import SavedFields
from twin.surrogates.base import Shape, constant_hazard
from twin.surrogates.batch import Batch


class RunningMean(SavedFields):
    """Forecasts each target's mean, with the deviation's quantiles around it; failures at the constant rate.

    shape: sizes and names, see twin.surrogates.base.Shape. context, windows: it looks at no history.
    """

    context = windows = 0
    STATE_FIELDS = ("_count", "_sum", "_squares")  # what a checkpoint must hold

    def __init__(self, *, shape: Shape, seed: int, device: str) -> None:
        self._shape = shape
        self._count, self._sum, self._squares = np.zeros((3, len(shape.horizons), len(shape.targets)))

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """quantiles [plans, assets, horizons, targets, quantiles], NaN where an asset has no such target."""
        shape, count = self._shape, np.maximum(self._count, 1.0)
        mean = self._sum / count
        spread = np.sqrt(np.maximum(self._squares / count - mean**2, 0.0))
        centred = mean[..., None] + spread[..., None] * 1.8 * (np.asarray(QUANTILES) - 0.5)
        everywhere = np.broadcast_to(centred, (len(plans), shape.assets, *centred.shape))
        has = shape.layout.target_table[None, :, None, :, None]
        return shape.forecast(np.where(has, everywhere, np.nan), constant_hazard(shape, inputs.rate, len(plans)))

    def learn(self, batch: Batch) -> dict[str, float]:
        """batch.target: [rows, horizons, targets], NaN where the truth is not known."""
        truth: Any = batch.target.astype(float)
        self._count += np.isfinite(truth).sum(0)
        self._sum += np.nansum(truth, 0)
        self._squares += np.nansum(truth**2, 0)
        return {"rows": float(len(truth))}


if __name__ == "__main__":
    days = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    for surrogate in ("ewma", RunningMean):
        done = run("manufacturing", days=days, policy="run_to_failure", surrogate=surrogate, report=False)
        scores = json.loads((done.path / "scores.json").read_text())
        print(f"{done.run['surrogate']:12s} CRPS over that of persistence: {scores.get('crps_ratio')}")
