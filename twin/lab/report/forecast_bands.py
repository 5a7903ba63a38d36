"""Sensors beside what was forecast for them: the bands of an asset's targets, and which assets tell most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from twin.lab.draw.page import text
from twin.lab.draw.plot_panel import Panel, broken, figure, legend, limits, side_by_side
from twin.lab.record.loading import Run
from twin.lab.report.figures import DAY, FAILED, PLANNED, alarms, in_order, moments, tick, true_events

WINDOWS = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 48.0, 96.0, 168.0, 336.0, 720.0)  # h at the end, drawn large
READABLE = 160  # ticks of them at least
FEWEST = 8  # measurements, below which a target is not drawn
GAP = 3.5  # ticks without a measurement that break a curve
KEY = (
    ("band", "purple", "forecast, 5 to 95 %"),
    ("line", "purple", "forecast median"),
    ("point", "ink", "measured"),
    ("stroke", "red", "failure"),
    ("brief", "blue", "planned work"),
    ("stroke", "amber", "residual alarm"),
)
TARGETS = 24  # of an asset, drawn at most


def most_telling(run: Run, made: pd.DataFrame) -> list[str]:
    """Assets with forecasts, those first to which most happened: failures and planned work, then by how much what was
    measured moved, beside other assets with the same target."""
    events = true_events(run)
    happened = events[events["kind"].isin([FAILED, PLANNED])]["asset"].astype(str).value_counts()
    spread = made.groupby(["asset", "target"], observed=True)["truth"].std().fillna(0.0)
    moved = (spread / spread.groupby("target", observed=True).transform("max")).groupby("asset", observed=True).max()
    names = in_order(run, [str(name) for name in made["asset"].unique()])
    return sorted(names, key=lambda name: (-int(happened.get(name, 0)), -round(float(moved.fillna(0.0)[name]), 2)))


def bands(run: Run, made: pd.DataFrame, asset: str) -> str:
    """An asset's targets and the forecasts `made` for them (of one horizon): the last hours, then the whole run.

    Nothing where hardly anything was measured.
    """
    rows = made[made["asset"] == asset]
    rows = rows.assign(day=(rows["issued"] + rows["horizon"] * tick(run)) / DAY).sort_values("day")
    units = {signal["key"]: signal.get("unit", "") for signal in run.run.get("signals") or []}
    events = true_events(run)
    failed, planned = (moments(events, asset, kind) for kind in (FAILED, PLANNED))
    told, drawn = alarms(run), []
    seen = [item for item in rows.groupby("target", observed=True) if item[1]["truth"].notna().sum() >= FEWEST]
    by_target = sorted(seen, key=lambda item: str(item[0]))
    chosen = _liveliest(by_target, set(told["target"]))
    for target, of_target in chosen:
        alarmed = [float(time) / DAY for time in told[told["target"] == target]["time"]]
        unit = units.get(f"{asset}.{target}")
        title = f"{target}, {unit}" if unit else target
        marks = {"red": failed, "blue": planned, "amber": alarmed}
        drawn.append(_target(of_target, title, asset, marks, tick(run) / DAY))
    if len(by_target) > len(chosen):
        drawn.append(text(f"{len(by_target) - len(chosen)} more signals are left out here: those that erred least."))
    return figure("".join(drawn)) if drawn else ""


def _liveliest(by_target: Sequence[tuple[Any, pd.DataFrame]], alarmed: set[str]) -> list[tuple[str, pd.DataFrame]]:
    """At most TARGETS targets, in order: those with an alarm, then those whose median erred most for their spread."""

    def rank(item: tuple[Any, pd.DataFrame]) -> tuple[bool, float]:
        target, rows = item
        error, spread = float((rows["q50"] - rows["truth"]).abs().mean()), float(rows["truth"].std())
        return str(target) not in alarmed, -error / spread if spread > 0 else 0.0

    chosen = sorted(by_target, key=rank)[:TARGETS] if len(by_target) > TARGETS else by_target
    return sorted(((str(target), rows) for target, rows in chosen), key=lambda item: item[0])


def key() -> str:
    """What the bands' colours stand for."""
    return legend(KEY)


def _target(rows: pd.DataFrame, title: str, asset: str, marks: Mapping[str, Sequence[float]], step: float) -> str:
    """The readable window, and the whole run beside it. marks: days to be marked, by colour. step: days of a tick."""
    begin, end = float(rows["day"].min()), float(rows["day"].max())
    close = max(end - window(step), begin)
    spans = [(close, end, f"{title}: the last {lasting(24 * (end - close))}"), (begin, end, "the whole run")]
    if close - begin < 0.1 * (end - begin):
        spans = [(begin, end, title)] if end > begin else [(begin - 0.5, end + 0.5, title)]
    panels = []
    for low, high, words in spans:
        shown = rows[rows["day"] >= low]
        description = f"{asset}: {title}, forecast band and measured, day {low:.3g} to {high:.3g}"
        panel = Panel(x=(low, high), y=limits(shown["truth"]), title=words, description=description, columns=420)
        day, q05, q50, q95, truth = broken(
            shown["day"], shown["q05"], shown["q50"], shown["q95"], shown["truth"], gap=GAP * step
        )
        for colour, days in marks.items():
            panel.strokes(days, colour, dash="" if colour == "red" else "dash")
        panel.band(day, q05, q95, "purple")
        panel.line(day, q50, "purple", dash="thin")
        panel.dots(day, truth, "ink")
        panels.append(panel.html())
    return side_by_side(panels, "wide-pair") if len(panels) > 1 else panels[0]


def window(step: float) -> float:
    """Days that can be read one forecast by one: the first of WINDOWS of at least READABLE ticks. step: days of one."""
    return next((hours / 24 for hours in WINDOWS if hours / 24 >= READABLE * step), WINDOWS[-1] / 24)


def lasting(hours: float) -> str:
    """A time as people say it."""
    if hours < 1:
        return f"{60 * hours:.0f} min"
    return f"{hours:.3g} h" if hours < 72 else f"{hours / 24:.3g} days"


def middle(values: pd.Series, wanted: int) -> int:
    """`wanted` where it is there, else the middle one."""
    horizons = sorted(int(value) for value in np.unique(values.to_numpy()))
    return wanted if wanted in horizons else horizons[len(horizons) // 2]
