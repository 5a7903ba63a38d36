"""What people who run power systems look at: the dispatch stack, what is stored, the price; drawn from signal kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from twin.lab.drawing import AMBER, BLUE, CYAN, DAY, GREEN, INK, PURPLE, RED, SOFT, days, legend, sheet
from twin.lab.loading import Run

SHOWN = 7.0  # days at the end of the run
COLOURS = {"solar": AMBER, "wind": CYAN, "battery": GREEN, "generator": RED, "grid": BLUE}  # by asset type
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
    yield (
        "<p>Power by source, stacked; below zero it is stored or sold. The line is what the loads drew. "
        "On the right, the average day of the whole run.</p>"
    )
    yield f"<figure>{figure(flows)}</figure>"


def flows_of(run: Run) -> Flows | None:
    """From the readings; None where no asset without a power meter stands between assets that have one."""
    signals = run.run.get("signals") or []
    kinds = {kind: {_asset(s["key"]): s["key"] for s in signals if s.get("kind") == kind} for kind in
             ("power", "stored_energy", "price")}  # fmt: skip
    links = [(str(a), str(b)) for a, b in run.run.get("links") or []]
    power = kinds["power"]
    into = {b for a, b in links if a in power and b not in power}
    hubs = [hub for hub in sorted(into) if any(a == hub and b in power for a, b in links)]
    if not hubs:
        return None
    step = float(run.run.get("tick") or 3600.0)
    supply = [a for a, b in links if b == hubs[0] and a in power]
    demand = [b for a, b in links if a == hubs[0] and b in power]
    given, taken = (_means(run, {a: power[a] for a in names}, step) for names in (supply, demand))
    colours = {a["name"]: COLOURS[a["type"]] for a in run.run.get("assets") or [] if a["type"] in COLOURS}
    flows = Flows(given, taken, _means(run, kinds["stored_energy"], step), _means(run, kinds["price"], step), colours)
    return flows if len(flows.supply) > 1 and len(flows.demand) > 1 else None


def figure(flows: Flows) -> str:
    """SVG: dispatch stack, stored energy, price; the last days on the left, the average day on the right."""
    below = [("stored, kWh", flows.stored, GREEN), ("price", flows.price, PURPLE)]
    shown = [(title, table, colour) for title, table, colour in below if len(table) > 1]

    def paint(axes: Any) -> None:
        end = float(flows.supply.index.max())
        for column, by_hour in enumerate((False, True)):
            _stack(axes[0, column], _view(flows.supply, end, by_hour), _view(flows.demand, end, by_hour), flows.colours)
            for row, (title, table, colour) in enumerate(shown, start=1):
                ax, view = axes[row, column], _view(table, end, by_hour)
                ax.plot(view.index, view.to_numpy(), color=colour, lw=1.1, drawstyle="steps-pre")
                ax.set_ylim(bottom=min(0.0, float(np.nanmin(view.to_numpy()))))
                if not column:
                    ax.set_ylabel(title)
        axes[0, 0].set_ylabel("kW")
        handles, names = axes[0, 0].get_legend_handles_labels()
        if names:
            axes[0, 0].legend_ = None
            legend(axes[0, 1], 4, handles=handles, labels=names)
        axes[0, 0].set_title(f"the last {min(SHOWN, end):.3g} days")
        days(axes)
        axes[-1, 1].set_xlabel("hour of the day")

    heights = [2.2] + [0.8] * len(shown)
    return sheet(heights, paint, title="Dispatch stack and stored energy", widths=(1.9, 1), gap=0.3, top=0.5)


def _stack(ax: Any, supply: pd.DataFrame, demand: pd.DataFrame, colours: Mapping[str, str]) -> None:
    high, low = np.zeros(len(supply)), np.zeros(len(supply))
    spare = iter((PURPLE, SOFT) * len(supply.columns))
    for name in supply.columns:
        values = np.nan_to_num(supply[name].to_numpy())
        colour = colours.get(str(name)) or next(spare)
        up, down = np.maximum(values, 0.0), np.minimum(values, 0.0)
        at = supply.index.to_numpy()
        ax.fill_between(at, high, high + up, color=colour, alpha=0.75, lw=0, step="pre", label=str(name))
        ax.fill_between(at, low, low + down, color=colour, alpha=0.4, lw=0, step="pre")
        high, low = high + up, low + down
    ax.plot(demand.index, demand.sum(axis=1), color=INK, lw=1.0, label="loads", drawstyle="steps-pre")


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
    found = rows.assign(tick=tick, asset=rows["signal"].astype(str).map(names))
    table = found.pivot_table(index="tick", columns="asset", values="value", aggfunc="mean", observed=True)
    return table[[asset for asset in keys if asset in table.columns]]


def _asset(key: str) -> str:
    return key.rpartition(".")[0]
