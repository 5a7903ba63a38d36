"""The figures of a run's page, as SVG text. Colours work on light and dark ground."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
import numpy as np
import pandas as pd

from twin.lab.loading import Run
from twin.lab.scores import LEVELS, calibration

matplotlib.use("Agg")
import matplotlib.pyplot as plt

DAY, HOUR = 86_400.0, 3600.0
STATE_COLOURS = {
    "busy": "#3b8f5a",
    "idle": "#b9c3cc",
    "blocked": "#d9a441",
    "down": "#c8443c",
    "maintenance": "#4a78c2",
}
INK, GRID, BAND, LINE, ALERT, CARE = "#7a838c", "#9aa3ab55", "#4a78c2", "#2f5fae", "#c8443c", "#4a78c2"
STYLE = {
    "svg.hashsalt": "tandem", "svg.fonttype": "path", "font.size": 9, "axes.edgecolor": GRID, "axes.labelcolor": INK,
    "xtick.color": INK, "ytick.color": INK, "text.color": INK, "axes.grid": True, "grid.color": GRID,
    "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none", "axes.spines.top": False,
    "axes.spines.right": False, "legend.frameon": False, "path.simplify": True, "path.simplify_threshold": 0.5,
}  # fmt: skip
POINTS = 700


def draw(rows: int, height: float, paint: Callable[[Any], None], sharex: bool = True) -> str:
    """SVG of a column of axes that `paint` fills. The same run gives the same bytes."""
    with matplotlib.rc_context(dict[Any, Any](STYLE)):
        figure, axes = plt.subplots(rows, 1, figsize=(9, height), sharex=sharex, squeeze=False)
        try:
            paint(axes[:, 0])
            figure.tight_layout()
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        finally:
            plt.close(figure)
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def asset_names(run: Run) -> list[str]:
    """Assets that have states of their own, in the plant's order."""
    seen = set(run.kpi_history["asset"].astype(str))
    return [a["name"] for a in run.run.get("assets", []) if a["name"] in seen]


def states(run: Run) -> str:
    """Share of time in each state, per asset, in some 120 columns, with failures and maintenance marked."""
    names, table = asset_names(run), run.kpi_history
    table = table[table["name"].astype(str).str.startswith("state.")]
    end = float(table["time"].max())
    marks = np.unique(np.linspace(0, end, 121).round() // run.run["tick"] * run.run["tick"])

    def paint(axes: Any) -> None:
        ax = axes[0]
        for row, name in enumerate(reversed(names)):
            own = table[table["asset"] == name].pivot(index="time", columns="name", values="value")
            own = own.reindex(marks, method="ffill").fillna(0.0)
            share = own.diff().iloc[1:].div(np.diff(marks), axis=0)
            bottom = np.full(len(share), row - 0.42)
            for state, colour in STATE_COLOURS.items():
                if f"state.{state}" in share:
                    height = 0.84 * share[f"state.{state}"].to_numpy()
                    label = state if row == 0 else None
                    ax.bar(
                        marks[:-1] / DAY,
                        height,
                        np.diff(marks) / DAY,
                        bottom,
                        color=colour,
                        align="edge",
                        lw=0,
                        label=label,
                    )
                    bottom = bottom + height
        _mark_events(ax, run, list(reversed(names)))
        ax.set_yticks(range(len(names)), list(reversed(names)))
        ax.grid(False)
        ax.set_xlabel("day")
        ax.legend(ncols=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8)

    return draw(1, 0.9 + 0.36 * len(names), paint)


def _mark_events(ax: Any, run: Run, names: Sequence[str]) -> None:
    events = run.events[run.events["source"] == "plant"]
    for kind, marker, colour, label in (
        ("failed", "x", "#000000", "failure"),
        ("maintenance_started", "|", "#ffffff", "work order"),
    ):
        rows = events[(events["kind"] == kind) & events["asset"].isin(names)]
        heights = [names.index(str(asset)) for asset in rows["asset"]]
        ax.plot(rows["time"] / DAY, heights, marker, color=colour, ms=5, mew=1.2, ls="", label=label)


def sensors(run: Run, horizon: int, asset: str) -> str:
    """An asset's targets beside the bands that were forecast for them `horizon` ticks ahead."""
    rows = run.forecasts[(run.forecasts["asset"] == asset) & (run.forecasts["horizon"] == horizon)]
    targets = sorted(set(rows["target"].astype(str)))

    def paint(axes: Any) -> None:
        for ax, target in zip(axes, targets, strict=True):
            own = thin(rows[rows["target"] == target])
            day = (own["issued"] + horizon * run.run["tick"]) / DAY
            ax.fill_between(day, own["q05"], own["q95"], color=BAND, alpha=0.25, lw=0, label="forecast 5 to 95 %")
            ax.plot(day, own["q50"], color=LINE, lw=0.8, label="forecast median")
            ax.plot(day, own["truth"], ".", color=ALERT, ms=1.6, label="measured")
            low, high = np.nanpercentile(own["truth"], [0.5, 99.5])
            pad = 0.25 * (high - low) + 1e-9
            ax.set_ylim(low - pad, high + pad)
            ax.set_ylabel(target)
        axes[0].legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8)
        axes[-1].set_xlabel("day")

    return draw(max(len(targets), 1), 1.0 + 1.5 * len(targets), paint)


