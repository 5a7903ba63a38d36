"""The section about residual alarms: when truths no longer fell among the forecast quantiles as they had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.lab.draw.page import table, text
from twin.lab.record.loading import Run
from twin.lab.report.figures import DAY, FAILED, alarms, true_events
from twin.lab.report.forecast_bands import lasting
from twin.units import HOUR

Floats = NDArray[np.float64]
SHOWN = 200  # alarms, the last ones
WORDS = {
    "position": "level: truths lie more to one side of the forecast than they had",
    "spread": "spread: truths lie nearer to the forecast's middle, or farther from it, than they had",
    "failures": "failures come more often, or less, than was forecast",
}


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    found = alarms(run)
    if found.empty:
        if run.run.get("recording"):
            yield text("None: truths fell among the forecast quantiles as they had before.")
        return
    yield text(
        "Residuals are watched as positions of truths among the quantiles of one-step forecasts (Page-Hinkley test). "
        "After an alarm the twin learns faster for a while, and what is usual is learned anew."
    )
    failures = np.sort(_failures(run))
    shown = found.tail(SHOWN)
    rows = [
        [f"day {time / DAY:.2f}", target or "all assets", WORDS.get(kind, kind), _next(time, failures)]
        for time, kind, target in zip(shown["time"], shown["kind"], shown["target"], strict=True)
    ]
    count = f"{len(shown)} of {len(found):,}" if len(found) > len(shown) else f"{len(found):,}"
    head = ["when", "signal", "what has shifted", "next failure"]
    yield table(f"{count} alarm{'s' * (len(found) != 1)}", head, rows, [1, 2, 3])


def _failures(run: Run) -> Floats:
    """Times of failures of any asset, s."""
    events = true_events(run)
    times: Floats = events[events["kind"] == FAILED]["time"].to_numpy(dtype=float)
    return times


def _next(time: float, failures: Floats) -> str:
    after = failures[np.searchsorted(failures, time, side="right") :]
    return f"{lasting(float(after[0] - time) / HOUR)} later" if len(after) else "none after it"
