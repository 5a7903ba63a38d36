"""How far truths were from their forecasts, for assets that the twin did not act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.forecast import QUANTILES, Floats
from twin.layout import Layout
from twin.state import SavedFields

SETTLING = 12  # ticks for which an action on an asset may show in its signals


@dataclass(frozen=True, slots=True)
class Surprise:
    """Truths against the forecasts of one tick, for assets that the twin did not act on.

    position: [assets, targets] of the truth among the issued quantiles, see `position`, NaN where unknown or acted on.
    failures: how many failed within the shortest horizon, less the sum of their chances. expected: that sum.
    """

    position: Floats
    failures: float
    expected: float


def position(truth: Floats, quantiles: Floats) -> Floats:
    """Where truths [...] fall among quantiles [..., Q], from -.5 to .5: the probability integral transform less a half.

    Linear between quantiles; beyond the last ones, the middle of what is left. Dawid 1984; NaN where either is unknown.
    """
    level = np.array(QUANTILES)
    above = (truth[..., None] > quantiles).sum(-1)
    low = np.clip(above - 1, 0, len(level) - 2)
    left, right = (np.take_along_axis(quantiles, (low + k)[..., None], -1)[..., 0] for k in (0, 1))
    inside = level[low] + (truth - left) / np.maximum(right - left, 1e-12) * (level[low + 1] - level[low])
    probability = np.where(above == 0, level[0] / 2, np.where(above == len(level), (1 + level[-1]) / 2, inside))
    return np.where(np.isfinite(truth) & np.isfinite(quantiles).all(-1), probability - 0.5, np.nan)


class Surprises(SavedFields):
    """Records when each asset was last acted on; one without actuators counts as acted on whenever another is.

    horizon: the shortest, ticks. lead: ticks of the first of the ledger's leads.
    """

    STATE_FIELDS = ("_acted", "_stood")

    def __init__(self, *, layout: Layout, horizon: int, lead: int) -> None:
        self._share, self._horizon = horizon / lead, horizon
        self._able = layout.able
        self._acted: NDArray[np.int64] = np.full(len(layout.able), -SETTLING)
        self._stood: Floats = layout.setpoint_bounds()[2]

    def note(self, tick: int, setpoints: Floats, starts: Iterable[tuple[int, int]]) -> None:
        """Setpoints [assets, setpoints] in force at `tick`; (asset, tick) of work that began."""
        moved = (setpoints != self._stood) & np.isfinite(setpoints)
        self._acted[moved.any(1)] = tick
        for asset, began in starts:
            self._acted[asset] = max(self._acted[asset], began)
        self._stood = setpoints.copy()

    def touched(self, made: int) -> NDArray[np.bool_]:
        """[assets] acted on since shortly before `made`."""
        acted: NDArray[np.bool_] = self._acted > made - SETTLING
        return acted | (~self._able & acted.any())

    def take(
        self, made: int, place: Floats, chance: Floats, fate: tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]
    ) -> Surprise:
        """place: [assets, targets] see `position`; chance: [assets] of failing within the lead; fate: see
        Memory.fate."""
        known, mode, alive = fate
        alone = alive & ~self.touched(made)
        soon = -np.expm1(np.log1p(-np.clip(chance, 0.0, 1 - 1e-9)) * self._share)  # at an even pace within the lead
        counted = alone & np.isfinite(soon)
        failed = counted & (mode >= 0) & (known <= self._horizon)
        expected = float(soon[counted].sum())
        return Surprise(np.where(alone[:, None], place, np.nan), float(failed.sum()) - expected, expected)
