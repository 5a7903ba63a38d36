"""The book of forecasts: each is entered before its truth exists, and scored once the truth has arrived."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats, Forecast
from twin.layout import Layout
from twin.memory.memory import Memory
from twin.planning.encoder import PlanEncoder
from twin.scoring.calibration import ScoredForecast
from twin.scoring.issued_forecast import IssuedForecast
from twin.scoring.scores import Scores, TableRows
from twin.scoring.surprise import Surprise, Surprises, position
from twin.sensing.features import Inputs
from twin.sensing.tuned_ewma import TunedEwma
from twin.sensing.window import Window
from twin.state import SavedFields, State, columns, records, stacked, unstacked


class Ledger(SavedFields):
    """Enters forecasts, scores them once their truths are final, releases the truths to the memory.

    horizons: of the forecasts, ticks. leads: ticks within which a failure is forecast for scoring. scored: the
    forecasts whose truths became known in the newest tick. surprise: of the tick that closed now, of the shortest
    horizon. labels: truths known so far.
    """

    STATE_FIELDS = ("tuned", "labels", "_scores", "_starts", "_lives", "_surprises")

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
        self._lives = 0  # finished lives that the memory has received
        self.tuned = TunedEwma(targets=len(self._targets), horizons=len(self._horizons), first=8)
        self._scores = Scores(layout=layout, horizons=horizons, leads=leads)
        self._surprises = Surprises(layout=layout, horizon=self._horizons[0], lead=self._leads[0])
        self.surprise: Surprise | None = None
        self.labels = 0
        self.scored: list[ScoredForecast] = []

    @property
    def losses(self) -> dict[str, float]:
        """Prequential losses of the newest tick, see Scores."""
        return self._scores.losses

    def drain(self) -> tuple[list[TableRows], list[TableRows]]:
        """See Scores."""
        return self._scores.drain()

    def enter(
        self, tick: int, forecast: Forecast, inputs: Inputs, plan: NDArray[np.float32], raw: Forecast | None = None
    ) -> None:
        """Store the forecast (its first plan) made at `tick`, and the inputs that it was made from.

        plan: [assets, plan columns] encoded. raw: the forecast before calibration.
        """
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

    def score_due(self, window: Window) -> None:
        """Score the forecasts whose truths became final at this tick, and release the truths for training."""
        self.scored = []
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
        self._scores.losses = {}
        for index, horizon in enumerate(self._horizons):
            if closed - horizon in self._entries:
                self._score_horizon(closed, index, mean[:, self._targets])
        made = closed - self._span
        entry = self._entries.pop(made, None)
        if entry is not None:
            self._scores.score_hazards(made, entry, self._memory.fate(made))
        self._totals.pop(closed - self._span - 1, None)

    def state(self) -> State:
        """See twin.state.Stateful. Raises ValueError while rows wait to be drained."""
        if self._scores.waiting:
            raise ValueError("Ledger.state: drain the rows of the tables first")
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
        for life in lives.finished[self._lives :]:
            self._memory.end_life(life, tick)
        self._lives = len(lives.finished)
        self._starts += [(asset, int(np.ceil(time / tick))) for asset, time in lives.maintenance_starts]
        lives.maintenance_starts.clear()
        self._starts = [start for start in self._starts if start[1] > window.tick - 2 * self._span - window.grace]

    def _score_horizon(self, closed: int, index: int, mean: Floats) -> None:
        horizon = self._horizons[index]
        made = closed - horizon
        entry = self._entries[made]
        before = self._totals.get(made, np.full_like(mean, np.nan))
        truth = np.where(self._counts, (self._totals[closed] - before) / horizon, mean)
        truth = np.where(self._layout.target_table, truth, np.nan)
        self._scores.score_signals(made, index, entry, truth)
        if index == 0:
            place, chance = position(truth, entry.raw[:, 0]), entry.probability[:, 0]
            self.surprise = self._surprises.take(made, place, chance, self._memory.fate(made))
        self.scored.append(ScoredForecast(index, entry.raw[:, index], entry.quantiles[:, index], truth))
        self.tuned.learn(entry.levels, truth[..., None], slice(index, index + 1))
        self._memory.release(
            made, index, truth, self._carried_out(made, horizon), self._encoder.columns.of_horizon(index)
        )
        self.labels += int(np.isfinite(truth).sum())

    def _carried_out(self, made: int, horizon: int) -> NDArray[np.float32]:
        """[assets, columns] of the plan in hindsight: first work order begun within the horizon, mean setpoints."""
        orders = np.full((len(self._layout.spec.assets), len(self._horizons)), np.inf)
        for asset, tick in self._starts:
            if made < tick <= made + horizon:
                orders[asset] = np.minimum(orders[asset], tick - made - 1)
        mean = (self._setpoint_sums[made + horizon] - self._setpoint_sums[made]) / horizon
        return self._encoder.realised(orders, np.repeat(mean[None], len(self._horizons), axis=0))
