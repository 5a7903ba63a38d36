"""Weights of several forecasters, per target and horizon, from the losses of their past forecasts."""

from __future__ import annotations

import numpy as np

from twin.forecast import QUANTILES, Floats
from twin.state import SavedFields, State, stacked, unstacked
from twin.surrogates.base import Released
from twin.surrogates.batch import Float32s

SHARPNESS = 3.0  # a standard error of regret multiplies a weight by e to this power


class Mixture(SavedFields):
    """Weights of experts whose quantiles are averaged, learned from forecasts that were made before their truth.

    CRPS learning (Berrisch & Ziel 2023) by exponential weights, at a rate set by the size of the regrets themselves
    (Gaillard et al. 2014). An expert's weight grows with the mixture's regret of not having moved towards it, in
    standard errors. The truths of a horizon overlap: as many of them as the horizon has ticks count as one. Until a
    truth is known the last expert has all the weight.

    experts, targets: their numbers. horizons: in ticks. memory: share of the regrets kept from one tick to the next.
    regret: [horizons, targets, experts] in units of the targets. tick: the current one.
    """

    STATE_FIELDS = ("regret", "tick", "_squares")

    def __init__(self, *, experts: int, horizons: tuple[int, ...], targets: int, memory: float = 0.9995) -> None:
        self.regret: Floats = np.zeros((len(horizons), targets, experts))
        self._squares: Floats = np.zeros((len(horizons), targets, experts))
        self.tick = 0
        self._last, self._memory = len(horizons) - 1, memory
        self._overlap = np.asarray(horizons, dtype=float)[:, None, None]
        self._issued: dict[int, Float32s] = {}

    @property
    def weights(self) -> Floats:
        """[horizons, targets, experts], which sum to one."""
        error = np.sqrt(self._squares.max(-1, keepdims=True) * self._overlap)
        known = error > 0
        score = SHARPNESS * self.regret / np.where(known, error, 1.0)
        share = np.exp(score - score.max(-1, keepdims=True))
        alone = np.zeros(share.shape)
        alone[..., -1] = 1.0
        result: Floats = np.where(known, share / share.sum(-1, keepdims=True), alone)
        return result

    def note(self, quantiles: Float32s) -> None:
        """The experts' forecasts of this tick, [experts, assets, horizons, targets, quantiles]; once a tick."""
        self._issued[self.tick] = np.ascontiguousarray(quantiles)  # sums later depend on the order in memory

    def learn_outcomes(self, tick: int, released: Released, *, learns: bool = True) -> None:
        """`tick` begins; `released`: truths that have arrived since the tick before, see twin.surrogates.base.Released.

        learns: whether weights move. In either case a forecast is forgotten once its last truth is known.
        """
        self.tick = tick
        weights = self.weights
        for made, horizon, truth in released:
            if learns and made in self._issued:
                self._learn(horizon, self._issued[made][:, :, horizon], truth, weights[horizon])
        done = max((made for made, horizon, _ in released if horizon == self._last), default=0)
        for made in [made for made in self._issued if made <= done]:
            del self._issued[made]

    def _learn(self, horizon: int, quantiles: Float32s, truth: Floats, weight: Floats) -> None:
        """Move the regrets by the linearised pinball loss of one forecast.

        quantiles: [experts, assets, targets, quantiles]. truth: [assets, targets]. weight: [targets, experts].
        """
        mixed = np.einsum("katq,tk->atq", quantiles, weight)
        known = np.isfinite(truth)[..., None] & np.isfinite(mixed)
        slope = np.where(known, (truth[..., None] < mixed) - np.asarray(QUANTILES), 0.0)
        slopes = np.einsum("atq,katq->tk", slope, np.where(known, quantiles - mixed, 0.0))
        self.regret[horizon] = self._memory * self.regret[horizon] - slopes
        self._squares[horizon] = self._memory * self._squares[horizon] + slopes**2

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"issued": stacked(self._issued)}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._issued = unstacked(state["issued"])
