"""Warm-up: how much of the beginning of runs is left out. What a figure is without it: twin.lab.record.history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.lab.record.history import History
from twin.lab.statistics import Floats

BATCH = 5  # ticks in a batch: the 5 of MSER-5
FEWEST = 10  # batches, below which the rule has nothing to choose from


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left out of all runs alike. seconds: of the beginning; words: how that was chosen."""

    seconds: float
    words: str


def mser(series: Floats) -> tuple[int, bool]:
    """MSER-5 of a series (n,): how many observations to leave out, and whether the series had settled by then.

    Of all truncations of the series of means of 5 it takes the one with the least sum of squares about the mean over
    the number left squared (White 1997, Simulation 69:323; batches of 5: White, Cobb & Spratt 2000; why it works:
    Franklin & White 2008). At most the first half is left out; where the least lies at that bound the series is too
    short to tell. Raises ValueError for fewer than 50 observations.
    """
    batches = len(series) // BATCH
    if batches < FEWEST:
        raise ValueError(f"warmup = mser: needs {BATCH * FEWEST} ticks or more, the runs have {len(series)}")
    means = series[: batches * BATCH].reshape(batches, BATCH).mean(axis=1)
    means = means - means.mean()
    left = np.arange(batches, 0, -1)
    sums, squares = (np.cumsum(values[::-1])[::-1] for values in (means, means**2))
    spread = np.maximum(squares - sums**2 / left, 0.0) / left**2
    best = int(np.argmin(spread[: batches // 2 + 1]))
    return best * BATCH, best < batches // 2


def proposed(arms: Mapping[str, Sequence[History]]) -> Cut:
    """The largest truncation that MSER-5 proposes for any arm, from the mean over its seeds of what came in each tick.

    Averaging over replications first, as Welch (1983) does, leaves less noise to mistake for a warm-up (Hoad, Robinson
    & Davies 2010). Raises ValueError for runs of fewer than 50 ticks.
    """
    largest, longest, settled = -1.0, "", True
    for arm, runs in arms.items():
        ticks = min(len(run.time) for run in runs)
        count, calm = mser(np.mean([run.rate()[:ticks] for run in runs], axis=0))
        seconds = float(runs[0].time[count - 1]) if count else 0.0
        if seconds > largest:
            largest, longest, settled = seconds, f"{runs[0].figure} of {arm}", calm
    words = (
        f"the most that MSER-5 proposes for any arm ({longest})" if largest else "MSER-5 finds no warm-up in any arm"
    )
    return Cut(largest, words if settled else f"{words}; that is the most it may take, so longer runs may be needed")
