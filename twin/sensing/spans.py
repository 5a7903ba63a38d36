"""Where sorted readings pass from one signal to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.intp]


def spans(signals: Places) -> tuple[Places, Places]:
    """First and last place of each signal in `signals`, [n] sorted."""
    if len(signals) == 0:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    changes = (signals[1:] != signals[:-1]).nonzero()[0]
    starts, ends = np.empty((2, len(changes) + 1), dtype=np.intp)
    starts[0], ends[-1] = 0, len(signals) - 1
    starts[1:], ends[:-1] = changes + 1, changes
    return starts, ends
