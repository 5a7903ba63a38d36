"""When and how much to learn: in step with simulated time, paused while it no longer pays."""

from __future__ import annotations

import math
from dataclasses import replace

from twin.ledger import Ledger
from twin.memory import Batch, Memory
from twin.scaling import Scaler
from twin.state import Kept
from twin.surrogates.base import Settling, Surrogate


class Convergence(Kept):
    """Says whether learning should go on, from the prequential loss.

    It pauses when the smoothed loss is under `threshold`, or has not improved by `tolerance` (relative) for `patience`
    labels (0: never pauses for that); it resumes when the loss rises by `rise` (relative) over its value at the pause.
    Raises ValueError for negative numbers.
    """

    KEPT = ("loss", "paused", "_best", "_best_label", "_paused_at")

    def __init__(
        self, *, threshold: float = 0.0, patience: int = 0, tolerance: float = 0.01, rise: float = 0.1, span: int = 144
    ) -> None:
        for name, value in (
            ("threshold", threshold), ("patience", patience), ("tolerance", tolerance), ("rise", rise),
        ):  # fmt: skip
            if not value >= 0:
                raise ValueError(f"Convergence: {name} = {value}: must be >= 0")
        if span < 1:
            raise ValueError(f"Convergence: span = {span}: must be >= 1 tick")
        self._threshold, self._patience, self._tolerance, self._rise = threshold, patience, tolerance, rise
        self._weight = 2.0 / (span + 1.0)
        self.loss = math.nan
        self.paused = False
        self._best, self._best_label, self._paused_at = math.inf, 0, math.inf

    def learning(self, loss: float, labels: int) -> bool:
        """Take the newest prequential loss (NaN if none) and the number of labels so far."""
        if math.isfinite(loss):
            self.loss = loss if math.isnan(self.loss) else self.loss + self._weight * (loss - self.loss)
        if math.isnan(self.loss):
            return True
        if self.paused:
            if self.loss > self._paused_at * (1 + self._rise):
                self.paused, self._best, self._best_label = False, self.loss, labels
        else:
            if self.loss < self._best * (1 - self._tolerance):
                self._best, self._best_label = self.loss, labels
            idle = self._patience > 0 and labels - self._best_label >= self._patience
            if self.loss < self._threshold or idle:
                self.paused, self._paused_at = True, self.loss
        return not self.paused


class Learner(Kept):
    """Makes `updates` gradient steps of `batch` rows at every `every`-th tick once `start` labels are there.

    Raises ValueError for numbers below one.
    """

    KEPT = ("convergence", "losses", "frozen")

    def __init__(
        self,
        *,
        surrogate: Surrogate,
        memory: Memory,
        scaler: Scaler,
        convergence: Convergence,
        updates: int = 1,
        batch: int = 256,
        every: int = 1,
        start: int = 256,
    ) -> None:
        for name, value in (("updates", updates), ("batch", batch), ("every", every), ("start", start)):
            if value < 1:
                raise ValueError(f"Learner: {name} = {value}: must be >= 1")
        self._surrogate, self._memory, self._scaler = surrogate, memory, scaler
        self.convergence = convergence
        self._updates, self._batch, self._every, self._start = updates, batch, every, start
        self.losses: dict[str, float] = {}
        self.frozen = False

    def step(self, tick: int, ledger: Ledger) -> None:
        """Learn from what has been released, if it is time and still pays."""
        released = self._memory.take_released()
        if isinstance(self._surrogate, Settling):
            self._surrogate.settle(tick, [] if self.frozen else released)
        self.losses = dict(ledger.losses)
        scores = [value for name, value in ledger.losses.items() if name.startswith("pinball")]
        newest = sum(scores) / len(scores) if scores else math.nan
        if not self.convergence.learning(newest, ledger.labels) or self.frozen:
            return
        if tick % self._every or ledger.labels < self._start:
            return
        self.losses.update(self.rehearse(self._updates))

    def rehearse(self, updates: int) -> dict[str, float]:
        """Gradient steps from memory alone; the last one's losses."""
        losses: dict[str, float] = {}
        for _ in range(updates):
            batch = self._draw()
            scaled = self._scaler.scale(batch.features.astype(float)).astype("float32")
            losses = self._surrogate.learn(replace(batch, features=scaled))
        return losses

    def _draw(self) -> Batch:
        """Rows, and whole moments after them for a surrogate that sees sequences."""
        rows = self._memory.sample(self._batch)
        return (
            rows.followed_by(self._memory.sample_moments(self._surrogate.windows)) if self._surrogate.context else rows
        )
