"""The section about hazards: probabilities of failing beside failures, planned work and orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from twin.lab.core.scores import renewable
from twin.lab.draw.page import folded, text
from twin.lab.draw.plot_panel import Panel, broken, figure, legend
from twin.lab.record.loading import Run
from twin.lab.report.decision_section import order_keys
from twin.lab.report.figures import DAY, FAILED, PLANNED, in_order, moments, tick, true_events
from twin.lab.report.forecast_bands import GAP, middle
from twin.lab.report.wording import left_out, ticks_and_hours

SHOWN_HAZARDS = 24  # assets, at most
OPEN_HAZARDS = 6  # of those, not folded away


KEY = (
    ("area", "purple", "forecast probability"),
    ("dot", "mid", "constant-rate forecast"),
    ("stroke", "red", "failure"),
    ("brief", "blue", "planned work"),
    ("point", "ink", "work order"),
)


def risks(run: Run, names: Sequence[str], lead: int) -> str:
    """Of each asset: the probability of failing within `lead` ticks, each column at its highest."""
    hazards = run.hazards[run.hazards["lead"] == lead]
    events, end = true_events(run), float(hazards["issued"].max()) / DAY
    orders = run.decisions[run.decisions["actuator"].isin(order_keys(run))]
    keys: dict[str, list[str]] = {}
    for key in order_keys(run):
        keys.setdefault(key.rpartition(".")[0], []).append(key)
    drawn = []
    for name in names:
        rows = hazards[hazards["asset"] == name].sort_values("issued")
        issued, gap = rows["issued"].to_numpy() / DAY, GAP * tick(run) / DAY
        day, chance, constant = broken(issued, rows["probability"], rows["constant"], gap=gap)
        top = max(0.05, float(np.nanquantile(chance, 0.998)) * 1.15) if np.isfinite(chance).any() else 1.0
        panel = Panel(
            x=(0.0, max(end, 1e-3)),
            y=(0.0, top),
            title=name,
            description=f"Risk of failure of {name}",
            height="small",
            levels=2,
            percent=True,
        )
        panel.band(day, np.zeros(len(day)), chance, "purple", solid=True)
        panel.line(day, constant, "mid", dash="dot")
        panel.strokes(moments(events, name, PLANNED), "blue", dash="dash")
        panel.strokes(moments(events, name, FAILED), "red")
        ordered_at = orders[orders["actuator"].isin(keys.get(name, []))]["time"].to_numpy() / DAY
        panel.dots(ordered_at, np.full(len(ordered_at), 0.9 * top), "ink", large=True)
        drawn.append(panel.html())
    return figure(legend(KEY) + "".join(drawn))


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    hazards = renewable(run)
    if len(hazards):
        lead = middle(hazards["lead"], 36)
        made = hazards[hazards["lead"] == lead]
        names = [str(name) for name in made["asset"].unique()]
        names = _eventful(run, in_order(run, names))
        yield text(
            f"Probability of failing within {ticks_and_hours(run, lead)}, with what happened and what was ordered."
        )
        yield risks(run, names[:OPEN_HAZARDS], lead)
        if rest := names[OPEN_HAZARDS:SHOWN_HAZARDS]:
            yield folded(f"{len(rest)} more assets", risks(run, rest, lead))
        yield left_out(names, SHOWN_HAZARDS)


def _eventful(run: Run, names: Sequence[str]) -> list[str]:
    """Those first that failed or were maintained most; else as they were."""
    events = true_events(run)
    counts = events[events["kind"].isin([FAILED, PLANNED])]["asset"].astype(str).value_counts()
    return sorted(names, key=lambda name: -int(counts.get(name, 0)))
