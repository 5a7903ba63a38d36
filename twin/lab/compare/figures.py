"""The figures of a comparison: values by seed, intervals of differences, course over time, two metrics at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from twin.lab import statistics
from twin.lab.compare import warmup
from twin.lab.compare.comparison import Comparison, Result, left
from twin.lab.draw.chart import Chart, Ink
from twin.lab.draw.style import CYCLE, LETTER, WIDTH
from twin.lab.draw.words import number
from twin.lab.statistics import Floats
from twin.units import DAY

MARKERS = "osD^vPX*<>hp"
DASHES = ("-", "--", ":", "-.")
ROW = 0.34  # inches
HANDLE = 2.2  # letters wide, so that dashes are distinguished
FRONT = "not beaten in both"
POINTS = 240  # of a line over time
EARLY = 0.1  # of the time shown: what is jagged there does not set the limits
Curves = dict[str, tuple[Floats, Floats]]  # by arm, times (n,) in s and values (seeds, n)


def charts(comparison: Comparison) -> list[Chart]:
    """All figures that the runs have data for."""
    drawn: list[Chart] = []
    for result in comparison.results:
        drawn.append(paired(comparison, result))
        drawn += [forest(comparison, result)] if result.differences else []
        curves = courses(comparison, result)
        drawn += [over_time(comparison, result, curves)] if curves else []
    first, *others = comparison.results
    return drawn + [pareto(comparison, first, other) for other in others]


def paired(comparison: Comparison, result: Result) -> Chart:
    """Each run's value as a dot, runs of one seed joined; each arm's mean as a bar with its 95 % interval."""
    rows = sorted(result.means, key=lambda row: result.sense * row["mean"])
    names = [str(row["policy"]) for row in rows]

    def paint(figure: Figure, ink: Ink) -> None:
        ax: Any = figure.subplots()
        for seed in sorted({seed for by_seed in result.values.values() for seed in by_seed}):
            there = [(by_seed[seed], y) for y, name in enumerate(names) if seed in (by_seed := result.values[name])]
            for (x0, y0), (x1, y1) in pairwise(there):
                if y1 == y0 + 1:
                    ax.plot((x0, x1), (y0, y1), color=ink.soft, lw=0.6, alpha=0.45, zorder=1)
        for y, (row, name) in enumerate(zip(rows, names, strict=True)):
            colour, marker, _ = _look(comparison, name)
            dots = list(result.values[name].values())
            ax.plot(
                dots, [y] * len(dots), marker, color=colour, ms=5, mec=ink.card, mew=0.5, alpha=0.9, zorder=2, ls=""
            )
            if row["low"] is not None:
                ax.plot((row["low"], row["high"]), (y + 0.27, y + 0.27), color=ink.ink, lw=1.4, solid_capstyle="butt")
            ax.plot([row["mean"]], [y + 0.27], "|", color=ink.ink, ms=8, mew=2)
        _rows(ax, names)
        ax.set_xlabel(f"{_label(result)}\nbar: mean with 95 % interval; a line joins runs of one seed")

    title = f"{result.metric} of every run, joined by seed"
    return Chart(_name("paired", result.metric), result.metric, title, paint, 0.95 + ROW * 1.15 * len(names))


def forest(comparison: Comparison, result: Result) -> Chart:
    """Each mean paired difference with Student's interval (thick) and BCa's (thin); filled where Holm's p < 0.05."""
    by: dict[str, list[Mapping[str, Any]]] = {}
    for row in result.differences:
        by.setdefault(str(row["baseline"]), []).append(row)

    def paint(figure: Figure, ink: Ink) -> None:
        ratios = [len(rows) + 0.4 for rows in by.values()]
        axes: Any = figure.subplots(len(by), 1, squeeze=False, height_ratios=ratios)[:, 0]
        for ax, (baseline, rows) in zip(axes, by.items(), strict=True):
            _forest(ax, sorted(rows, key=lambda row: result.sense * row["difference"]), comparison, ink)
            ax.set_title(f"minus {baseline}")
        axes[-1].set_xlabel(
            f"difference of {_label(result)}\nthick: t interval, thin: BCa bootstrap, filled: p (Holm) < 0.05"
        )

    height = 0.6 + sum(0.55 + ROW * (len(rows) + 0.4) for rows in by.values())
    return Chart(
        _name("forest", result.metric),
        result.metric,
        f"Paired differences of {result.metric} with intervals",
        paint,
        height,
    )


