"""How often and how far setpoints have been moved: what there has been to learn their effects from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.state import SavedFields


class SetpointHistory(SavedFields):
    """Of every setpoint: the values it has had, and what may be known of its effect after them."""

    STATE_FIELDS = ("_ticks", "_sum", "_square", "_times", "_last")

    def __init__(self, *, assets: int, slots: int) -> None:
        self._ticks = 0
        self._sum, self._square, self._last = (np.zeros((assets, slots)) for _ in range(3))
        self._times: NDArray[np.int64] = np.ones((assets, slots), dtype=np.int64)

    def observe(self, moved: Floats) -> None:
        """Take a tick's setpoints [assets, slots]."""
        self._ticks += 1
        self._sum += moved
        self._square += moved**2
        self._times += moved != self._last
        self._last = moved.copy()

    def leverage(self, by: Floats, horizon: int) -> Floats:
        """[plans] standard error of the effect of moving setpoints `by` [plans, assets, slots], in label deviations.

        That of a linear regression, sqrt(sum of by^2 / (n var)), with var of each setpoint so far and for n the values
        that it has had in turn or the labels of `horizon` ticks that do not overlap, whichever are fewer; inf for what
        has never been moved. Source: Draper & Smith 1998, chapter 3, setpoints taken for uncorrelated.
        """
        count = max(self._ticks, 1)
        variance = np.maximum(self._square / count - (self._sum / count) ** 2, 0.0)
        known = np.minimum(self._times, count / horizon) * variance
        each = np.divide(by**2, known, out=np.where(by != 0, np.inf, 0.0), where=known > 1e-12)
        result: Floats = np.sqrt(each.sum((1, 2)))
        return result
