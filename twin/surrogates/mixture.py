"""How much each of several forecasters is believed, per target and horizon, by what their forecasts were worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.forecast import QUANTILES, Floats
from twin.state import Kept, State, stacked, unstacked

Float32s = NDArray[np.float32]


class Mixture(Kept):
    """Weights of experts whose quantiles are averaged, learned from forecasts that were made before their truth.

    CRPS learning (Berrisch & Ziel 2023) by polynomial potentials (Cesa-Bianchi & Lugosi 2003): an expert's weight is in
    proportion to how much the mixture regrets not having moved towards it, which needs no learning rate. memory: share of
    the regret that is kept from one tick to the next. At first the last expert is believed alone.
    """

    KEPT = ("regret", "tick")

    def __init__(self, *, experts: int, horizons: tuple[int, ...], targets: int, memory: float = 0.999) -> None:
        self.regret: Floats = np.zeros((len(horizons), targets, experts))
        self.tick = 0
        self._last, self._memory = len(horizons) - 1, memory
        self._said: dict[int, Float32s] = {}

    @property
    def weights(self) -> Floats:
        """[horizons, targets, experts], which sum to one."""
        kept = np.maximum(self.regret, 0.0)
        total = kept.sum(-1, keepdims=True)
        alone = np.zeros(kept.shape)
        alone[..., -1] = 1.0
        result: Floats = np.where(total > 0, kept / np.where(total > 0, total, 1.0), alone)
        return result

    def enter(self, said: Float32s) -> None:
        """What the experts say at this tick, [experts, assets, horizons, targets, quantiles]; the last word counts."""
        self._said[self.tick] = np.ascontiguousarray(said)  # as it will be when taken up: sums depend on the order

    def settle(self, tick: int, released: list[tuple[int, int, Floats]]) -> None:
        """A new tick begins. released: (tick, horizon's index, truths [assets, targets], NaN where unknown)."""
        self.tick = tick
        weights = self.weights
        for made, horizon, truth in released:
            if made in self._said:
                self._learn(horizon, self._said[made][:, :, horizon], truth, weights[horizon])
        done = max((made for made, horizon, _ in released if horizon == self._last), default=0)
        for made in [made for made in self._said if made <= done]:
            del self._said[made]

    def _learn(self, horizon: int, said: Float32s, truth: Floats, weight: Floats) -> None:
        """said: [experts, assets, targets, quantiles]; weight: [targets, experts]. The pinball loss, linearised."""
        mixed = np.einsum("katq,tk->atq", said, weight)
        known = np.isfinite(truth)[..., None] & np.isfinite(mixed)
        slope = np.where(known, (truth[..., None] < mixed) - np.asarray(QUANTILES), 0.0)
        slopes = np.einsum("atq,katq->tk", slope, np.where(known, said - mixed, 0.0))
        self.regret[horizon] = self._memory * self.regret[horizon] - slopes

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"said": stacked(self._said)}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._said = unstacked(state["said"])