def _forest(ax: Any, rows: Sequence[Mapping[str, Any]], comparison: Comparison, ink: Ink) -> None:
    ax.axvline(0.0, color=ink.soft, lw=0.9, zorder=0)
    for y, row in enumerate(rows):
        colour, marker, _ = _look(comparison, str(row["policy"]))
        thick, thin = (row["low"], row["high"]), (row["boot_low"], row["boot_high"])
        ax.plot(thin, (y - 0.24, y - 0.24), "|-", color=colour, lw=1.0, ms=4)
        ax.plot(thick, (y, y), "|-", color=colour, lw=2.2, ms=7, mew=1.4)
        face = colour if row["holm_p"] < 0.05 else ink.card
        ax.plot([row["difference"]], [y], marker, color=colour, mfc=face, mew=1.2, ms=5.5)
        label = f"{number(row['difference'])} [{number(row['low'])}, {number(row['high'])}]".replace("-", "−")
        ax.text(1.01, y, label, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=ink.ink)
    _rows(ax, [str(row["policy"]) for row in rows])


def courses(comparison: Comparison, result: Result) -> Curves:
    """By arm, the metric from the end of the warm-up on, at each tick; empty where runs have no such history."""
    cut, curves = comparison.cut.seconds, {}
    try:
        for arm, entries in comparison.arms.items():
            runs = warmup.histories([entries[seed].path for seed in sorted(entries)], result.metric)
            curves[arm] = _so_far(runs, cut)
    except ValueError:
        return {}
    return curves


def _so_far(runs: Sequence[warmup.History], cut: float) -> tuple[Floats, Floats]:
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
        _legend(figure, axes[0])

    title = f"{result.metric} over time, mean over seeds with 95 % bands"
    return Chart(_name("time", result.metric), result.metric, title, paint, 3.1 + _legend_height(list(curves)))


def _bands(ax: Any, curves: Curves, comparison: Comparison) -> None:
    settled: list[float] = []
    for arm, (time, values) in curves.items():
        colour, _, dash = _look(comparison, arm)
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


def pareto(comparison: Comparison, first: Result, other: Result) -> Chart:
    """Each arm's means of two metrics with their 95 % intervals; those that no other arm beats in both are joined."""
    points = {str(a["policy"]): (a, b) for a, b in zip(first.means, other.means, strict=True)}
    best = front({arm: (first.sense * a["mean"], other.sense * b["mean"]) for arm, (a, b) in points.items()})

    def paint(figure: Figure, ink: Ink) -> None:
        ax: Any = figure.subplots()
        along = sorted((points[arm][0]["mean"], points[arm][1]["mean"]) for arm in best)
        if len(along) > 1:
            ax.plot(*zip(*along, strict=True), color=ink.soft, lw=1.0, ls=":", zorder=1, label=FRONT)
        for arm, (a, b) in points.items():
            colour, marker, _ = _look(comparison, arm)
            face = colour if arm in best else ink.card
            if a["low"] is not None:
                ax.plot((a["low"], a["high"]), (b["mean"],) * 2, color=colour, lw=1.1)
                ax.plot((a["mean"],) * 2, (b["low"], b["high"]), color=colour, lw=1.1)
            ax.plot(a["mean"], b["mean"], marker, color=colour, mfc=face, mew=1.4, ms=8, ls="", label=arm)
        ax.set_xlabel(f"{_label(first)} {'→' if first.sense > 0 else '←'}")
        ax.set_ylabel(f"{_label(other)} {'→' if other.sense > 0 else '←'}")
        _legend(figure, ax)

    title = f"{other.metric} against {first.metric}, means with 95 % intervals"
    return Chart(
        _name("pareto", f"{first.metric}_{other.metric}"), other.metric, title, paint, 4.0 + 0.2 * -(-len(points) // 4)
    )


def front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """Names of the points that no other equals or beats in both coordinates and beats in one; more is better."""
    return [
        name
        for name, (x, y) in points.items()
        if not any(a >= x and b >= y and (a > x or b > y) for a, b in points.values())
    ]


def _look(comparison: Comparison, arm: str) -> tuple[str, str, str]:
    """Colour, marker and dash of an arm, the same in all figures; distinguished without colour too."""
    place = list(comparison.arms).index(arm)
    return CYCLE[place % len(CYCLE)], MARKERS[place % len(MARKERS)], DASHES[place % len(DASHES)]


def _rows(ax: Any, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", left=False)
    ax.grid(visible=False, axis="y")


def _legend(figure: Figure, ax: Any) -> None:
    handles, names = ax.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=_columns(names), handlelength=HANDLE)


def _columns(names: Sequence[str]) -> int:
    """Of a legend: as many as find room beside each other."""
    return max(1, min(4, len(names), int(WIDTH / (0.55 + LETTER * max(map(len, names))))))


def _legend_height(names: Sequence[str]) -> float:
    return 0.2 * -(-len(names) // _columns(names))


def _label(result: Result) -> str:
    return f"{result.metric} ({'less' if result.sense < 0 else 'more'} is better)"


def _name(what: str, metric: str) -> str:
    return f"{what}_{re.sub(r'[^A-Za-z0-9_-]+', '-', metric)}"
