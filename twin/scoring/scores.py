"""The scores of forecasts whose truths are known: losses, and rows of the tables `forecasts` and `hazards`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.forecast import QUANTILES, Floats
from twin.layout import Layout
from twin.scoring.issued_forecast import IssuedForecast
from twin.state import SavedFields

TableRows = dict[str, list[object] | NDArray[np.generic]]
Fate = tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]  # see Memory.fate
SLOW = 0.01  # pace of the running persistence error, per tick: a mean over about 100 ticks
CERTAIN = 1e-6  # probability nearest to 0 and 1 that a log loss is computed for


class Scores(SavedFields):
    """Scores one horizon, or the hazards, of one issued forecast at a time.

    losses: of the tick that closes now: mean pinball loss by horizon in units of the persistence error, `pinball.hN`;
    log loss of the failure probabilities, `hazard`.
    """

    STATE_FIELDS = ("losses", "_scale")

    def __init__(self, *, layout: Layout, horizons: Sequence[int], leads: Sequence[int]) -> None:
        self._horizons, self._leads, self._names = tuple(horizons), tuple(leads), layout.target_names
        self._assets, self._tick = [asset.name for asset in layout.spec.assets], layout.spec.tick
        self._modes = len(layout.spec.modes)
        self._scale: Floats = np.full((len(self._names), len(self._horizons)), np.nan)  # persistence error
        self.losses: dict[str, float] = {}
        self._forecast_rows: list[TableRows] = []
        self._hazard_rows: list[TableRows] = []

    @property
    def waiting(self) -> bool:
        """Whether rows wait to be drained."""
        return bool(self._forecast_rows or self._hazard_rows)

    def drain(self) -> tuple[list[TableRows], list[TableRows]]:
        """Columns of the tables `forecasts` and `hazards` since the last call, which are then forgotten."""
        rows = self._forecast_rows, self._hazard_rows
        self._forecast_rows, self._hazard_rows = [], []
        return rows

    def score_signals(self, made: int, index: int, entry: IssuedForecast, truth: Floats) -> None:
        """One horizon, by its index, of the forecasts made at tick `made`. truth: [assets, targets], NaN: unknown."""
        known = np.isfinite(truth) & np.isfinite(entry.persistence) & np.isfinite(entry.quantiles[:, index, :, 0])
        asset, target = np.nonzero(known)
        if not len(asset):
            return
        value, quantiles = truth[asset, target], entry.quantiles[asset, index, target]
        self._learn_scale(index, target, np.abs(value - entry.persistence[asset, target]))
        gap, level = value[:, None] - quantiles, np.asarray(QUANTILES)
        pinball = np.maximum(level * gap, (level - 1) * gap).mean(1) / self._scale[target, index]
        self.losses[f"pinball.h{self._horizons[index]}"] = float(pinball.mean())
        self._forecast_rows.append(
            {
                "issued": np.full(len(asset), made * self._tick),
                "asset": [self._assets[a] for a in asset],
                "target": [self._names[t] for t in target],
                "horizon": np.full(len(asset), self._horizons[index], dtype=np.int32),
                **{f"q{round(100 * q):02d}": quantiles[:, i] for i, q in enumerate(level)},
                "truth": value,
                "persistence": entry.persistence[asset, target],
                "ewma": entry.ewma[asset, index, target],
            }
        )

    def _learn_scale(self, index: int, target: NDArray[np.intp], error: Floats) -> None:
        order = np.argsort(target, kind="stable")
        slots, first = np.unique(target[order], return_index=True)
        for slot, errors in zip(slots, np.split(error[order], first[1:]), strict=True):
            fresh, scale = max(float(errors.mean()), 1e-9), self._scale[slot, index]
            self._scale[slot, index] = fresh if np.isnan(scale) else scale + SLOW * (fresh - scale)

    def score_hazards(self, made: int, entry: IssuedForecast, fate: Fate) -> None:
        """The failure probabilities of tick `made`, by what became of each asset; a maintained one is censored."""
        known, mode, alive = fate
        asset = np.flatnonzero(alive & np.isfinite(entry.probability[:, 0]))
        if not self._modes or not len(asset):
            return
        leads = np.asarray(self._leads, dtype=float)
        failed = (mode[:, None] >= 0) & (known[:, None] <= leads)
        outcome = np.where(failed, 1.0, np.where(known[:, None] >= leads, 0.0, np.nan))[asset]
        event = np.where(mode >= 0, known, np.nan)[asset]
        self._log_loss(entry.probability[asset], outcome)
        count = len(leads)
        self._hazard_rows.append(
            {
                "issued": np.full(outcome.size, made * self._tick),
                "asset": [self._assets[a] for a in np.repeat(asset, count)],
                "lead": np.tile(np.asarray(self._leads, dtype=np.int32), len(asset)),
                "probability": entry.probability[asset].ravel(),
                "constant": entry.constant[asset].ravel(),
                "outcome": outcome.ravel(),
                "remaining": np.repeat(entry.remaining[asset], count),
                "time_to_event": np.repeat(event, count),
                "exposure": np.repeat(known[asset], count),
            }
        )

    def _log_loss(self, probability: Floats, outcome: Floats) -> None:
        chance = np.clip(probability, CERTAIN, 1 - CERTAIN)
        loss = -np.where(outcome == 1.0, np.log(chance), np.log1p(-chance))[np.isfinite(outcome)]
        if len(loss):
            self.losses["hazard"] = float(loss.mean())
