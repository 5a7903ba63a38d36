"""Whether what was forecast came as often as it should: quantiles of sensors, probabilities of failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from twin.lab.core.calibration_curves import calibration, hazard_calibration, pit
from twin.lab.core.scores import LEVELS, independent, renewable
from twin.lab.draw.page import text
from twin.lab.draw.plot_panel import Panel, colour, dash, figure, legend, side_by_side
from twin.lab.draw.words import counted, ticks
from twin.lab.record.loading import Run
from twin.lab.report import caveats
from twin.lab.report.figures import last_third, learning, part_shown


def forecasts(run: Run) -> str:
    """Share below each quantile against its level, and the share between quantiles against what it should be."""
    table = last_third(run, run.forecasts)
    curve = Panel(
        x=(0.0, 1.0),
        y=(0.0, 1.0),
        title="Share of truths below the quantile",
        x_name="level of the forecast quantile",
        height="tall",
        time=False,
        levels=5,
    )
    curve.line([0, 1], [0, 1], "mid", dash="dot")
    edges = np.r_[0.0, list(LEVELS.values()), 1.0]
    densities = pit(table)
    top = max(1.5, 1.1 * max(float(np.max(density)) for density in densities.values()))
    ranks = Panel(
        x=(0.0, 1.0),
        y=(0.0, top),
        title="Where the truth fell: observed / expected",
        x_name="between the quantiles of these levels",
        height="tall",
        time=False,
        levels=4,
    )
    ranks.line([0, 1], [1, 1], "mid", dash="dot")
    points = calibration(table)
    for place, horizon in enumerate(points):
        levels, shares = zip(*points[horizon], strict=True)
        curve.line(levels, shares, colour(place), dash=dash(place))
        curve.dots(levels, shares, colour(place), large=True)
        ranks.steps(edges, densities[horizon], colour(place), dash=dash(place))
    few = {h: _looks(rows, h) < caveats.FEW_LABELS for h, rows in table.groupby("horizon")}
    names = [f"{ticks(h)} ahead{', few labels' if few[h] else ''}" for h in points]
    key = [(dash(i) or "line", colour(i), name) for i, name in enumerate(names)]
    return figure(legend(key) + side_by_side([curve.html(), ranks.html()]))


def _looks(rows: pd.DataFrame, horizon: Any) -> int:
    """Independent labels of a horizon, over all targets."""
    return sum(independent(of_target, int(horizon)) for _, of_target in rows.groupby("target", observed=True))


def hazard_curves(run: Run) -> dict[int, list[tuple[float, float]]]:
    """Points of (probability, share that failed), for the leads that have any."""
    return {lead: points for lead, points in hazard_calibration(last_third(run, renewable(run))).items() if points}


def hazards(run: Run, scores: Mapping[str, float]) -> str:
    """Failures: observed share, weighted for censoring, against forecast probability, per lead."""
    panels = []
    for place, (lead, points) in enumerate(hazard_curves(run).items()):
        forecast, seen = (np.array(column) for column in zip(*points, strict=True))
        top = max(float(forecast.max()), float(seen.max()), 1e-3) * 1.1
        panel = Panel(
            x=(0.0, top),
            y=(0.0, top),
            title=f"Share that failed within {ticks(lead)}{_of_failures(scores.get(f'failures_seen.h{lead}'))}",
            x_name="forecast probability",
            time=False,
        )
        panel.line([0, top], [0, top], "mid", dash="dot")
        panel.line(forecast, seen, colour(place))
        panel.dots(forecast, seen, colour(place), large=True)
        panels.append(panel.html())
    return figure(side_by_side(panels, "trio"))


def _of_failures(count: float | None) -> str:
    return "" if count is None else f" ({counted(count, 'failure')})"


def learning_section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    if run.losses["value"].notna().any():
        about = "Each forecast is scored before it is learned from; its loss is told in errors of persistence."
        yield text(f"{about} Smoothed over a day.") + learning(run)


def section(run: Run, scores: Mapping[str, float]) -> Iterator[str]:
    if len(run.forecasts):
        yield text(f"Forecasts of {part_shown(run, run.forecasts)}. Calibrated ones lie on the dotted lines.")
        yield forecasts(run)
    if hazard_curves(run):
        yield text("Failures, in bins of equal size by forecast probability, weighted for what maintenance hid.")
        yield hazards(run, scores)
