"""The figures of a comparison: values by seed, intervals of differences, course over time, two metrics at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure

from twin.lab.compare.comparison import Comparison, Result
from twin.lab.compare.look import ROW, arm_look, arm_rows, chart_name, draw_legend, metric_label
from twin.lab.compare.time_figure import courses, over_time
from twin.lab.draw.chart import Chart, Ink
from twin.lab.draw.words import number

FRONT = "not beaten in both"


def charts(comparison: Comparison) -> list[Chart]:
    """All figures that the runs have data for."""
    drawn: list[Chart] = []
    for result in comparison.results:
        drawn.append(paired(comparison, result))
        drawn += [forest(comparison, result)] if result.differences else []
        curves = courses(comparison, result)
        drawn += [over_time(comparison, result, curves)] if curves else []
    first, *others = comparison.results
    return drawn + [pareto(comparison, first, other) for other in others if first.sense and other.sense]


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
            colour, marker, _ = arm_look(comparison, name)
            dots = list(result.values[name].values())
            ax.plot(
                dots, [y] * len(dots), marker, color=colour, ms=5, mec=ink.card, mew=0.5, alpha=0.9, zorder=2, ls=""
            )
            if row["low"] is not None:
                ax.plot((row["low"], row["high"]), (y + 0.27, y + 0.27), color=ink.ink, lw=1.4, solid_capstyle="butt")
            ax.plot([row["mean"]], [y + 0.27], "|", color=ink.ink, ms=8, mew=2)
        arm_rows(ax, names)
        ax.set_xlabel(f"{metric_label(result)}\nbar: mean with 95 % interval; a line joins runs of one seed")

    title = f"{result.metric} of every run, joined by seed"
    return Chart(chart_name("paired", result.metric), result.metric, title, paint, 0.95 + ROW * 1.15 * len(names))


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
            f"difference of {metric_label(result)}\nthick: t interval, thin: BCa bootstrap, filled: p (Holm) < 0.05"
        )

    height = 0.6 + sum(0.55 + ROW * (len(rows) + 0.4) for rows in by.values())
    return Chart(
        chart_name("forest", result.metric),
        result.metric,
        f"Paired differences of {result.metric} with intervals",
        paint,
        height,
    )


def _forest(ax: Any, rows: Sequence[Mapping[str, Any]], comparison: Comparison, ink: Ink) -> None:
    ax.axvline(0.0, color=ink.soft, lw=0.9, zorder=0)
    for y, row in enumerate(rows):
        colour, marker, _ = arm_look(comparison, str(row["policy"]))
        thick, thin = (row["low"], row["high"]), (row["boot_low"], row["boot_high"])
        ax.plot(thin, (y - 0.24, y - 0.24), "|-", color=colour, lw=1.0, ms=4)
        ax.plot(thick, (y, y), "|-", color=colour, lw=2.2, ms=7, mew=1.4)
        face = colour if row["holm_p"] < 0.05 else ink.card
        ax.plot([row["difference"]], [y], marker, color=colour, mfc=face, mew=1.2, ms=5.5)
        label = f"{number(row['difference'])} [{number(row['low'])}, {number(row['high'])}]".replace("-", "−")
        ax.text(1.01, y, label, transform=ax.get_yaxis_transform(), va="center", fontsize=8, color=ink.ink)
    arm_rows(ax, [str(row["policy"]) for row in rows])


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
            colour, marker, _ = arm_look(comparison, arm)
            face = colour if arm in best else ink.card
            if a["low"] is not None:
                ax.plot((a["low"], a["high"]), (b["mean"],) * 2, color=colour, lw=1.1)
                ax.plot((a["mean"],) * 2, (b["low"], b["high"]), color=colour, lw=1.1)
            ax.plot(a["mean"], b["mean"], marker, color=colour, mfc=face, mew=1.4, ms=8, ls="", label=arm)
        ax.set_xlabel(f"{metric_label(first)} {'→' if first.sense > 0 else '←'}")
        ax.set_ylabel(f"{metric_label(other)} {'→' if other.sense > 0 else '←'}")
        draw_legend(figure, ax)

    title = f"{other.metric} against {first.metric}, means with 95 % intervals"
    return Chart(
        chart_name("pareto", f"{first.metric}_{other.metric}"),
        other.metric,
        title,
        paint,
        4.0 + 0.2 * -(-len(points) // 4),
    )


def front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """Names of the points that no other equals or beats in both coordinates and beats in one; more is better."""
    return [
        name
        for name, (x, y) in points.items()
        if not any(a >= x and b >= y and (a > x or b > y) for a, b in points.values())
    ]
