"""Labels of a discrete-time hazard, from how far lives are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats


def survival_labels(
    end: Floats, mode: NDArray[np.int64], known: Floats, edges: Floats
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """([rows, bins] whether a row has a label in a bin, [rows, bins] 0 survived, m + 1 failed in mode m).

    end: [rows] ticks until the life's end, inf where it is not known. mode: [rows] of that failure, -1 for maintenance.
    known: [rows] ticks for which the fate is known. edges: [bins + 1] ticks.
    Source: Singer & Willett 1993, discrete-time survival likelihood with right-censoring.
    """
    end, mode, known = end[:, None], mode[:, None], known[:, None]
    low, high = edges[:-1], edges[1:]
    failed = (mode >= 0) & (end <= known) & (end > low) & (end <= high)
    at_risk = ((known >= high) | failed) & (known > low)
    return at_risk, np.where(failed, mode + 1, 0).astype(np.int64)
