"""Plans of a crossing's next greens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.lab.core.privileged.releases import Greens

AFTER = (5.0, 10.0, 15.0, 25.0)  # s of green that are tried for the stage after next
GROWTH = 0.12  # of the greens that are tried, from one to the next; at least a second
NEVER = -1e9
REST = 10.0  # s of green that others get before the running stage of a crossing comes for the third time


def lengths(shortest: float, longest: float) -> list[float]:
    """Greens to try, s: finely where they are short."""
    result = [shortest]
    while (following := result[-1] + max(1.0, GROWTH * result[-1])) <= longest:
        result.append(following)
    return result


@dataclass(frozen=True, slots=True)
class GreenPlans:
    """Candidates for what follows the running green, one a column.

    end: [plans] end of the running green, s. stage, green: [plans] the next stage and its green, s. after: [plans]
    green, s, of the one after it: the running stage again where a crossing has two, else the following one. Then
    everyone is taken to go. running: number of the stage that has, or had, green, since `since` (s). intergreen: s.
    """

    end: Floats
    stage: NDArray[np.int64]
    green: Floats
    after: Floats
    running: int
    since: float
    intergreen: float
    stages: int

    def greens(self, stage: int) -> Greens:
        """Greens of a stage: (onset, end), each [plans], in order of time."""
        onset = self.end + self.intergreen
        again = onset + self.green + self.intergreen
        final = again + self.after + self.intergreen
        third = np.where(self._third == stage, again + self.after, NEVER)
        following = self.stage == stage
        first = np.where(following, onset, again), np.where(following, onset + self.green, third)
        if stage != self.running:
            return first, (final, final)
        running = np.full_like(self.end, self.since), self.end
        return running, (again, third), (final + REST, final)

    @property
    def _third(self) -> NDArray[np.int64]:
        return np.full_like(self.stage, self.running) if self.stages == 2 else (self.stage + 1) % self.stages


def make_plans(
    *,
    ends: Sequence[float],
    greens: Iterable[tuple[int, Sequence[float]]],
    running: int,
    since: float,
    intergreen: float,
    stages: int,
) -> GreenPlans:
    """All combinations of `ends` (s), of next stages with the greens tried for each, and of AFTER."""
    following = [(stage, green) for stage, tried in greens for green in tried]
    rows = [(end, *one, after) for end, one, after in product(ends, following, AFTER)]
    end, stage, green, after = (np.array(column) for column in zip(*rows, strict=True))
    return GreenPlans(end, stage, green, after, running, since, intergreen, stages)
