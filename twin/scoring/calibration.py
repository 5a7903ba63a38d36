"""Online conformal calibration: quantiles moved by the errors of earlier ones, with delayed labels.

Conformalised quantile regression (Romano et al. 2019), level by level over a sliding window of labels, with the level
itself adapted per asset (Gibbs & Candès 2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twin.checks import at_least, share, whole
from twin.forecast import QUANTILES, Floats, Forecast
from twin.state import SavedFields

LEVELS = np.asarray(QUANTILES)
GRID = np.linspace(0.0, 1.0, 101)
REACH = 0.2  # how far a level may be adapted, so that no interval is ever infinite
BLOCK = 36  # ticks between two sortings of the window
ROWS = (
    65_536  # residuals of a target, horizon and level stored at most; of a large plant only every few ticks are stored
)


@dataclass(frozen=True, slots=True)
class ScoredForecast:
    """One horizon (its index) of the forecasts made at one tick, and their truths.

    raw, issued: [assets, targets, quantiles] before and after calibration. truth: [assets, targets], NaN where unknown.
    """

    horizon: int
    raw: Floats
    issued: Floats
    truth: Floats


class Calibration(SavedFields):
    """Moves every level but the median by a conformal quantile of the residuals y - q over the last `window` ticks.

    The residuals of all assets are pooled per target and horizon; with few independent ones (labels of a horizon of h
    ticks overlap) the move is shrunk: n / sqrt(h) of them weigh against `enough`. Where an asset misses more than its
    share, `pace` / horizon per label raises the level at which the quantile of its residuals is taken. Forecasts that
    are calibrated already are not moved. window: 0 leaves everything alone. Raises ValueError for numbers out of range.
    """

    STATE_FIELDS = ("_residual", "_place", "_level", "_table", "_labels")

    def __init__(
        self,
        *,
        assets: int,
        targets: int,
        horizons: Sequence[int],
        window: int = 720,
        pace: float = 0.005,
        enough: float = 100.0,
    ) -> None:
        whole("Calibration", 0, window=window)
        share("Calibration", pace=pace)
        at_least("Calibration", 0, enough=enough)
        self._stride = -(-window * assets // ROWS) or 1
        self._window, self._pace, self._enough = -(-window // self._stride), pace, enough
        self._horizons = np.asarray(horizons, dtype=float)
        pairs, count = (len(horizons), targets), len(QUANTILES)
        self._residual: NDArray[np.float32] = np.full((*pairs, self._window, assets, count), np.nan, dtype=np.float32)
        self._place: NDArray[np.int64] = np.zeros(len(horizons), dtype=np.int64)
        self._labels: NDArray[np.int64] = np.zeros(len(horizons), dtype=np.int64)
        self._level: Floats = np.tile(LEVELS, (assets, *pairs, 1))
        self._table: Floats = np.zeros((*pairs, count, len(GRID)))

    def learn(self, scored: Iterable[ScoredForecast]) -> None:
        """Learn from the forecasts whose truths became known."""
        for one in scored:
            self._learn(one)

    def _learn(self, scored: ScoredForecast) -> None:
        h = scored.horizon
        known = np.isfinite(scored.truth) & np.isfinite(scored.issued[..., 0])
        if not self._window or not known.any():
            return
        if self._labels[h] % self._stride == 0:
            residual = np.where(known[..., None], scored.truth[..., None] - scored.raw, np.nan)
            self._residual[h, :, self._place[h]] = residual.transpose(1, 0, 2)
            self._place[h] = (self._place[h] + 1) % self._window
        missed = LEVELS - (scored.truth[..., None] <= scored.issued)
        moved = self._level[:, h] + self._pace / self._horizons[h] * np.where(known[..., None], missed, 0.0)
        self._level[:, h] = np.clip(moved, np.maximum(LEVELS - REACH, 0.0), np.minimum(LEVELS + REACH, 1.0))
        if self._labels[h] % BLOCK == 0:
            self._sort(h)
        self._labels[h] += 1

    def _sort(self, h: int) -> None:
        """Tabulate the residuals' quantiles of one horizon."""
        moved = np.flatnonzero(LEVELS != 0.5)
        for target in range(self._table.shape[1]):
            rows = self._residual[h, target].reshape(-1, len(LEVELS)).astype(float)
            rows = rows[np.isfinite(rows).all(-1)][:, moved]
            if len(rows):
                weight = len(rows) / np.sqrt(self._horizons[h])
                trust = weight / (weight + self._enough) if weight else 0.0
                self._table[h, target, moved] = trust * np.quantile(rows, GRID, axis=0).T

    def moves(self) -> Floats:
        """[assets, horizons, targets, quantiles] to be added to a forecast, natural units."""
        at = np.clip(self._level, 0.0, 1.0) * (len(GRID) - 1)
        low = np.minimum(at.astype(np.intp), len(GRID) - 2)
        table = np.broadcast_to(self._table, (len(at), *self._table.shape))
        left, right = (np.take_along_axis(table, (low + step)[..., None], -1)[..., 0] for step in (0, 1))
        moves: Floats = left + (at - low) * (right - left)
        return moves

    def apply(self, forecast: Forecast) -> Forecast:
        """The forecast as it is to be issued: for every plan alike."""
        if not self._window:
            return forecast
        return replace(forecast, quantiles=np.sort(forecast.quantiles + self.moves(), axis=-1))
