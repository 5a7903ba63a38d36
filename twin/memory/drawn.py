"""Rows drawn from the memory, and the weights that undo the bias of drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.surrogates.batch import Float32s

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows of a batch of B. at, asset: [B] row and asset. target: [B] probability in the target distribution.

    rare: share of the batch that was drawn from the last rows before failures.
    """

    at: Rows
    asset: Rows
    target: Floats
    rare: float

    def weight(self, density: Floats) -> Float32s:
        """[B] target over sampling density, `density` being that of the rows before failures."""
        if not self.rare:
            return np.ones(len(self.at), dtype=np.float32)
        return (self.target / ((1 - self.rare) * self.target + self.rare * density)).astype(np.float32)


def pick(rows: Rows, count: int, width: int, random: np.random.Generator) -> tuple[Rows, Rows]:
    """([count] of `rows`, [count] of `width` assets), drawn with replacement."""
    if not count:
        return rows[:0], rows[:0]
    drawn = random.integers(len(rows) * width, size=count)
    return rows[drawn // width], drawn % width


def counts_of(size: int, shares: tuple[float, ...], random: np.random.Generator) -> list[int]:
    """Whole numbers of sum `size` whose means are size x shares (systematic sampling)."""
    if shares[0] == 1.0:
        return [size, 0, 0, 0]
    steps = np.floor(np.append(0.0, np.cumsum(shares[:-1])) * size + random.random())
    return [int(count) for count in np.diff(np.append(steps, steps[0] + size))]
