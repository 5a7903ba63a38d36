"""Where readings go."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Reports(Protocol):
    """Takes what sensors and counters report, and sends it; a plant does."""

    def send_readings(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        """One sample of many signals, taken at `time` (s), as one message. signals: positions in the spec's signals."""
        ...
