"""The figures of a run's page, each as SVG text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.drawing import (
    AMBER,
    BLUE,
    CYCLE,
    DAY,
    GREEN,
    GRID,
    INK,
    PURPLE,
    RED,
    SOFT,
    days,
    legend,
    sheet,
    span,
    thin,
)
from twin.lab.loading import Run
from twin.lab.scores import LEVELS, calibration, hazard_calibration, pit, renewable
from twin.lab.table import ticks

STATES = {"busy": GREEN, "idle": GRID, "blocked": AMBER, "down": RED, "maintenance": BLUE}
OTHER_STATES = (PURPLE, SOFT, *CYCLE)
COLUMNS = 120
MARKS = (("failed", RED, "failure"), ("maintenance_started", BLUE, "planned work"))


def tick(run: Run) -> float:
    """Seconds between decisions."""
    return float(run.run.get("tick") or 600.0)


def last_third(run: Run, table: pd.DataFrame) -> pd.DataFrame:
    """Rows issued in the last third of the horizon; all of them where the run did not get so far."""
    late = table[table["issued"] >= 2 / 3 * float(run.run.get("horizon") or 0.0)]
    return late if len(late) else table


def in_order(run: Run, names: Sequence[str]) -> list[str]:
    """Asset names in the plant's order; those that it does not list come last, by name."""
    place = {asset["name"]: i for i, asset in enumerate(run.run.get("assets") or [])}
    return sorted(set(names) - {""}, key=lambda name: (place.get(name, len(place)), name))


def true_events(run: Run) -> pd.DataFrame:
    """What truly happened; where no plant told (a recording), what was delivered."""
    own = run.events[run.events["source"] == "plant"]
    return own if len(own) else run.events


def state_times(run: Run) -> pd.DataFrame:
    """Rows of kpi_history that hold the seconds so far in each state."""
    return run.kpi_history[run.kpi_history["name"].astype(str).str.startswith("state.")]


def state_colours(run: Run) -> dict[str, str]:
    """The colour of each state that the run's assets have been in, in the order in which they are drawn."""
    found = {str(name).removeprefix("state.") for name in state_times(run)["name"].unique()}
    others = dict(zip(sorted(found - STATES.keys()), OTHER_STATES * len(found), strict=False))
    return {name: colour for name, colour in (STATES | others).items() if name in found}


def states(run: Run, names: Sequence[str]) -> str:
    """Share of time in each state, per asset, a column per hundred-twentieth of the run; failures and work above."""
    table = state_times(run)
    end = float(table["time"].max())
    marks = np.unique(np.round(np.linspace(0, end, COLUMNS + 1) / tick(run)) * tick(run))
    colours = state_colours(run)

    def paint(axes: Any) -> None:
        ax = axes[0, 0]
        for row, name in enumerate(reversed(names)):
            _stack(ax, row, _shares(table[table["asset"] == name], marks), marks / DAY, colours)
        _mark_events(ax, true_events(run), list(reversed(names)))
        ax.set_yticks(range(len(names)), list(reversed(names)))
        ax.set_ylim(-0.5, len(names) - 0.35)
        ax.tick_params(left=False)
        ax.grid(visible=False)
        legend(ax, 8)
        days(axes)

    return sheet([0.3 * len(names) + 0.2], paint, title="Share of time in each state, per asset", names=names)


def _shares(table: pd.DataFrame, marks: NDArray[np.float64]) -> pd.DataFrame:
    """[columns] of each state's share of the time between marks."""
    wide = table.pivot_table(index="time", columns="name", values="value", observed=True)
    at = pd.Index(marks)
    sums = wide.reindex(wide.index.union(at)).ffill().fillna(0.0).reindex(at)
    return sums.diff().iloc[1:].div(np.diff(marks), axis=0)


def _stack(ax: Any, row: int, shares: pd.DataFrame, marks: NDArray[np.float64], colours: Mapping[str, str]) -> None:
    bottom = np.full(len(marks), row - 0.42)
    for state, colour in colours.items():
        if f"state.{state}" not in shares:
            continue
        share = shares[f"state.{state}"].to_numpy()
        top = bottom + 0.66 * np.r_[share, share[-1:]]
        label = state if row == 0 else None
        ax.fill_between(marks, bottom, top, color=colour, lw=0, step="post", label=label)
        bottom = top


def _mark_events(ax: Any, events: pd.DataFrame, names: Sequence[str]) -> None:
    for (kind, colour, label), (marker, size) in zip(MARKS, (("X", 5), ("|", 5)), strict=True):
        rows = events[(events["kind"] == kind) & events["asset"].isin(names)]
        if len(rows):
            heights = [names.index(str(asset)) + 0.4 for asset in rows["asset"]]
            ax.plot(rows["time"] / DAY, heights, marker, color=colour, ms=size, mew=1.0, ls="", label=label)


