"""The section about setpoints: what was commanded over time, beside what is known ahead and the asset's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.contract import COMMAND_APPLIED
from twin.lab.draw.choice import choice
from twin.lab.draw.page import text
from twin.lab.draw.plot_panel import Panel, figure, legend
from twin.lab.record.loading import Run
from twin.lab.report import figures
from twin.lab.report.forecast_bands import lasting
from twin.lab.report.wording import left_out

Floats = NDArray[np.float64]
SHOWN = 7.0  # days at the end of the run, at most
ASSETS, SETPOINTS = 24, 6  # at most: assets to choose from, setpoints of each
COLUMNS = 168  # of the states' strip


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    """Nothing where the plant has no setpoints; a sentence where none was moved."""
    known = setpoints(run)
    if not known:
        return
    moves = applied(run, list(known))
    if moves.empty:
        yield text("No setpoint was moved: all stood where the plant's file has them.")
        return
    end = float(run.run.get("sim_s") or run.kpi_history["time"].max()) / figures.DAY
    begin = max(end - SHOWN, 0.0)
    counts = moves.groupby("asset", observed=True).size()
    names = sorted((str(name) for name in counts.index), key=lambda name: -int(counts[name]))
    part = "the whole run" if begin == 0 else f"the last {lasting(24 * SHOWN)}"
    yield text(f"As the plant applied them, {part}; below them the state of the asset. First what was moved most.")
    yield _schedules(run, begin, end)
    yield choice("Setpoints of", [(name, _asset(run, name, moves, known, begin, end)) for name in names[:ASSETS]])
    yield left_out(names, ASSETS)


def setpoints(run: Run) -> dict[str, Mapping[str, Any]]:
    """The setpoint actuators by key."""
    return {str(a["key"]): a for a in run.run.get("actuators") or [] if a.get("kind") == "setpoint"}


def applied(run: Run, keys: list[str]) -> pd.DataFrame:
    """time (s), asset, key, value of each setpoint as it was applied; as it was decided where no plant tells."""
    events = figures.true_events(run)
    rows = events[events["kind"] == COMMAND_APPLIED]
    if len(rows):
        rows = rows.assign(key=rows["detail"].astype(str))
    else:
        rows = run.decisions.assign(key=run.decisions["actuator"].astype(str))
    rows = rows[rows["key"].isin(keys)]
    return pd.DataFrame(
        {
            "time": rows["time"].to_numpy(dtype=float),
            "asset": [key.rpartition(".")[0] for key in rows["key"]],
            "key": rows["key"].to_numpy(),
            "value": rows["value"].to_numpy(dtype=float),
        }
    ).sort_values("time", kind="stable")


def _schedules(run: Run, begin: float, end: float) -> str:
    """What is known ahead: tariff, shifts, as steps."""
    panels = [_schedule(one, begin, end) for one in run.run.get("known_future") or [] if len(one["times"]) > 1]
    return figure("".join(panels)) if panels else ""


def _schedule(one: Mapping[str, Any], begin: float, end: float) -> str:
    edges, values = steps_of(one, begin, end)
    title = f"{one['name']}, {one['unit']}" if one.get("unit") else str(one["name"])
    panel = _panel(begin, end, (0.0, 1.15 * float(values.max()) or 1.0), title, str(one["name"]))
    panel.line(*_steps(edges, values), "purple")
    return panel.html()


def steps_of(one: Mapping[str, Any], begin: float, end: float) -> tuple[Floats, Floats]:
    """(edges [n + 1] in days, values [n] between them) of a schedule as run.json has it, from `begin` to `end`."""
    times, values = np.array(one["times"], dtype=float) / figures.DAY, np.array(one["values"], dtype=float)
    if one.get("repeat") is not None:
        period = float(one["repeat"]) / figures.DAY
        rounds = np.arange(np.floor(begin / period), np.ceil(end / period))
        times, values = (rounds[:, None] * period + times).ravel(), np.tile(values, len(rounds))
    until = end if one.get("until") is None else min(float(one["until"]) / figures.DAY, end)
    inside = times < until
    times, values = np.maximum(times[inside], begin), values[inside]
    lasts = np.diff(times, append=until) > 0
    edges, values = np.r_[times[lasts], until], values[lasts]
    if one.get("then") is not None and until < end:
        later, more = steps_of(one["then"], max(until, begin), end)
        edges, values = np.r_[edges[:-1], later], np.r_[values, more]
    return edges, values


def _asset(
    run: Run, name: str, moves: pd.DataFrame, known: Mapping[str, Mapping[str, Any]], begin: float, end: float
) -> str:
    own = moves[moves["asset"] == name]
    keys = list(dict.fromkeys(own["key"]))
    panels = [_setpoint(own[own["key"] == key], known[key], begin, end) for key in keys[:SETPOINTS]]
    more = text(f"{len(keys) - SETPOINTS} more setpoints are left out here.") if len(keys) > SETPOINTS else ""
    return figure("".join(panels) + _states(run, name, begin, end)) + more


def _setpoint(rows: pd.DataFrame, actuator: Mapping[str, Any], begin: float, end: float) -> str:
    """Steps between the times at which it was moved, from its default on."""
    times, values = rows["time"].to_numpy() / figures.DAY, rows["value"].to_numpy()
    default = actuator.get("default")
    first = float(default) if isinstance(default, int | float) else float(values[0])
    edges, held = np.r_[0.0, times, max(end, times[-1] + 1e-9)], np.r_[first, values]
    key, unit = str(actuator["key"]), actuator.get("unit")
    inside = held[np.flatnonzero(edges[1:] >= begin)]
    low, high = float(inside.min()), float(inside.max())
    room = 0.12 * (high - low) or 0.05 * max(abs(high), 1.0)
    title = key.rpartition(".")[2] + (f", {unit}" if unit else "")
    panel = _panel(begin, end, (low - room, high + room), title, f"Setpoint {key}")
    panel.line(*_steps(edges, held), "blue")
    return panel.html()


def _states(run: Run, name: str, begin: float, end: float) -> str:
    """Shares of time in each state, in columns over the same days."""
    table = figures.state_times(run)
    own = table[table["asset"] == name]
    if own.empty:
        return ""
    colours = figures.state_colours(run)
    marks = np.unique(np.round(np.linspace(begin, end, COLUMNS + 1) * figures.DAY / figures.tick(run)))
    marks = marks * figures.tick(run)
    panel = _panel(begin, end, (0.0, 1.0), "state", f"States of {name}", levels=0)
    figures.pile(panel, figures.in_columns(own, marks), marks / figures.DAY, colours)
    return panel.html() + legend([("area", ink, state) for state, ink in colours.items()])


def _panel(begin: float, end: float, y: tuple[float, float], title: str, description: str, levels: int = 2) -> Panel:
    return Panel(x=(begin, end), y=y, title=title, description=description, height="small", levels=levels)


def _steps(edges: Floats, values: Floats) -> tuple[Floats, Floats]:
    return np.repeat(edges, 2)[1:-1], np.repeat(values, 2)
