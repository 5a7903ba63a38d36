"""A figure of a run as it stood at each tick, and what it is over a part of the run.

A run records its figures at every tick as they stand so far. An average over time, f(t) = A(t) / t, gives A back, and
so what it was over (w, T]: (A(T) - A(w)) / (T - w). A total counts on: A(T) - A(w). Any other figure (a ratio of
counts, a maximum, a level) cannot be computed without its beginning, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twin.lab.statistics import Floats
from twin.units import DAY

# Figures of plants by what they are, see the accounts in sim.line, sim.power and sim.road. The first that fits counts.
AVERAGES = r"\w+_per_(hour|day)|\w+_mean|availability|oee|(crew|operator)_utilisation(_\w+)?"
TOTALS = (
    r"profit|(cost|maintenance|downtime|failures|uplink|downlink|commands|messages|readings)_\w+|cost|\w+_cost|\w+_kwh|"
    r"(good|scrap)_parts|parts_entered|arrivals_refused|generator_starts|outages|"
    r"(starved|blocked|busy|outage|generator|delay)_hours|"
    r"incidents|(carbon|co2)_kg|fuel_litres|stops|trips|vehicles_arrived|link_traversals|battery_cycles"
)
LEVELS = r"\w+_in_flight|\w+_per_\w+"  # that TOTALS would take for a total


@dataclass(frozen=True, slots=True)
class History:
    """A figure as it stood at each tick. time: (n,) s, ascending; value: (n,), so far."""

    figure: str
    time: Floats
    value: Floats

    def amount(self) -> Floats:
        """(n,) totals so far: of an average over time its value times the time. Raises ValueError for other figures."""
        return self.value * self.time if kind(self.figure) == "average" else self.value

    def rate(self) -> Floats:
        """(n,) what came in each tick, per second."""
        return np.diff(self.amount(), prepend=0.0) / np.diff(self.time, prepend=0.0)

    def since(self, cut: float) -> Floats:
        """(n,) the figure counted from the last tick not after `cut` (s), at each tick; NaN up to there."""
        place = int(np.searchsorted(self.time, cut * (1 + 1e-12), side="right"))
        amount = self.amount()
        start, before = (self.time[place - 1], amount[place - 1]) if place else (0.0, 0.0)
        gain = amount - before
        if kind(self.figure) == "average":
            gain = gain / np.where(self.time > start, self.time - start, np.nan)
        return np.where(self.time > start, gain, np.nan)

    def after(self, cut: float) -> float:
        """The figure over what follows `cut` (s), see `since`. Raises ValueError where nothing follows."""
        figure = float(self.since(cut)[-1])
        if np.isnan(figure):
            days = self.time[-1] / DAY
            raise ValueError(f"warmup = {cut / DAY:g}: must be less than the {days:g} days that the runs last")
        return figure

    def parts(self, cut: float, count: int) -> Floats:
        """(count,) the figure over each of `count` equal parts of what follows `cut` (s); their mean is `after(cut)`.

        For batch means (Law 2015, 9.5.3). Of a total it is what the whole would be at each part's pace.
        """
        edges = np.linspace(cut, float(self.time[-1]), count + 1)
        gains: Floats = np.diff(np.interp(edges, np.r_[0.0, self.time], np.r_[0.0, self.amount()]))
        return gains / np.diff(edges) if kind(self.figure) == "average" else gains * count


def kind(figure: str) -> str:
    """average (over time) or total. Raises ValueError for a figure that is neither."""
    if re.fullmatch(AVERAGES, figure):
        return "average"
    if re.fullmatch(TOTALS, figure) and not re.fullmatch(LEVELS, figure):
        return "total"
    raise ValueError(
        f"metric = {figure}: is no average over time and no total, so it cannot be computed without the warm-up; "
        "leave warmup= out"
    )


def in_parts(figure: str) -> bool:
    """Whether a figure can be told of a part of a run: an average over time or a total."""
    try:
        kind(figure)
    except ValueError:
        return False
    return True


def histories(paths: Sequence[Path], figure: str) -> list[History]:
    """The figure's history in each run directory. Raises ValueError where a run has none, or no number in it."""
    kind(figure)
    return [course(path, figure) for path in paths]


def course(path: Path, figure: str) -> History:
    """The history of any figure in a run directory. Raises ValueError where there is none, or no number in it."""
    from twin.lab.record.loading import load_figures

    rows = load_figures(path, [figure])
    time, value = rows["time"].to_numpy(dtype=float), rows["value"].to_numpy(dtype=float)
    if not len(rows):
        raise ValueError(f"metric = {figure}: {path} has recorded no history of it; leave warmup= out")
    if not np.all(np.isfinite(value)):
        raise ValueError(
            f"metric = {figure}: {path} has recorded no number for it at {time[~np.isfinite(value)][0]:g} s"
        )
    return History(figure, time, value)