def objective(run: Run) -> str:
    """The objective, cumulative as it was measured, and its rate over each day."""
    facts = run.run["objective"]
    rows = run.readings[run.readings["signal"] == facts["signal"]].sort_values("time")
    day = rows["time"] / DAY
    at = np.arange(0, np.floor(day.max() + 0.02) + 1) if day.max() >= 2 else np.linspace(0, day.max(), 9)
    rate = np.diff(np.interp(at, day, rows["value"])) / (24 * np.diff(at))

    def paint(axes: Any) -> None:
        total, daily = axes[0]
        own = thin(rows)
        total.plot(own["time"] / DAY, own["value"], color=BLUE, lw=1.4)
        total.set_ylabel(facts.get("unit", ""))
        total.set_title(f"{facts['signal']}, cumulative")
        daily.stairs(rate, at, color=BLUE, fill=True, alpha=0.35, lw=0)
        daily.stairs(rate, at, color=BLUE, baseline=None, lw=1.2)
        daily.set_title("per hour")
        days(axes)

    return sheet([1.9], paint, title="The objective over time", widths=(1, 1))


def sensors(run: Run, horizon: int, asset: str) -> str:
    """An asset's targets beside what was forecast for them `horizon` ticks ahead: the whole run, then its last days."""
    rows = run.forecasts[(run.forecasts["asset"] == asset) & (run.forecasts["horizon"] == horizon)]
    targets = sorted(set(rows["target"].astype(str)))
    rows = rows.assign(day=(rows["issued"] + horizon * tick(run)) / DAY)
    units = {signal["key"]: signal.get("unit", "") for signal in run.run.get("signals") or []}
    events = true_events(run)
    events = events[events["asset"] == asset]
    end = float(rows["day"].max())
    close = end - min(2.0, end / 4)

    def paint(axes: Any) -> None:
        for (whole, last), target in zip(axes, targets, strict=True):
            own = rows[rows["target"] == target]
            for ax, part in ((whole, thin(own)), (last, thin(own[own["day"] >= close], 300))):
                _band(ax, part)
                _lines(ax, events, ax is whole)
                ax.set_ylim(span(own["truth"]))
            whole.set_ylabel(", ".join(filter(None, (target, units.get(f"{asset}.{target}")))))
            last.set_xlim(close, end)
            last.tick_params(labelleft=False)
        legend(axes[0, 0], 4, markerscale=4)
        axes[0, 1].set_title(f"the last {24 * (end - close):.0f} hours")
        days(axes)

    heights = [1.25] * max(len(targets), 1)
    return sheet(heights, paint, title=f"Forecasts and measurements of {asset}", widths=(1.7, 1), gap=0.22)


def _band(ax: Any, rows: pd.DataFrame) -> None:
    ax.fill_between(rows["day"], rows["q05"], rows["q95"], color=BLUE, alpha=0.28, lw=0, label="forecast 5 to 95 %")
    ax.plot(rows["day"], rows["q50"], color=BLUE, lw=0.8, label="forecast median")
    ax.plot(rows["day"], rows["truth"], ".", color=INK, ms=1.6 if len(rows) > 300 else 2.6, mew=0, label="measured")


def _lines(ax: Any, events: pd.DataFrame, whole: bool) -> None:
    """Failures as red lines, planned work as blue ones, drawn on the foot of the axes."""
    for kind, colour, _ in MARKS:
        for time in events[events["kind"] == kind]["time"]:
            ax.axvline(time / DAY, 0, 0.12 if whole else 1.0, color=colour, lw=0.9, alpha=0.8)


def hazards(run: Run, names: Sequence[str], lead: int) -> str:
    """Forecast probability of failing within `lead` ticks, per asset, with failures and planned work."""
    table = run.hazards[run.hazards["lead"] == lead]
    events = true_events(run)

    def paint(axes: Any) -> None:
        for ax, name in zip(axes[:, 0], names, strict=True):
            rows = table[table["asset"] == name]
            own = _peaks(rows)
            ax.fill_between(own["issued"] / DAY, 0, own["probability"], color=PURPLE, alpha=0.45, lw=0, step="post")
            ax.plot(own["issued"] / DAY, own["constant"], color=SOFT, lw=0.7, ls=":")
            _renewals(ax, events[events["asset"] == name])
            ax.set_ylabel(name, rotation=0, ha="right", va="center")
            ax.set_ylim(0, max(0.05, float(rows["probability"].quantile(0.998)) * 1.1))
            ax.locator_params(axis="y", nbins=3)
            ax.tick_params(labelsize=7)
        days(axes)

    return sheet([0.5] * len(names), paint, title="Forecast failure probabilities", gap=0.16, top=0.1, names=names)


