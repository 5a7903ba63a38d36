"""How much each of several forecasters is believed, per target and horizon, by what their forecasts were worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.forecast import QUANTILES, Floats
from twin.state import Kept, State, stacked, unstacked

Float32s = NDArray[np.float32]

SHARPNESS = 3.0  # weight that a standard error of regret is worth, in powers of e


class Mixture(Kept):
    """Weights of experts whose quantiles are averaged, learned from forecasts that were made before their truth.

    CRPS learning (Berrisch & Ziel 2023) by exponential weights at a rate that the regrets' own size sets (Gaillard et al.
    2014): an expert's weight grows with how much the mixture regrets not having moved towards it, in standard errors. The
    truths of a horizon overlap, so that as many of them as it has ticks count as one. memory: share of what is known that
    is kept from one tick to the next. Until there is anything the last expert is believed alone.
    """

    KEPT = ("regret", "tick", "_squares")

    def __init__(self, *, experts: int, horizons: tuple[int, ...], targets: int, memory: float = 0.9995) -> None:
        self.regret: Floats = np.zeros((len(horizons), targets, experts))
        self._squares: Floats = np.zeros((len(horizons), targets, experts))
        self.tick = 0
        self._last, self._memory = len(horizons) - 1, memory
        self._overlap = np.asarray(horizons, dtype=float)[:, None, None]
        self._said: dict[int, Float32s] = {}

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

    def enter(self, said: Float32s) -> None:
        """What the experts forecast at this tick, [experts, assets, horizons, targets, quantiles]; once a tick."""
        self._said[self.tick] = np.ascontiguousarray(said)  # as it will be when taken up: sums depend on the order

    def settle(self, tick: int, released: list[tuple[int, int, Floats]], *, learns: bool = True) -> None:
        """A new tick begins. released: (tick, horizon's index, truths [assets, targets], NaN where unknown).

        learns: whether weights move; what was said is forgotten in either case once its last truth is known.
        """
        self.tick = tick
        weights = self.weights
        for made, horizon, truth in released:
            if learns and made in self._said:
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
        self._squares[horizon] = self._memory * self._squares[horizon] + slopes**2

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"said": stacked(self._said)}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._said = unstacked(state["said"])
