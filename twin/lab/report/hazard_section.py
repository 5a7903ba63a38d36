"""Forecast failure probabilities beside failures, planned work and the orders that were given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from twin.lab.draw.plot_panel import Panel, broken, figure, legend
from twin.lab.record.loading import Run
from twin.lab.report.figures import DAY, FAILED, PLANNED, moments, tick, true_events
from twin.lab.report.forecast_bands import GAP

KEY = (
    ("area", "purple", "forecast probability"), ("dot", "mid", "constant-rate forecast"), ("stroke", "red", "failure"),
    ("brief", "blue", "planned work"), ("point", "ink", "work order"),
)  # fmt: skip


def risks(run: Run, names: Sequence[str], lead: int) -> str:
    """Of each asset: the probability of failing within `lead` ticks, each column at its highest."""
    table = run.hazards[run.hazards["lead"] == lead]
    events, end = true_events(run), float(table["issued"].max()) / DAY
    orders = run.decisions[run.decisions["actuator"].isin(order_keys(run))]
    keys: dict[str, list[str]] = {}
    for key in order_keys(run):
        keys.setdefault(key.rpartition(".")[0], []).append(key)
    drawn = []
    for name in names:
        rows = table[table["asset"] == name].sort_values("issued")
        issued, gap = rows["issued"].to_numpy() / DAY, GAP * tick(run) / DAY
        day, chance, constant = broken(issued, rows["probability"], rows["constant"], gap=gap)
        top = max(0.05, float(np.nanquantile(chance, 0.998)) * 1.15) if np.isfinite(chance).any() else 1.0
        panel = Panel(
            x=(0.0, max(end, 1e-3)), y=(0.0, top), title=name, told=f"Risk of failure of {name}", height="small",
            levels=2, percent=True,
        )  # fmt: skip
        panel.band(day, np.zeros(len(day)), chance, "purple", solid=True)
        panel.line(day, constant, "mid", dash="dot")
        panel.strokes(moments(events, name, PLANNED), "blue", dash="dash")
        panel.strokes(moments(events, name, FAILED), "red")
        own = orders[orders["actuator"].isin(keys.get(name, []))]["time"].to_numpy() / DAY
        panel.dots(own, np.full(len(own), 0.9 * top), "ink", large=True)
        drawn.append(panel.html())
    return figure(legend(KEY) + "".join(drawn))


def order_keys(run: Run) -> list[str]:
    """Actuators that take work orders."""
    return [str(a["key"]) for a in run.run.get("actuators") or [] if a.get("kind") == "work_order"]


def ordered(run: Run) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The decisions that are work orders, and the others."""
    which = run.decisions["actuator"].astype(str).isin(order_keys(run))
    return run.decisions[which], run.decisions[~which]
