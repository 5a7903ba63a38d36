"""What most runs are drawn by: states of assets, the objective, losses; and what figures ask a run for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.draw.plot_panel import Panel, colour, dash, figure, legend, limits, side_by_side
from twin.lab.draw.words import ticks
from twin.lab.record.loading import Run

DAY = 86_400.0
STATES = {"busy": "green", "idle": "quiet", "blocked": "amber", "down": "red", "maintenance": "blue"}
OTHER_STATES = ("purple", "sky", "mid", "amber", "green", "blue", "red")
COLUMNS = 120
PREFIX = "alarm."  # of the losses that tell of an alarm
FAILED, PLANNED = "failed", "maintenance_started"


def tick(run: Run) -> float:
    """Seconds between decisions."""
    return float(run.run.get("tick") or 600.0)


def last_third(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    """Rows issued in the last third of the horizon; all of them where the run did not get so far."""
    late = table[table["issued"] >= 2 / 3 * float(run.run.get("horizon") or 0.0)]
    return late if len(late) else table


def part_shown(run: Run, table: pd.DataFrame) -> str:
    """Of which part of the run the rows of `last_third` are, in words."""
    late = float(table["issued"].max()) >= 2 / 3 * float(run.run.get("horizon") or 0.0)
    return "the last third" if late else "all that was recorded, as the run ended before its last third"


def in_order(run: Run, names: Sequence[str]) -> list[str]:
    """Asset names in the plant's order; those that it does not list come last, by name."""
    place = {asset["name"]: i for i, asset in enumerate(run.run.get("assets") or [])}
    return sorted(set(names) - {""}, key=lambda name: (place.get(name, len(place)), name))


def true_events(run: Run) -> pd.DataFrame:
    """What truly happened; without a plant (a recording), what was delivered."""
    of_plant = run.events[run.events["source"] == "plant"]
    return of_plant if len(of_plant) else run.events


def moments(events: pd.DataFrame, asset: str, kind: str) -> list[float]:
    """Days at which an asset had an event of a kind."""
    rows = events[(events["asset"] == asset) & (events["kind"] == kind)]
    return [float(time) / DAY for time in rows["time"]]


def alarms(run: Run) -> pd.DataFrame:
    """time (s), kind (position, spread or failures, see Drift), target (a signal's name; empty for failures)."""
    rows = run.losses[run.losses["name"].astype(str).str.startswith(PREFIX)]
    names = rows["name"].astype(str).str.removeprefix(PREFIX).str.partition(".")
    kinds, targets = (names[column].to_numpy() if len(rows) else np.empty(0, dtype=object) for column in (0, 2))
    return pd.DataFrame({"time": rows["time"].to_numpy(), "kind": kinds, "target": targets})


def state_times(run: Run) -> pd.DataFrame:
    """Rows of kpi_history that hold the seconds so far in each state."""
    return run.kpi_history[run.kpi_history["name"].astype(str).str.startswith("state.")]


def state_colours(run: Run) -> dict[str, str]:
    """The colour of each state that the run's assets have been in, in the order in which they are drawn.

    Of a plant whose assets are never called busy, the state that they are in longest stands in for it.
    """
    times = state_times(run)
    seconds = times.groupby(["asset", "name"], observed=True)["value"].last().groupby("name", observed=True).sum()
    spent = {str(name).removeprefix("state."): float(value) for name, value in seconds.items()}
    others = sorted(spent.keys() - STATES.keys(), key=lambda state: (-spent[state], state))
    first = {others.pop(0): STATES["busy"]} if others and "busy" not in spent else {}
    rest = dict(zip(others, OTHER_STATES * len(others), strict=False))
    return {name: ink for name, ink in (first | STATES | rest).items() if name in spent}


def eventful(run: Run, names: Sequence[str]) -> list[str]:
    """Of assets, those that were in more than one state."""
    times = state_times(run)
    last = times[times["value"] > 0].groupby("asset", observed=True)["name"].nunique()
    return [name for name in names if last.get(name, 0) > 1]


def states(run: Run, names: Sequence[str]) -> str:
    """A strip per asset: share of time in each state, in 120 columns over the run; failures and work above."""
    table, events, colours = state_times(run), true_events(run), state_colours(run)
    end = float(table["time"].max())
    marks = np.unique(np.round(np.linspace(0, end, COLUMNS + 1) / tick(run)) * tick(run))
    first = next(iter(colours))
    rows = []
    for name in names:
        shares = in_columns(table[table["asset"] == name], marks)
        panel = Panel(x=(0.0, end / DAY), y=(0.0, 1.5), description=f"States of {name}", levels=0)
        pile(panel, shares, marks / DAY, colours)
        panel.strokes(moments(events, name, PLANNED), "blue", foot=0.74)
        panel.strokes(moments(events, name, FAILED), "red", foot=0.74)
        mean = float(shares[f"state.{first}"].mean()) if f"state.{first}" in shares else 0.0
        rows.append(strip(name, panel, f"{100 * mean:.0f} % {first}"))
    foot = Panel(x=(0.0, end / DAY), y=(0.0, 1.0), description="Time", levels=0)
    key = [("area", ink, state) for state, ink in colours.items()]
    key += [("stroke", "red", "failure"), ("stroke", "blue", "planned work")]
    return figure(f'{legend(key)}<div class="strips">{"".join(rows)}{strip("", foot, "", foot=True)}</div>')


