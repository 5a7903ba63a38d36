"""The figure of a metric over time: each arm's mean over seeds with its band, as it stood at each tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from twin.lab import statistics
from twin.lab.compare.comparison import Comparison, Result, left
from twin.lab.compare.look import arm_look, chart_name, draw_legend, legend_height
from twin.lab.draw.chart import Chart, Ink
from twin.lab.record.history import History, histories
from twin.lab.statistics import Floats
from twin.units import DAY

POINTS = 240  # of a line over time


EARLY = 0.1  # of the time shown: what is jagged there does not set the limits


Curves = dict[str, tuple[Floats, Floats]]  # by arm, times (n,) in s and values (seeds, n)


def courses(comparison: Comparison, result: Result) -> Curves:
    """By arm, the metric from the end of the warm-up on, at each tick; empty where runs have no such history."""
    cut, curves = comparison.cut.seconds, {}
    try:
        for arm, entries in comparison.arms.items():
            runs = histories([entries[seed].path for seed in sorted(entries)], result.metric)
            curves[arm] = _so_far(runs, cut)
    except ValueError:
        return {}
    return curves


def _so_far(runs: Sequence[History], cut: float) -> tuple[Floats, Floats]:
    ticks = min(len(run.time) for run in runs)
    time = runs[0].time[:ticks]
    at = np.unique(np.linspace(0, ticks - 1, POINTS).astype(int))
    at = at[time[at] > cut]
    return time[at], np.stack([run.since(cut)[at] for run in runs])


def over_time(comparison: Comparison, result: Result, curves: Curves) -> Chart:
    """Mean over seeds with its 95 % band: of the metric so far, and of the difference from the first baseline."""
    baseline, aside = comparison.terms.baselines[0], (*left(comparison.terms), comparison.terms.baselines[0])
    gains = {
        arm: (time, values - curves[baseline][1])
        for arm, (time, values) in curves.items()
        if arm not in aside and values.shape == curves[baseline][1].shape
    }

    def paint(figure: Figure, ink: Ink) -> None:
        axes: Any = figure.subplots(1, 2 if gains else 1, squeeze=False)[0]
        for ax, shown in zip(axes, (curves, gains), strict=False):
            _bands(ax, shown, comparison)
            ax.set_xlabel("day")
        axes[0].set_title(f"{result.metric}{' since the warm-up' if comparison.cut.seconds else ' so far'}")
        if gains:
            axes[1].axhline(0.0, color=ink.soft, lw=0.9, zorder=0)
            axes[1].set_title(f"minus {baseline}")
        draw_legend(figure, axes[0])

    bands = "mean over seeds with 95 % bands" if result.seeds > 1 else "one seed, so without bands"
    title = f"{result.metric} over time, {bands}"
    return Chart(chart_name("time", result.metric), result.metric, title, paint, 3.1 + legend_height(list(curves)))


def _bands(ax: Any, curves: Curves, comparison: Comparison) -> None:
    settled: list[float] = []
    for arm, (time, values) in curves.items():
        colour, _, dash = arm_look(comparison, arm)
        middle, n = values.mean(axis=0), len(values)
        spread = values.std(axis=0, ddof=1) if n > 1 else np.zeros_like(middle)
        half = spread * (statistics.half_width(1.0, n) if n > 1 else 0.0)
        ax.fill_between(time / DAY, middle - half, middle + half, color=colour, alpha=0.12, lw=0)
        ax.plot(time / DAY, middle, dash, color=colour, lw=1.5, label=arm)
        late = time >= time[0] + EARLY * (time[-1] - time[0])
        settled += [*(middle - half)[late], *(middle + half)[late]]
    pad = 0.06 * (max(settled) - min(settled)) or 1.0
    ax.set_ylim(min(settled) - pad, max(settled) + pad)
    ax.yaxis.set_major_locator(MaxNLocator(6))