def hazards(run: Run) -> str:
    """Forecast probability of failing within the middle lead, per asset, with failures and work orders."""
    table = run.hazards
    lead = sorted(table["lead"].unique())[len(table["lead"].unique()) // 2]
    names = [n for n in asset_names(run) if n in set(table["asset"].astype(str))]
    events = run.events[run.events["source"] == "plant"]

    def paint(axes: Any) -> None:
        for ax, name in zip(axes, names, strict=True):
            rows = thin(table[(table["asset"] == name) & (table["lead"] == lead)])
            ax.fill_between(rows["issued"] / DAY, 0, rows["probability"], color=BAND, alpha=0.5, lw=0, step="post")
            own = events[events["asset"] == name]
            for kind, colour in (("failed", ALERT), ("maintenance_started", CARE)):
                for time in own[own["kind"] == kind]["time"]:
                    ax.axvline(time / DAY, color=colour, lw=1.0, ls="-" if kind == "failed" else ":")
            ax.set_ylabel(name, rotation=0, ha="right", va="center")
            ax.set_ylim(0, max(0.05, float(rows["probability"].max()) * 1.05 if len(rows) else 0.05))
            ax.tick_params(labelsize=7)
        axes[0].set_title(f"probability of failing within {lead} ticks; red: failures, dotted: work orders", fontsize=8)
        axes[-1].set_xlabel("day")

    return draw(len(names), 0.8 + 0.75 * len(names), paint)


def learning(run: Run) -> str:
    """Prequential and training losses, smoothed over a day of ticks."""
    table = run.losses
    kinds = {
        "prequential pinball loss": [n for n in table["name"].unique() if str(n).startswith("pinball")],
        "prequential hazard log loss": [n for n in table["name"].unique() if n == "hazard"],
        "training losses": [n for n in table["name"].unique() if str(n).startswith("train") or n == "absolute_error"],
    }
    shown = {title: names for title, names in kinds.items() if names}

    def paint(axes: Any) -> None:
        for ax, (title, names) in zip(axes, shown.items(), strict=True):
            for name in sorted(map(str, names)):
                rows = table[table["name"] == name]
                smooth = rows["value"].ewm(span=144).mean()
                own = thin(pd.DataFrame({"time": rows["time"], "value": smooth}))
                ax.plot(own["time"] / DAY, own["value"], lw=1, label=name)
            ax.set_title(title, fontsize=9)
            ax.legend(fontsize=7, ncols=4)
        axes[-1].set_xlabel("day")

    return draw(len(shown), 1.7 * len(shown) + 0.5, paint)


def reliability(run: Run) -> str:
    """Observed share below each forecast quantile against its level, per horizon, last third."""
    table = run.forecasts[run.forecasts["issued"] >= 2 / 3 * float(run.run["horizon"])]
    table = table if len(table) else run.forecasts

    def paint(axes: Any) -> None:
        ax = axes[0]
        ax.plot([0, 1], [0, 1], color=INK, lw=0.8, ls=":")
        for horizon, points in calibration(table).items():
            ax.plot(list(LEVELS.values()), [share for _, share in points], "o-", ms=4, lw=1, label=f"{horizon} ticks")
        ax.set_xlabel("level of the quantile")
        ax.set_ylabel("share of truths below it")
        ax.legend(fontsize=8)

    return draw(1, 3.4, paint)


def objective(run: Run) -> str:
    """The cumulative objective over time, as the plant's own books have it."""
    key = run.run["objective"]["signal"]
    rows = run.readings[run.readings["signal"] == key].sort_values("time")

    def paint(axes: Any) -> None:
        own = thin(rows)
        axes[0].plot(own["time"] / DAY, own["value"], color=LINE, lw=1.4)
        axes[0].set_ylabel(f"{key}, {run.run['objective']['unit']}")
        axes[0].set_xlabel("day")

    return draw(1, 2.4, paint)


def thin(rows: pd.DataFrame) -> pd.DataFrame:
    """At most POINTS rows, evenly taken: a page has only so many pixels."""
    return rows.iloc[:: max(1, -(-len(rows) // POINTS))]
