"""The picture of the README: machines of a run over a week, from its tables. python scripts/examples/picture.py [RUN
[PNG]]

Without RUN it makes one: 14 days of the default line and twin, seed 0.
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Patch

from twin.lab import load, run

DAY, WEEK, MACHINE = 86_400.0, 7, "mill_1"  # s, days
COLOURS = {"busy": "#5b9f7a", "idle": "#dfe5e8", "down": "#c8443b", "maintenance": "#e8a33d"}
AHEAD = 36  # ticks: six hours


def timeline(axes, done, machines, start):
    """Each machine's main state in every half hour."""
    history = done.kpi_history[done.kpi_history.name.str.startswith("state.") & (done.kpi_history.time >= start)]
    for row, machine in enumerate(reversed(machines)):
        seconds = history[history.asset == machine].pivot_table(index="time", columns="name", values="value")
        spent = seconds.iloc[::3].diff().dropna()
        spent.columns = [name.removeprefix("state.") for name in spent.columns]
        idle = [name for name in spent.columns if name not in COLOURS]
        state = spent.assign(idle=spent[idle].sum(axis=1)).drop(columns=idle).idxmax(axis=1)
        for name, colour in COLOURS.items():
            spans = [((time - 1800) / DAY, 1800 / DAY) for time in state.index[state == name]]
            axes.broken_barh(spans, (row + 0.1, 0.8), color=colour, linewidth=0)
    axes.set(yticks=[i + 0.5 for i in range(len(machines))], yticklabels=machines[::-1], ylim=(0, len(machines)))
    axes.legend([Patch(color=c) for c in COLOURS.values()], COLOURS, ncols=4, loc="lower right", bbox_to_anchor=(1, 1))


def forecasts(axes, done, start):
    """What was measured, and the band within which it was forecast to lie six hours before."""
    rows = done.forecasts
    rows = rows[
        (rows.asset == MACHINE) & (rows.target == "vibration") & (rows.horizon == AHEAD) & (rows.issued >= start)
    ]
    time = (rows.issued + AHEAD * done.run["tick"]) / DAY
    axes.fill_between(
        time, rows.q05, rows.q95, color="#9dbbe0", linewidth=0, label="forecast 6 h before, 90 % interval"
    )
    axes.plot(time, rows.q50, color="#2c5f9e", linewidth=1, label="median")
    axes.plot(time, rows.truth, color="black", linewidth=0.8, label="measured")
    axes.set_ylabel("mm/s")
    axes.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1))


def hazards(axes, signal, done, start):
    """The forecast chance of a failure within six hours, the failures and the twin's orders, marked over the signal
    too."""
    rows = done.hazards[(done.hazards.asset == MACHINE) & (done.hazards.lead == AHEAD) & (done.hazards.issued >= start)]
    axes.fill_between(rows.issued / DAY, 100 * rows.probability, color="#c8443b", alpha=0.35, linewidth=0)
    axes.plot(
        rows.issued / DAY, 100 * rows.probability, color="#c8443b", linewidth=1, label="chance of failing within 6 h"
    )
    orders = done.decisions[done.decisions.actuator == f"{MACHINE}.maintain"]
    failures = done.events[
        (done.events.asset == MACHINE) & (done.events.kind == "failed") & (done.events.source == "plant")
    ]
    top = max(10.0, 130.0 * rows.probability.max())
    for times, marker, colour, label in (
        (orders.time, "v", "#b9770e", "order of the twin"),
        (failures.time, "X", "black", "failure"),
    ):
        axes.plot(times / DAY, [0.8 * top] * len(times), marker, color=colour, markersize=8, label=label)
        for panel in (axes, signal):
            panel.vlines(times / DAY, 0, 1, transform=panel.get_xaxis_transform(), color=colour, lw=0.8, ls=":")
    axes.set(ylabel="%", ylim=(0, top), xlabel="day")
    axes.legend(ncols=3, loc="lower right", bbox_to_anchor=(1, 1))


def draw(done, file):
    """Three panels over the run's last week."""
    end = done.run["sim_s"] / DAY
    start = (end - WEEK) * DAY
    machines = [asset["name"] for asset in done.run["assets"] if asset["type"] not in ("line", "site")]
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})
    figure, panels = plt.subplots(
        3, 1, figsize=(8, 6.2), sharex=True, height_ratios=(2.2, 1.3, 1), layout="constrained"
    )
    timeline(panels[0], done, machines, start)
    forecasts(panels[1], done, start)
    hazards(panels[2], panels[1], done, start)
    for panel, title in zip(panels, ("State", f"Vibration, {MACHINE}", f"Risk and orders, {MACHINE}"), strict=True):
        panel.set_title(title, loc="left", fontsize=10, fontweight="bold")
        panel.set_xlim(end - WEEK, end)
    figure.savefig(file, dpi=140, pil_kwargs={"optimize": True})
    plt.close(figure)


if __name__ == "__main__":
    done = load(sys.argv[1]) if len(sys.argv) > 1 else run(days=14, report=False)
    file = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("report.png")
    draw(done, file)
    print(f"{file}: {file.stat().st_size / 1000:.0f} kB, from {done.path}")
