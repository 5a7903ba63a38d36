"""When and how much to learn: in step with simulated time, paused while it no longer pays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from twin.checks import whole
from twin.learning.convergence import Convergence
from twin.learning.promotion import Promotion
from twin.learning.recovery import Recovery
from twin.memory.memory import Memory
from twin.scoring.drift import Drift
from twin.scoring.ledger import Ledger
from twin.sensing.scaling import Scaler
from twin.state import SavedFields
from twin.surrogates.base import LearnsOutcomes, Surrogate
from twin.surrogates.batch import Batch


class Learner(SavedFields):
    """Makes `updates` gradient steps of `batch` rows at every `every`-th tick once `start` labels are there.

    parts: keyword arguments of Convergence, Promotion, Drift and Recovery, by `convergence` and so on. horizons,
    targets: of the forecasts. Drift is watched and candidates are tested at every tick; an alarm starts a recovery, and
    learning where it had paused.

    Raises ValueError for numbers below one.
    """

    STATE_FIELDS = ("convergence", "promotion", "drift", "recovery", "losses", "frozen", "updates")

    def __init__(
        self,
        *,
        surrogate: Surrogate,
        memory: Memory,
        scaler: Scaler,
        horizons: Sequence[int],
        targets: Sequence[str],
        parts: Mapping[str, Mapping[str, Any] | None],
        updates: int = 1,
        batch: int = 256,
        every: int = 1,
        start: int = 256,
    ) -> None:
        whole("Learner", 1, updates=updates, batch=batch, every=every, start=start)
        self._surrogate, self._memory, self._scaler = surrogate, memory, scaler
        options = {name: dict(parts.get(name) or {}) for name in ("convergence", "promotion", "drift", "recovery")}
        learns: dict[str, Any] = {"surrogate": surrogate, "memory": memory}
        self.convergence = Convergence(**options["convergence"])
        self.promotion = Promotion(**learns, scaler=scaler, horizons=tuple(horizons), **options["promotion"])
        self.drift = Drift(targets=targets, **options["drift"])
        self.recovery = Recovery(**learns, promotion=self.promotion, **options["recovery"])
        self._updates, self._batch, self._every, self._start = updates, batch, every, start
        self.losses: dict[str, float] = {}
        self.frozen = False
        self.updates = 0

    def step(self, tick: int, ledger: Ledger) -> None:
        """Make the gradient steps due at this tick, unless learning is paused."""
        released = self._memory.take_released()
        if isinstance(self._surrogate, LearnsOutcomes):
            self._surrogate.learn_outcomes(tick, released, learns=not self.frozen)
        self.losses = dict(ledger.losses)
        scores = [value for name, value in ledger.losses.items() if name.startswith("pinball")]
        newest = sum(scores) / len(scores) if scores else math.nan
        self._heed(tick, self.drift.watch(tick, ledger.surprise))
        learning = self.convergence.learning(newest, ledger.labels)
        if self.frozen:
            return
        self.losses.update(self.promotion.step(tick, self.updates))
        if learning and tick % self._every == 0 and ledger.labels >= self._start:
            self.losses.update(self.rehearse(self._updates))

    def counts(self) -> dict[str, float]:
        """Candidates promoted and refused, alarms of drift."""
        return {
            "promotions": self.promotion.promoted,
            "promotions_refused": self.promotion.refused,
            "drift_alarms": self.drift.alarms,
        }

    def _heed(self, tick: int, alarms: list[str]) -> None:
        """Recover from a drift; or end a recovery."""
        self.recovery.step(tick)
        self.losses.update({f"alarm.{name}": 1.0 for name in alarms})
        if alarms and not self.frozen:
            self.convergence.resume()
            self.drift.rest(self.recovery.begin(tick))

    def rehearse(self, updates: int) -> dict[str, float]:
        """Gradient steps from memory alone; the last one's losses."""
        losses: dict[str, float] = {}
        for _ in range(updates):
            batch = self._draw()
            scaled = self._scaler.scale(batch.features.astype(float)).astype("float32")
            losses = self._surrogate.learn(replace(batch, features=scaled))
            self.updates += 1
        return losses

    def _draw(self) -> Batch:
        """Rows, and whole moments after them for a surrogate that sees sequences."""
        rows = self._memory.sample(self._batch)
        return (
            rows.followed_by(self._memory.sample_moments(self._surrogate.windows)) if self._surrogate.context else rows
        )
