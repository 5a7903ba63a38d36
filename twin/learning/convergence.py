"""Whether learning still pays, from the prequential loss."""

from __future__ import annotations

import math

from twin.checks import at_least, whole
from twin.state import SavedFields


class Convergence(SavedFields):
    """Decides whether learning goes on, from the prequential loss.

    It pauses when the smoothed loss is under `threshold`, or has not improved by `tolerance` (relative) for `patience`
    labels (0: never pauses for that); it resumes when the loss rises by `rise` (relative) over its value at the pause.
    Raises ValueError for negative numbers.
    """

    STATE_FIELDS = ("loss", "paused", "_best", "_best_label", "_paused_at")

    def __init__(
        self, *, threshold: float = 0.0, patience: int = 0, tolerance: float = 0.01, rise: float = 0.1, span: int = 144
    ) -> None:
        at_least("Convergence", 0, threshold=threshold, patience=patience, tolerance=tolerance, rise=rise)
        whole("Convergence", 1, span=span)
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

    def resume(self) -> None:
        """Go on learning, whatever the loss has been."""
        self.paused, self._best = False, math.inf
