"""What people who run power systems look at: the dispatch stack, what is stored, the price; drawn from signal kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.draw.page import text
from twin.lab.draw.plot_panel import Panel, dash, figure, legend, limits, side_by_side
from twin.lab.record.loading import Run
from twin.lab.report.figures import DAY

SHOWN = 7.0  # days at the end of the run
COLOURS = {"solar": "amber", "wind": "sky", "battery": "green", "generator": "red", "grid": "blue"}  # by asset type
HOURS = 24


@dataclass(frozen=True)
class Flows:
    """Mean power by tick (rows: ticks, columns: assets), stored energy and price beside it; frames may be empty.

    supply: into the hub, negative where a store takes it. demand: out of the hub. colours: of the supply, by asset.
    """

    supply: pd.DataFrame
    demand: pd.DataFrame
    stored: pd.DataFrame
    price: pd.DataFrame
    colours: Mapping[str, str]


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    """HTML: the last days and the average day, where the plant has a hub that power flows into and out of."""
    flows = flows_of(run)
    if flows is None:
        return
    yield text(
        "Power by source, stacked; below zero it is stored or sold. The line is what the loads drew. Beside it, the "
        "average day of the whole run."
    )
    yield drawing(flows)


def power_keys(run: Run) -> dict[str, str]:
    """The power meter's signal of each asset that has one."""
    return _keys(run, "power")


def hubs(run: Run) -> list[str]:
    """Assets without a power meter that lie between assets that have one."""
    links, power = [(str(a), str(b)) for a, b in run.run.get("links") or []], power_keys(run)
    into = {b for a, b in links if a in power and b not in power}
    return [hub for hub in sorted(into) if any(a == hub and b in power for a, b in links)]


def flows_of(run: Run) -> Flows | None:
    """From the readings; None where no asset without a power meter lies between assets that have one."""
    found, power = hubs(run), power_keys(run)
    if not found:
        return None
    links = [(str(a), str(b)) for a, b in run.run.get("links") or []]
    kinds = {kind: _keys(run, kind) for kind in ("stored_energy", "price")}
    step = float(run.run.get("tick") or 3600.0)
    supply = [a for a, b in links if b == found[0] and a in power]
    demand = [b for a, b in links if a == found[0] and b in power]
    supplied, taken = (_means(run, {a: power[a] for a in names}, step) for names in (supply, demand))
    colours = {a["name"]: COLOURS[a["type"]] for a in run.run.get("assets") or [] if a["type"] in COLOURS}
    flows = Flows(
        supplied, taken, _means(run, kinds["stored_energy"], step), _means(run, kinds["price"], step), colours
    )
    return flows if len(flows.supply) > 1 and len(flows.demand) > 1 else None


def drawing(flows: Flows) -> str:
    """Dispatch stack, stored energy, price; the last days on the left, the average day on the right."""
    end = float(flows.supply.index.max())
    last, mean = f"the last {min(SHOWN, end):.3g} days", "the average day, by hour"
    rows = [[_stack(flows, end, by_hour, f"Power, kW: {mean if by_hour else last}") for by_hour in (False, True)]]
    for title, table, colour in (("Stored, kWh", flows.stored, "green"), ("Price", flows.price, "purple")):
        if len(table) > 1:
            rows.append([_curves(table, colour, end, by_hour, title) for by_hour in (False, True)])
    return figure(_legend(flows) + "".join(side_by_side(row, "wide-pair") for row in rows))


def _legend(flows: Flows) -> str:
    names = {str(name): _colour(flows, place) for place, name in enumerate(flows.supply.columns)}
    return legend([*(("area", ink, name) for name, ink in names.items()), ("line", "ink", "loads")])


def _colour(flows: Flows, place: int) -> str:
    return flows.colours.get(str(flows.supply.columns[place])) or ("purple", "mid")[place % 2]


def _stack(flows: Flows, end: float, by_hour: bool, title: str) -> str:
    supply, demand = _view(flows.supply, end, by_hour), _view(flows.demand, end, by_hour).sum(axis=1)
    values = np.nan_to_num(supply.to_numpy())
    ups, downs = np.maximum(values, 0.0).cumsum(axis=1), np.minimum(values, 0.0).cumsum(axis=1)
    low, high = float(downs.min()), max(float(ups.max()), float(demand.max()))
    panel = _panel(supply, (1.05 * low, 1.05 * high + 1e-9), by_hour, title, "tall")
    at = _edges(supply)
    for place in range(values.shape[1]):
        for side in (ups, downs):
            foot = side[:, place - 1] if place else np.zeros(len(side))
            if np.any(side[:, place] != foot):
                panel.band(at, np.repeat(foot, 2), np.repeat(side[:, place], 2), _colour(flows, place), solid=True)
    panel.line(at, np.repeat(demand.to_numpy(), 2), "ink")
    return panel.html()


def _curves(table: pd.DataFrame, colour: str, end: float, by_hour: bool, title: str) -> str:
    view = _view(table, end, by_hour)
    panel = _panel(
        view, limits(view.to_numpy(), 0, zero=True), by_hour, "the average day" if by_hour else title, "small", title
    )
    for place, name in enumerate(view.columns):
        panel.line(_edges(view), np.repeat(view[name].to_numpy(), 2), colour, dash=dash(place))
    return panel.html()


def _panel(
    view: pd.DataFrame, y: tuple[float, float], by_hour: bool, title: str, height: str, description: str = ""
) -> Panel:
    at = _edges(view)
    return Panel(
        x=(float(at[0]), float(at[-1])),
        y=y,
        title=title,
        description=description or title,
        height=height,
        time=not by_hour,
        x_name="hour of the day" if by_hour and height == "tall" else "",
    )


def _edges(view: pd.DataFrame) -> NDArray[np.float64]:
    """Beginning and end of each row's time, its index being the end."""
    ends = view.index.to_numpy(dtype=float)
    return np.repeat(np.r_[ends[0] - (ends[1] - ends[0] if len(ends) > 1 else 1e-3), ends], 2)[1:-1]


def _view(table: pd.DataFrame, end: float, by_hour: bool) -> pd.DataFrame:
    """The last days, or the mean of each hour of the day. The index is in days, or in hours."""
    if not by_hour:
        return table[table.index >= end - SHOWN]
    hour = np.floor((table.index.to_numpy() % 1.0) * HOURS + 1e-6)
    return table.groupby(np.where(hour == 0, HOURS, hour)).mean()


def _means(run: Run, keys: Mapping[str, str], step: float) -> pd.DataFrame:
    """[ticks, assets] mean of the readings of each tick; the index is the tick's end in days."""
    rows = run.readings[run.readings["signal"].isin(list(keys.values()))]
    if rows.empty:
        return pd.DataFrame()
    names = {key: asset for asset, key in keys.items()}
    tick = np.ceil(rows["time"].to_numpy() / step - 1e-9) * step / DAY
    readings = rows.assign(tick=tick, asset=rows["signal"].astype(str).map(names))
    table = readings.pivot_table(index="tick", columns="asset", values="value", aggfunc="mean", observed=True)
    return table[[asset for asset in keys if asset in table.columns]]


def _keys(run: Run, kind: str) -> dict[str, str]:
    """By asset, its signal of a kind."""
    return {_asset(s["key"]): s["key"] for s in run.run.get("signals") or [] if s.get("kind") == kind}


def _asset(key: str) -> str:
    return key.rpartition(".")[0]
