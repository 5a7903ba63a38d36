"""Readings in order of time, whatever the layout of the table they stood in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.failures import FailureRows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class SignalName:
    """A signal of one asset: its number among the assets, its name and unit."""

    asset: int
    name: str
    unit: str


@dataclass
class Readings:
    """time: [readings] s since the earliest row, in order. signal: [readings] index into signals. value: [readings].

    rows: of the table. row_time, row_asset: [rows] in order of time, for failures, which are in that order too.
    median: median step between rows of the same series, s.
    """

    assets: tuple[str, ...]
    signals: tuple[SignalName, ...]
    time: Floats
    signal: Codes
    value: Floats
    row_time: Floats
    row_asset: Ints
    median: float
    failures: FailureRows | None = None

    @property
    def rows(self) -> int:
        return len(self.row_time)


def median_step(time: Floats, series: Ints, file: str) -> float:
    """Median step between rows of the same series, s. time: [rows] in order."""
    order = np.argsort(series, kind="stable")
    steps = np.diff(time[order])[np.diff(series[order]) == 0]
    steps = steps[steps > 0]
    if not len(steps):
        raise DataError(f"{file}: needs at least two different times")
    return float(f"{np.median(steps):.12g}")  # 0.1 rather than 0.10000000000000003


def step_words(seconds: float) -> str:
    """A step as people say it: 900 s (15 min)."""
    for scale, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= scale:
            return f"{seconds:,.10g} s ({seconds / scale:,.6g} {unit})"
    return f"{seconds:.10g} s"


def gap_words(time: Floats, series: Ints, median: float) -> str:
    """How many steps are longer than the usual one, empty for none."""
    order = np.argsort(series, kind="stable")
    steps = np.diff(time[order])[np.diff(series[order]) == 0]
    long = steps[steps > 1.5 * median]
    return f"{len(long)} longer steps, the longest {step_words(float(long.max()))}" if len(long) else ""