def _peaks(rows: pd.DataFrame) -> pd.DataFrame:
    """Thinned so that each point keeps the highest probability of the rows that it stands for."""
    stride = max(1, -(-len(rows) // 600))
    group = np.arange(len(rows)) // stride
    return rows.groupby(group).agg({"issued": "first", "probability": "max", "constant": "mean"})


def _renewals(ax: Any, events: pd.DataFrame) -> None:
    for kind, colour, _ in MARKS:
        for time in events[events["kind"] == kind]["time"]:
            ax.axvline(
                time / DAY, color=colour, lw=1.1 if kind == "failed" else 0.8, ls="-" if kind == "failed" else ":"
            )


def learning(run: Run) -> str:
    """Prequential and training losses, smoothed over a day of ticks."""
    names = sorted(map(str, run.losses["name"].unique()), key=lambda n: (len(n), n))
    kinds = {
        "forecasts: pinball loss, in persistence errors":
            [n for n in names if n.startswith("pinball")],
        "failures: log loss": [n for n in names if n == "hazard"],
        "in training": [n for n in names if not n.startswith("pinball") and n != "hazard"],
    }  # fmt: skip
    shown = {title: names for title, names in kinds.items() if names}

    def paint(axes: Any) -> None:
        for ax, (title, group) in zip(axes[:, 0], shown.items(), strict=True):
            for name, colour in zip(group, CYCLE * len(group), strict=False):
                rows = run.losses[run.losses["name"] == name]
                smooth = rows["value"].ewm(span=max(1.0, DAY / tick(run))).mean()
                own = thin(pd.DataFrame({"time": rows["time"], "value": smooth}), 300)
                ax.plot(own["time"] / DAY, own["value"], lw=1.2, color=colour, label=_loss_name(name))
            ax.set_title(title)
            if len(group) > 1:
                legend(ax)
        days(axes)

    return sheet([1.1] * len(shown), paint, title="Losses over time", gap=0.42)


def _loss_name(name: str) -> str:
    """pinball.h6 is 6 ticks ahead, train.hazard is hazard."""
    last = name.rpartition(".")[2]
    return ticks(int(last[1:])) + " ahead" if last[:1] == "h" and last[1:].isdecimal() else last


def reliability(run: Run) -> str:
    """Forecasts: share below each quantile against its level, and the share between quantiles against what it should be."""
    table = last_third(run, run.forecasts)

    def paint(axes: Any) -> None:
        curve, ranks = axes[0]
        curve.plot([0, 1], [0, 1], color=SOFT, lw=0.8, ls=":")
        for (horizon, points), colour in zip(calibration(table).items(), CYCLE * 9, strict=False):
            levels, shares = zip(*points, strict=True)
            curve.plot(levels, shares, "o-", ms=3.5, lw=1.2, color=colour, label=f"{horizon}")
        curve.set_xlabel("level of the forecast quantile")
        curve.set_ylabel("share of truths below")
        curve.legend(title="ticks ahead", loc="upper left", title_fontsize=8)
        edges = np.r_[0.0, list(LEVELS.values()), 1.0]
        for (_, density), colour in zip(pit(table).items(), CYCLE * 9, strict=False):
            ranks.stairs(density, edges, color=colour, baseline=None, lw=1.2)
        ranks.axhline(1.0, color=SOFT, lw=0.8, ls=":")
        ranks.set_ylim(bottom=0)
        ranks.set_xlabel("where the truth fell between the quantiles")
        ranks.set_title("observed / expected")

    return sheet([2.7], paint, title="Calibration of the forecasts", widths=(1, 1), sharex=False)


def hazard_curves(run: Run) -> dict[int, list[tuple[float, float]]]:
    """The points of hazard_reliability, for the leads that have any."""
    return {lead: points for lead, points in hazard_calibration(last_third(run, renewable(run))).items() if points}


def hazard_reliability(run: Run) -> str:
    """Failures: observed share, weighted for censoring, against forecast probability, per lead."""
    curves = hazard_curves(run)

    def paint(axes: Any) -> None:
        for ax, (lead, points), colour in zip(axes[0], curves.items(), CYCLE * 9, strict=False):
            said, seen = (np.array(column) for column in zip(*points, strict=True))
            top = max(said.max(), seen.max(), 1e-3) * 1.1
            ax.plot([0, top], [0, top], color=SOFT, lw=0.8, ls=":")
            ax.plot(said, seen, "o-", ms=3.5, lw=1.2, color=colour)
            ax.set_title(f"within {ticks(lead)}")
            ax.set_xlabel("forecast probability")
            ax.locator_params(nbins=4)
        axes[0, 0].set_ylabel("share that failed")

    return sheet([1.9], paint, title="Calibration of the hazards", widths=(1,) * max(len(curves), 1), sharex=False)
