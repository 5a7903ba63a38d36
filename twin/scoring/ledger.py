"""The book of forecasts: each is entered before its truth exists, and scored once the truth has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.forecast import QUANTILES, Floats, Forecast
from twin.layout import Layout
from twin.memory.memory import Memory
from twin.planning.encoder import PlanEncoder
from twin.scoring.calibration import Settled
from twin.scoring.surprise import Surprise, Surprises, position
from twin.sensing.features import Inputs
from twin.sensing.tuned_ewma import TunedEwma
from twin.sensing.window import Window
from twin.state import Kept, State, columns, records, stacked, unstacked

Columns = dict[str, list[object] | NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class IssuedForecast:
    """One tick's forecasts for the plan that was carried out, and the references' beside them.

    quantiles, raw: [assets, horizons, targets, quantiles] as issued, and before calibration. persistence: [assets,
    targets]. ewma: [assets, horizons, targets]. levels: [assets, targets, spans]. probability, constant: [assets, leads]
    of failing within each lead. remaining: [assets] restricted mean life, ticks.
    """

    quantiles: Floats
    raw: Floats
    persistence: Floats
    ewma: Floats
    levels: Floats
    probability: Floats
    constant: Floats
    remaining: Floats


class Ledger(Kept):
    """Enters forecasts, settles them when their truths close, releases the truths to the memory.

    leads: ticks within which a failure is forecast for scoring. losses: the latest prequential losses (mean pinball loss
    of the settled quantiles in units of the persistence error; hazard log loss of the settled leads). settled: the
    forecasts that the newest tick has told the truth of.
    """

    KEPT = ("tuned", "labels", "losses", "_starts", "_settled_lives", "_scale", "_surprises")

    def __init__(
        self, *, layout: Layout, horizons: Sequence[int], leads: Sequence[int], memory: Memory, encoder: PlanEncoder
    ) -> None:
        self._layout, self._horizons, self._leads = layout, tuple(horizons), tuple(leads)
        self._memory, self._encoder = memory, encoder
        self._targets = list(layout.targets)
        self._counts = layout.cumulative[self._targets]
        self._entries: dict[int, IssuedForecast] = {}
        self._span = max(*self._horizons, *self._leads)
        self._totals: dict[int, Floats] = {}
        self._setpoint_sums: dict[int, Floats] = {}
        self._starts: list[tuple[int, int]] = []
        self._settled_lives = 0
        self.tuned = TunedEwma(targets=len(self._targets), horizons=len(self._horizons), first=8)
        self._scale: Floats = np.full((len(self._targets), len(self._horizons)), np.nan)
        self._surprises = Surprises(layout=layout, horizon=self._horizons[0], lead=self._leads[0])
        self.surprise: Surprise | None = None  # at the tick that closed now, of the shortest horizon
        self.labels = 0
        self.losses: dict[str, float] = {}
        self.settled: list[Settled] = []
        self._forecast_rows: list[Columns] = []
        self._hazard_rows: list[Columns] = []

    def enter(
        self, tick: int, forecast: Forecast, inputs: Inputs, plan: NDArray[np.float32], raw: Forecast | None = None
    ) -> None:
        """Book the forecast (its first plan) made at `tick` and remember what it was made from. raw: before calibration."""
        raw = raw or forecast
        leads = np.asarray(self._leads, dtype=float)
        self._entries[tick] = IssuedForecast(
            quantiles=forecast.quantiles[0],
            raw=raw.quantiles[0],
            persistence=inputs.levels[..., 0],
            ewma=self.tuned.pick(inputs.levels).transpose(0, 2, 1),
            levels=inputs.levels,
            probability=np.stack([forecast.failure_within(lead)[0] for lead in self._leads], axis=1),
            constant=-np.expm1(-inputs.rate[:, None] * leads),
            remaining=forecast.restricted_mean()[0],
        )
        self._memory.enter(tick, inputs, plan)

    def settle(self, window: Window) -> None:
        """Score what has come true and release it for training."""
        self.settled = []
        self._take_lives(window)
        self._surprises.note(window.tick, window.frame.setpoints, self._starts)
        before = self._setpoint_sums.get(window.tick - 1, 0.0)
        self._setpoint_sums[window.tick] = before + window.frame.setpoints
        self._setpoint_sums.pop(window.tick - 2 * self._span - window.grace, None)
        final, self.surprise = window.final(), None
        if final is None:
            return
        closed, mean, counter = final
        self._memory.closed = closed
        self._totals[closed] = counter[:, self._targets]
        self.losses = {}
        for index, horizon in enumerate(self._horizons):
            if closed - horizon in self._entries:
                self._settle_horizon(closed, index, mean[:, self._targets])
        self._settle_hazard(closed - self._span)
        self._totals.pop(closed - self._span - 1, None)

    def drain(self) -> tuple[list[Columns], list[Columns]]:
        """Settled forecasts and hazards as columns of the tables `forecasts` and `hazards`, and forget them."""
        rows = self._forecast_rows, self._hazard_rows
        self._forecast_rows, self._hazard_rows = [], []
        return rows

    def state(self) -> State:
        """See twin.state.Stateful. Raises ValueError while settled rows wait to be drained."""
        if self._forecast_rows or self._hazard_rows:
            raise ValueError("Ledger.state: drain what has been settled first")
        return super().state() | {
            "booked": list(self._entries),
            "entries": columns(self._entries.values()),
            "totals": stacked(self._totals),
            "setpoint_sums": stacked(self._setpoint_sums),
        }

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._entries = dict(zip(state["booked"], records(IssuedForecast, state["entries"]), strict=True))
        self._totals, self._setpoint_sums = unstacked(state["totals"]), unstacked(state["setpoint_sums"])

    def _take_lives(self, window: Window) -> None:
        lives, tick = window.lives, self._layout.spec.tick
        for life in lives.finished[self._settled_lives :]:
            self._memory.end_life(life, tick)
        self._settled_lives = len(lives.finished)
        self._starts += [(asset, int(np.ceil(time / tick))) for asset, time in lives.maintenance_starts]
        lives.maintenance_starts.clear()
        self._starts = [start for start in self._starts if start[1] > window.tick - 2 * self._span - window.grace]

    def _settle_horizon(self, closed: int, index: int, mean: Floats) -> None:
        horizon = self._horizons[index]
        made = closed - horizon
        entry = self._entries[made]
        before = self._totals.get(made, np.full_like(mean, np.nan))
        truth = np.where(self._counts, (self._totals[closed] - before) / horizon, mean)
        truth = np.where(self._layout.target_table, truth, np.nan)
        self._score(made, index, entry, truth)
        if index == 0:
            place, chance = position(truth, entry.raw[:, 0]), entry.probability[:, 0]
            self.surprise = self._surprises.take(made, place, chance, self._memory.fate(made))
        self.settled.append(Settled(index, entry.raw[:, index], entry.quantiles[:, index], truth))
        self.tuned.learn(entry.levels, truth[..., None], slice(index, index + 1))
        self._memory.release(
            made, index, truth, self._carried_out(made, horizon), self._encoder.columns.of_horizon(index)
        )
        self.labels += int(np.isfinite(truth).sum())

    def _score(self, made: int, index: int, entry: IssuedForecast, truth: Floats) -> None:
        known = np.isfinite(truth) & np.isfinite(entry.persistence) & np.isfinite(entry.quantiles[:, index, :, 0])
        asset, target = np.nonzero(known)
        if not len(asset):
            return
        value, quantiles = truth[asset, target], entry.quantiles[asset, index, target]
        self._learn_scale(index, target, np.abs(value - entry.persistence[asset, target]))
        gap = value[:, None] - quantiles
        level = np.asarray(QUANTILES)
        pinball = np.maximum(level * gap, (level - 1) * gap).mean(1) / self._scale[target, index]
        self.losses[f"pinball.h{self._horizons[index]}"] = float(pinball.mean())
        names = self._layout.target_names
        self._forecast_rows.append({
            "issued": np.full(len(asset), made * self._layout.spec.tick),
            "asset": [self._layout.spec.assets[a].name for a in asset],
            "target": [names[t] for t in target],
            "horizon": np.full(len(asset), self._horizons[index], dtype=np.int32),
            **{f"q{round(100 * q):02d}": quantiles[:, i] for i, q in enumerate(level)},
            "truth": value,
            "persistence": entry.persistence[asset, target],
            "ewma": entry.ewma[asset, index, target],
        })  # fmt: skip

    def _learn_scale(self, index: int, target: NDArray[np.intp], error: Floats) -> None:
        for slot in np.unique(target):
            fresh, scale = max(float(error[target == slot].mean()), 1e-9), self._scale[slot, index]
            self._scale[slot, index] = fresh if np.isnan(scale) else scale + 0.01 * (fresh - scale)

    def _carried_out(self, made: int, horizon: int) -> NDArray[np.float32]:
        """[assets, columns] of the plan in hindsight: first work order begun within the horizon, mean setpoints."""
        orders = np.full((len(self._layout.spec.assets), len(self._horizons)), np.inf)
        for asset, tick in self._starts:
            if made < tick <= made + horizon:
                orders[asset] = np.minimum(orders[asset], tick - made - 1)
        mean = (self._setpoint_sums[made + horizon] - self._setpoint_sums[made]) / horizon
        return self._encoder.realised(orders, np.repeat(mean[None], len(self._horizons), axis=0))

    def _settle_hazard(self, made: int) -> None:
        entry = self._entries.pop(made, None)
        if entry is None:
            return
        known, mode, alive = self._memory.fate(made)
        asset = np.flatnonzero(alive & np.isfinite(entry.probability[:, 0]))
        if not len(self._layout.spec.modes) or not len(asset):
            return
        leads = np.asarray(self._leads, dtype=float)
        failed = (mode[:, None] >= 0) & (known[:, None] <= leads)
        outcome = np.where(failed, 1.0, np.where(known[:, None] >= leads, 0.0, np.nan))[asset]
        event = np.where(mode >= 0, known, np.nan)[asset]
        self._log_hazard_loss(entry.probability[asset], outcome)
        count = len(leads)
        self._hazard_rows.append({
            "issued": np.full(outcome.size, made * self._layout.spec.tick),
            "asset": [self._layout.spec.assets[a].name for a in np.repeat(asset, count)],
            "lead": np.tile(np.asarray(self._leads, dtype=np.int32), len(asset)),
            "probability": entry.probability[asset].ravel(),
            "constant": entry.constant[asset].ravel(),
            "outcome": outcome.ravel(),
            "remaining": np.repeat(entry.remaining[asset], count),
            "time_to_event": np.repeat(event, count),
            "exposure": np.repeat(known[asset], count),
        })  # fmt: skip

    def _log_hazard_loss(self, probability: Floats, outcome: Floats) -> None:
        chance = np.clip(probability, 1e-6, 1 - 1e-6)
        loss = -np.where(outcome == 1.0, np.log(chance), np.log1p(-chance))[np.isfinite(outcome)]
        if len(loss):
            self.losses["hazard"] = float(loss.mean())
