"""Means of a run's figures over equal parts of it, and what they say about the long run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.lab import statistics
from twin.lab.statistics import Floats, Interval

COUNT = 10  # batches; fewer than 30 lose little (Schmeiser 1982)
LEAST = 40  # records that they are made from
DAY = 86_400.0
AVERAGES = ("oee", "availability")
ENDINGS = ("_per_hour", "_per_day", "_mean", "_utilisation")
EXTREMES = ("peak_", "max_")  # rise as totals do, and are none


@dataclass(frozen=True, slots=True)
class Batches:
    """A figure of each part of a run, [parts], and the 95 % Student interval of their mean.

    daily: whether they are amounts a day of a figure that is a total, else they are in its own unit.
    days: length of a part.
    """

    values: Floats
    interval: Interval
    daily: bool
    days: float

    def written(self) -> tuple[str, str]:
        """Mean and half-width of the interval, as many digits as two of the half-width make worth telling."""
        half = (self.interval.high - self.interval.low) / 2
        digits = min(max(1 - math.floor(math.log10(half)), 0), 6) if half > 0 else 2
        return f"{self.interval.value:,.{digits}f}", f"{half:,.{digits}f}"


def batches(history: pd.DataFrame, name: str) -> Batches | None:
    """Of a plant's figure (rows of kpi_history), by batch means (Law 2015, 9.5.3): parts as if independent, the
    warm-up among them. None where the record is short, or the figure is neither a mean over time nor a
    total.
    """
    rows = history[(history["asset"] == "") & (history["name"] == name)]
    time, value = rows["time"].to_numpy(), rows["value"].to_numpy()
    if len(rows) < LEAST or not np.all(np.isfinite(value)) or name.startswith(EXTREMES):
        return None
    average = name in AVERAGES or name.endswith(ENDINGS)
    if not average and (np.any(np.diff(value) < 0) or value[0] < 0 or value[-1] <= 0):
        return None
    total = value * time if average else value
    edges = np.linspace(0.0, float(time[-1]), COUNT + 1)
    parts = np.diff(np.interp(edges, np.r_[0.0, time], np.r_[0.0, total])) / np.diff(edges)
    parts = parts if average else parts * DAY
    return Batches(parts, statistics.mean(parts), not average, float(edges[1]) / DAY)
