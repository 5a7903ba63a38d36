"""Which weights forecast: the candidate replaces the champion once its loss on unseen truths is lower."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from twin.checks import real, whole
from twin.forecast import Floats
from twin.memory.memory import Memory
from twin.sensing.scaling import Scaler
from twin.state import SavedFields
from twin.surrogates.base import Contested, Surrogate

BLOCKS = 6  # of time, into which a test's differences are gathered


class Promotion(SavedFields):
    """Every `every` ticks: a shadow test of the candidate frozen at the last one, then a new candidate.

    Champion and candidate forecast the moments whose truths were released since the candidate was frozen, from the
    inputs stored at the time, at most `moments` of them. The candidate is promoted if the mean paired difference of
    their losses plus `doubt` standard errors (over blocks of time) is below zero: 0 for a win, 1.94 for a win at 95 %
    confidence, negative to accept a candidate that is not surely worse. The first `free` updates are promoted untested.
    every: 0 to promote always. Raises ValueError for values out of range.
    """

    STATE_FIELDS = ("every", "promoted", "refused", "_since", "_next")

    def __init__(
        self,
        *,
        surrogate: Surrogate,
        memory: Memory,
        scaler: Scaler,
        horizons: tuple[int, ...],
        every: int = 12,
        free: int = 1000,
        moments: int = 24,
        doubt: float = 0.0,
    ) -> None:
        whole("Promotion", 0, every=every, free=free)
        whole("Promotion", len(horizons), moments=moments)
        real("Promotion", doubt=doubt)
        self._surrogate = surrogate if isinstance(surrogate, Contested) and surrogate.is_contested() else None
        self._memory, self._scaler, self._horizons = memory, scaler, horizons
        self.every, self._free, self._moments, self._doubt = every, free, moments, doubt
        self.promoted = self.refused = 0
        self._since = -1  # the tick up to which truths were known when the candidate was frozen; -1: no test runs
        self._next = 0

    def step(self, tick: int, updates: int) -> dict[str, float]:
        """Close a test and begin the next if it is time; its outcome for the table of losses."""
        free = self._since < 0 and updates < self._free
        if self._surrogate is None or not self.every or free or tick < self._next:
            return {}
        outcome = self._judge(self._surrogate) if self._since >= 0 else {}
        self._begin(self._surrogate, tick)
        return outcome

    def _begin(self, surrogate: Contested, tick: int) -> None:
        surrogate.freeze()
        self._since, self._next = self._memory.closed, tick + self.every

    def hasten(self, every: int, tick: int) -> None:
        """Test every `every` ticks from now on; the champion stays until a candidate wins."""
        self.every = every
        if self.every and self._surrogate is not None:
            self._begin(self._surrogate, tick)

    def _judge(self, surrogate: Contested) -> dict[str, float]:
        differences = self._differences(surrogate)
        if not len(differences):
            return {}
        mean = float(differences.mean())
        error = float(differences.std(ddof=1) / np.sqrt(len(differences))) if len(differences) > 1 else 0.0
        won = mean + self._doubt * error < 0
        if won:
            surrogate.promote()
        self.promoted, self.refused = self.promoted + won, self.refused + (not won)
        return {"promotion.difference": mean, "promotion.won": float(won)}

    def _differences(self, surrogate: Contested) -> Floats:
        """[blocks] candidate less champion, over the truths released in each block of time since it was frozen."""
        since, closed = self._since, self._memory.closed
        ticks = self._ticks(since, closed)
        if not len(ticks):
            return np.empty(0)
        batch, when = self._memory.moments(ticks)
        scaled = self._scaler.scale(batch.features.astype(float)).astype(np.float32)
        signal, hazard = surrogate.shadow(replace(batch, features=scaled))
        made = np.repeat(ticks, len(signal) // len(ticks))
        due = np.broadcast_to((made[:, None] + np.array(self._horizons))[..., None], signal.shape)
        edges = since + (closed - since) * np.arange(BLOCKS + 1) / BLOCKS
        means = [
            _mean(signal, due, low, high) + hazard.shape[1] * _mean(hazard, when, low, high)
            for low, high in itertools.pairwise(edges)
        ]
        return np.array(means, dtype=float)

    def _ticks(self, since: int, closed: int) -> NDArray[np.intp]:
        """Ticks with truths released after `since`, spread evenly over those of each horizon."""
        count = min(self._moments // len(self._horizons), closed - since)
        spread = [np.linspace(since - h + 1, closed - h, count).round().astype(np.intp) for h in self._horizons]
        ticks = np.unique(np.concatenate(spread)) if count > 0 else np.empty(0, dtype=np.intp)
        ticks = ticks[ticks > 0]
        return ticks[self._memory.has(ticks)]


def _mean(loss: Floats, due: Floats, low: float, high: float) -> float:
    """Of the losses due in (low, high]; 0 where there are none."""
    known = np.isfinite(loss) & (due > low) & (due <= high)
    return float(loss[known].mean()) if known.any() else 0.0
