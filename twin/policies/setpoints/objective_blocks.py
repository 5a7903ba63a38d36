"""The measured objective, averaged over blocks of time, beside what was forecast for each block."""

from __future__ import annotations

import numpy as np

from sim.contract import PlantSpec
from twin.forecast import Floats, Forecast
from twin.layout import Layout
from twin.sensing.window import Window
from twin.state import SavedFields


class ObjectiveBlocks(SavedFields):
    """Follows the signal that measures the objective, turned so that more is better.

    block: ticks of a block. measured: whether the plant has such a signal and the twin forecasts it.
    size: the objective's usual absolute value per tick, NaN before the first block.
    surprises: blocks in a row whose mean was below the lowest quantile forecast for them.
    """

    STATE_FIELDS = ("_sum", "_count", "_expected", "_floor", "size", "surprises")

    def __init__(self, *, spec: PlantSpec, layout: Layout, block: int) -> None:
        signal = spec.signal_index.get(spec.objective.signal, -1)
        self._sense, self._block = spec.objective.sense, block
        self._slot = int(layout.signal_slot[signal])
        self._asset = int(layout.signal_asset[signal])
        self.measured = signal >= 0 and self._slot in layout.targets
        self._target = layout.targets.index(self._slot) if self.measured else -1
        self._sum, self._count = 0.0, 0
        self._expected = self._floor = self.size = float("nan")
        self.surprises = 0

    def update(self, window: Window) -> None:
        """Add the tick that ends now to the block, where it was measured."""
        value = self._sense * float(window.frame.value[self._asset, self._slot])
        if np.isfinite(value):
            self._sum, self._count = self._sum + value, self._count + 1

    def close(self) -> float:
        """End the block. Returns its mean less the forecast mean, per tick; NaN where either is unknown."""
        mean = self._sum / self._count if self._count else float("nan")
        self._sum, self._count = 0.0, 0
        if np.isfinite(mean):  # a slow average, so that one odd block does not change the margin
            self.size = abs(mean) if np.isnan(self.size) else 0.9 * self.size + 0.1 * abs(mean)
        residual = mean - self._expected
        if np.isfinite(residual):
            self.surprises = self.surprises + 1 if mean < self._floor else 0
        return residual

    def expect(self, forecast: Forecast) -> None:
        """Take the forecast for the block that begins now from the first plan, at the horizon nearest to its length."""
        near = int(np.abs(np.array(forecast.horizons) - self._block).argmin())
        quantiles = self._sense * forecast.quantiles[0, self._asset, near, self._target]
        self._expected = float(quantiles[forecast.levels.index(0.5)])
        self._floor = float(quantiles.min())

    @property
    def comparable(self) -> bool:
        """Whether both the objective's usual size and its forecast are known."""
        return bool(np.isfinite([self.size, self._expected]).all())

    def medians(self, forecast: Forecast) -> Floats:
        """[plans] forecast median of the objective per tick, over the longest horizon."""
        result: Floats = self._sense * forecast.median[:, self._asset, -1, self._target]
        return result
