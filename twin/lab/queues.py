"""Queue diagram and level of service of a run, for any plant whose signals are queues and travel times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.colors import BoundaryNorm, ListedColormap
from numpy.typing import NDArray

from twin.lab.drawing import AMBER, BLUE, CYAN, DAY, GREEN, PURPLE, RED, days, sheet
from twin.lab.loading import Run

Floats = NDArray[np.float64]
COLUMNS, PERIODS, SHOWN = 160, 24, 32
# Level of service by control delay, s/veh, upper bounds of A to E (Highway Capacity Manual, signalised intersections).
BOUNDS = (10.0, 20.0, 35.0, 55.0, 80.0)
GRADES = "ABCDEF"
COLOURS = (GREEN, CYAN, BLUE, AMBER, RED, PURPLE)


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    """The page's section: nothing where the plant has no such signals."""
    queues, times = of_kind(run, "queue", COLUMNS), of_kind(run, "travel_time", PERIODS)
    if len(queues):
        yield _text("Vehicles that wait, as the detectors told it, from none (clear) to many (dark).")
        yield f"<figure>{queue_diagram(queues.iloc[:SHOWN])}</figure>"
    if len(times):
        yield _text(
            "Level of service by control delay, from A (at most 10 s) to F (more than 80 s): travel time less what the "
            "link takes at best."
        )
        yield f"<figure>{service_diagram(control_delay(run, times).iloc[:SHOWN])}</figure>"


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
    """Time to the right, a row per signal."""
    values = queues.to_numpy(dtype=float)
    top = max(float(np.nanquantile(values, 0.995)), 1.0)

    def paint(axes: Any) -> None:
        ax = axes[0, 0]
        shade = ListedColormap([(0.84, 0.28, 0.23, alpha) for alpha in np.linspace(0.0, 1.0, 32)])
        ax.imshow(
            values, aspect="auto", interpolation="nearest", cmap=shade, vmin=0.0, vmax=top, extent=_extent(queues)
        )
        _name_rows(ax, queues)
        ax.set_title(f"full colour: {top:.0f} vehicles or more")
        days(axes)

    return sheet([0.17 * len(queues) + 0.3], paint, title="Vehicles waiting, per detector")


def service_diagram(delay: pd.DataFrame) -> str:
    """The grade of each part of the run, a row per signal."""
    grade = grades(delay)

    def paint(axes: Any) -> None:
        ax = axes[0, 0]
        norm = BoundaryNorm(np.arange(-0.5, 6.0), len(COLOURS))
        shown = np.ma.masked_less(grade, 0)
        ax.imshow(shown, aspect="auto", interpolation="nearest", cmap=ListedColormap(COLOURS), norm=norm,
                  extent=_extent(delay), alpha=0.75)  # fmt: skip
        width = float(delay.columns[0])
        for (row, column), value in np.ndenumerate(grade):
            if value >= 0:
                ax.text((column + 0.5) * width, row, GRADES[value], ha="center", va="center", fontsize=7)
        _name_rows(ax, delay)
        days(axes)

    return sheet([0.2 * len(delay) + 0.3], paint, title="Level of service, per link")


def _extent(table: pd.DataFrame) -> tuple[float, float, float, float]:
    return 0.0, float(table.columns[-1]), len(table) - 0.5, -0.5


def _name_rows(ax: Any, table: pd.DataFrame) -> None:
    ax.set_yticks(range(len(table)), [str(key).rpartition(".")[0] for key in table.index], fontsize=7)
    ax.tick_params(left=False)
    ax.grid(visible=False)


def _text(words: str) -> str:
    return f"<p>{escape(words)}</p>"
