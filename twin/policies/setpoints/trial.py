"""A trial of a setpoint move on the plant itself, in blocks of time that alternate with blocks at home."""

from __future__ import annotations

import numpy as np
from scipy import stats

from twin.forecast import Floats
from twin.state import SavedFields

# Within a round the move comes first and last (A B B A), so that a steady drift cancels out.
ROUND = (True, False, False, True)
DROPPED, GOES_ON, ADOPTED = -1, 0, 1


class Trial(SavedFields):
    """Compares blocks under a move with blocks without it, round by round: a switchback experiment.

    A move is adopted once its gain is above zero at one-sided `confidence` (two-sample t, pooled variance). It is
    dropped when it shows no gain, or no sure one after `rounds` rounds. Source: Bojinov, Simchi-Levi & Zhao 2023,
    Design and analysis of switchback experiments.

    rounds: of four blocks each. confidence: in [0.5, 1). blocks: results so far, in the order of ROUND.
    Raises ValueError for values out of range.
    """

    STATE_FIELDS = ("blocks",)

    def __init__(self, *, rounds: int = 4, confidence: float = 0.95) -> None:
        if rounds < 1:
            raise ValueError(f"Trial: rounds = {rounds}: must be >= 1")
        if not 0.5 <= confidence < 1:
            raise ValueError(f"Trial: confidence = {confidence}: must be in [0.5, 1)")
        self._rounds, self._confidence = rounds, confidence
        self.blocks: list[float] = []

    @property
    def moved(self) -> bool:
        """Whether the block that begins now is one under the move."""
        return ROUND[len(self.blocks) % len(ROUND)]

    def verdict(self, besides: float = 0.0) -> int:
        """DROPPED, GOES_ON or ADOPTED, after the blocks so far.

        besides: gain that the blocks do not show, in their units; it is taken as certain.
        """
        if not self.blocks or len(self.blocks) % len(ROUND):
            return GOES_ON
        gain, doubt = self.gain()
        if gain + besides > doubt:
            return ADOPTED
        done = len(self.blocks) >= self._rounds * len(ROUND)
        return DROPPED if done or gain + besides <= 0 else GOES_ON

    def gain(self) -> tuple[float, float]:
        """(mean gain of a block under the move, the gain above which it is sure), after whole rounds."""
        values: Floats = np.array(self.blocks)
        under = np.resize(np.array(ROUND), len(values))
        move, stay = values[under], values[~under]
        freedom = len(values) - 2
        squares = float(((move - move.mean()) ** 2).sum() + ((stay - stay.mean()) ** 2).sum())
        error = float(np.sqrt(squares / freedom * (1 / len(move) + 1 / len(stay))))
        return float(move.mean() - stay.mean()), float(stats.t.ppf(self._confidence, freedom)) * error
