"""Queue diagram and level of service of a run, for any plant whose signals are queues and travel times."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.draw.page import folded, text
from twin.lab.draw.plot_panel import Panel, figure
from twin.lab.record.loading import Run
from twin.lab.report.figures import DAY, strip
from twin.lab.report.forecast_bands import lasting

Floats = NDArray[np.float64]
COLUMNS, PERIODS, STRENGTHS = 160, 24, 8
SHOWN, LIMIT = 16, 80  # signals drawn at once, and in all
# Level of service by control delay, s/veh, upper bounds of A to E (Highway Capacity Manual, signalised intersections).
BOUNDS = (10.0, 20.0, 35.0, 55.0, 80.0)
GRADES = "ABCDEF"


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    """The page's section: nothing where the plant has no such signals."""
    queues, times = of_kind(run, "queue", COLUMNS), of_kind(run, "travel_time", PERIODS)
    if len(queues):
        yield text("Vehicles that wait, as the detectors report, from none (clear) to many (dark).")
        yield _first(queues, queue_diagram, "detectors")
    if len(times):
        yield text(
            "Level of service by control delay, from A (at most 10 s) to F (more than 80 s): travel time less what the "
            "link takes at best."
        )
        yield _first(control_delay(run, times), service_diagram, "links")


def _first(table: pd.DataFrame, draw: Callable[[pd.DataFrame], str], what: str) -> str:
    """The fullest rows, and the others folded; both in the plant's order."""
    order = np.argsort(-table.mean(axis=1).fillna(0.0).to_numpy(), kind="stable")
    first, rest = np.sort(order[:SHOWN]), np.sort(order[SHOWN:LIMIT])
    hidden = folded(f"{len(rest)} more {what}", draw(table.iloc[rest])) if len(rest) else ""
    return (
        draw(table.iloc[first])
        + hidden
        + text(f"{len(order) - LIMIT} more {what} are left out here." if len(order) > LIMIT else "")
    )


def of_kind(run: Run, kind: str, columns: int) -> pd.DataFrame:
    """[signals, columns] mean of each signal of a kind in equal parts of the run, by day at each part's end."""
    keys = [s["key"] for s in run.run.get("signals") or [] if s.get("kind") == kind]
    rows = run.readings[run.readings["signal"].isin(keys)]
    if rows.empty:
        return pd.DataFrame()
    edges = np.linspace(0.0, float(rows["time"].max()) + 1e-9, columns + 1)
    part = np.clip(np.searchsorted(edges, rows["time"].to_numpy()) - 1, 0, columns - 1)
    table = rows["value"].groupby([rows["signal"].astype(str), part]).mean().unstack()
    return table.reindex(index=[k for k in keys if k in table.index], columns=range(columns)).set_axis(
        edges[1:] / DAY, axis=1
    )


def control_delay(run: Run, times: pd.DataFrame) -> pd.DataFrame:
    """[signals, parts] delay: mean travel times less the hundredth part of each signal's readings that is least."""
    rows = run.readings[run.readings["signal"].isin(times.index)]
    least = rows["value"].groupby(rows["signal"].astype(str)).quantile(0.01)
    return times.sub(least.reindex(times.index), axis=0).clip(lower=0.0)


def grades(delay: pd.DataFrame) -> NDArray[np.intp]:
    """[signals, parts] 0 (A) to 5 (F); -1 where nobody was measured."""
    values = delay.to_numpy(dtype=float)
    return np.where(np.isfinite(values), np.searchsorted(BOUNDS, np.nan_to_num(values)), -1)


def queue_diagram(queues: pd.DataFrame) -> str:
    """Time to the right, a strip per signal, in eight strengths of one colour."""
    values = queues.to_numpy(dtype=float)
    top = max(float(np.nanquantile(values, 0.995)), 1.0)
    levels = np.minimum(np.ceil(np.nan_to_num(values) / top * STRENGTHS), STRENGTHS).astype(int)
    edges = np.r_[0.0, queues.columns.to_numpy(dtype=float)]
    rows = [
        strip(_asset(str(key)), _strip(_asset(str(key)), row, edges), f"mean {np.nanmean(each):.1f}")
        for key, row, each in zip(queues.index, levels, values, strict=True)
    ]
    foot = Panel(x=(0.0, float(edges[-1])), y=(0.0, 1.0), description="Time", levels=0)
    caption = f"Full colour: {top:.0f} vehicles or more. The figure is the mean of the run."
    return figure(f'<div class="strips">{"".join(rows)}{strip("", foot, "", foot=True)}</div>', caption)


def _strip(name: str, levels: NDArray[np.int_], edges: Floats) -> Panel:
    """Neighbours of one strength are one box."""
    panel = Panel(x=(0.0, float(edges[-1])), y=(0.0, 1.0), description=f"Vehicles waiting at {name}", levels=0)
    starts = np.flatnonzero(np.r_[True, np.diff(levels) != 0])
    ends, changed = np.r_[starts[1:], len(levels)], levels[starts]
    for level in range(1, STRENGTHS + 1):
        at_level = changed == level
        foot = np.zeros(int(at_level.sum()))
        panel.boxes(edges[starts[at_level]], edges[ends[at_level]], foot, foot + 1, "red", level=level % STRENGTHS)
    return panel


def service_diagram(delay: pd.DataFrame) -> str:
    """A letter for each part of the run, a row per signal."""
    grade, width = grades(delay), float(delay.columns[0])
    rows = []
    for key, row in zip(delay.index, grade, strict=True):
        name = escape(_asset(str(key)))
        letters = "".join(f'<i class="g{g}">{GRADES[g]}</i>' if g >= 0 else '<i class="none"></i>' for g in row)
        rows.append(f'<b title="{name}">{name}</b>{letters}')
    parts = delay.shape[1]
    grid = f'style="grid-template-columns:minmax(3.5rem,6.5rem) repeat({parts},minmax(0,1fr))"'
    caption = (
        f"Each column is {lasting(24 * width)}, the first on the left. Bounds: {_bounds()} (HCM, seconds per vehicle)."
    )
    description = f"Level of service of {len(delay)} links in {parts} parts of the run"
    return figure(
        f'<div class="levels letters" role="img" aria-label="{description}" {grid}>{"".join(rows)}</div>', caption
    )


def _bounds() -> str:
    return ", ".join(f"{letter} ≤ {bound:.0f}" for letter, bound in zip(GRADES, BOUNDS, strict=False))


def _asset(key: str) -> str:
    return key.rpartition(".")[0]
