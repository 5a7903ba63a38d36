"""What was drawn from the memory, and the weights that undo the bias of drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.surrogates.batch import Float32s

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Drawn:
    """at, asset: [B] what was drawn. target: [B] its probability under the target distribution. rare: share of the rare."""

    at: Rows
    asset: Rows
    target: Floats
    rare: float

    def weight(self, density: Floats) -> Float32s:
        """[B] target over sampling density, `density` being that of the rare alone."""
        if not self.rare:
            return np.ones(len(self.at), dtype=np.float32)
        return (self.target / ((1 - self.rare) * self.target + self.rare * density)).astype(np.float32)