def strip(name: str, panel: Panel, figure: str, *, foot: bool = False) -> str:
    """A row of strips: a name, its panel, a figure. foot: the last one, which has the axis only."""
    kind = "foot" if foot else "row"
    return (
        f'<b title="{escape(name)}">{escape(name)}</b><div class="{kind}">{panel.html()}</div><em>{escape(figure)}</em>'
    )


def in_columns(table: pd.DataFrame, marks: NDArray[np.float64]) -> pd.DataFrame:
    """[columns] of each state's share of the time between marks."""
    wide = table.pivot_table(index="time", columns="name", values="value", observed=True)
    at = pd.Index(marks)
    sums = wide.reindex(wide.index.union(at)).ffill().fillna(0.0).reindex(at)
    return sums.diff().iloc[1:].div(np.diff(marks), axis=0)


def pile(panel: Panel, shares: pd.DataFrame, marks: NDArray[np.float64], colours: dict[str, str]) -> None:
    """Draw what `in_columns` gives, state upon state."""
    edges, foot = np.repeat(marks, 2)[1:-1], np.zeros(2 * len(shares))
    for state, ink in colours.items():
        share = shares.get(f"state.{state}")
        if share is not None and share.any():
            top = foot + np.repeat(share.to_numpy(), 2)
            panel.band(edges, foot, top, ink, solid=True)
            foot = top


def objective(run: Run) -> str:
    """The objective, cumulative as it was measured, and its rate over each day."""
    facts = run.run["objective"]
    rows = run.readings[run.readings["signal"] == facts["signal"]].sort_values("time")
    day, value = rows["time"].to_numpy() / DAY, rows["value"].to_numpy()
    end = float(day.max())
    at = np.arange(0, np.floor(end + 0.02) + 1) if end >= 4 else np.linspace(0, end, 9)
    rate = np.diff(np.interp(at, day, value)) / (24 * np.diff(at))
    unit = facts.get("unit", "")
    total = Panel(x=(0, end), y=limits(value, 0, zero=True), title=f"{facts['signal']}, {unit} so far")
    total.line(day, value, "blue")
    each = "day" if end >= 4 else f"{24 * end / 8:.2g} h"
    hourly = Panel(x=(0, end), y=limits(rate, 0, zero=True), title=f"{unit} per hour, mean of each {each}")
    hourly.steps(at, rate, "blue", fill=True)
    return figure(side_by_side([total.html(), hourly.html()]))


def learning(run: Run) -> str:
    """Prequential and training losses, smoothed over a day of ticks."""
    names = sorted(map(str, run.losses["name"].unique()), key=lambda n: (len(n), n))
    kinds = {
        "Forecasts: pinball loss": [n for n in names if n.startswith("pinball")],
        "Failures: log loss": [n for n in names if n == "hazard"],
        "In training": [n for n in names if n.startswith("train")],
    }
    span = max(2.0, DAY / tick(run))
    parts = []
    for title, group in kinds.items():
        smooth = {
            name: rows.assign(value=rows["value"].ewm(span=span).mean())
            for name in group
            if len(rows := run.losses[run.losses["name"] == name].dropna())
        }
        if smooth:
            parts.append(_losses(title, smooth, float(run.losses["time"].max()) / DAY))
    return figure(side_by_side(parts, "trio"))


def _losses(title: str, smooth: dict[str, pd.DataFrame], end: float) -> str:
    seen = np.concatenate([rows["value"].to_numpy() for rows in smooth.values()])
    panel = Panel(x=(0.0, end), y=limits(seen, 0.2, zero=True), title=title)
    for place, rows in enumerate(smooth.values()):
        panel.line(rows["time"].to_numpy() / DAY, rows["value"].to_numpy(), colour(place), dash=dash(place))
    key = [(dash(i) or "line", colour(i), _loss_name(name)) for i, name in enumerate(smooth)]
    return f"<div>{panel.html()}{legend(key) if len(smooth) > 1 else ''}</div>"


def _loss_name(name: str) -> str:
    """pinball.h6 is 6 ticks ahead, train.hazard is hazard."""
    last = name.rpartition(".")[2]
    return ticks(int(last[1:])) + " ahead" if last[:1] == "h" and last[1:].isdecimal() else last
