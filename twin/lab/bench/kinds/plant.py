"""tandem bench plant [stations=5,50,200] [features=off,failures,everything] [work=1.2e6] [repeats=3] [json=FILE]

How fast the plant is, in CPU-seconds of one thread of one process. Serial lines with buffers of 3 and cycles of 6 s are
timed beside the same line in plain SimPy. Both run in the same process, taken alternately; the best of `repeats`
counts.

  off          nothing but flow
  failures     failures after 500 s of work on average, repairs of 50 s (plain SimPy has them too)
  everything   gamma wear with that mean life, shocks, a shared crew, quality, energy at a tariff, sensors sampled every
               60 s, recording to Parquet (plain SimPy has the failures only)

  work         station-seconds to simulate in each line

Then the cost and memory of long runs, and what copies of a line of 20 stations take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from twin.lab.arguments import number, whole
from twin.lab.bench.options import one_of, show
from twin.lab.bench.plant_speed import FEATURES, TARGETS, copying, growth, speed, warm_up

OPTIONS = ("stations", "features", "work", "repeats", "json")
COST_RATIO_TARGET = 1.5  # cost per cycle on the longest line over that on the shortest, at most


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """Speed by features and stations, then copies of a line, then growth with the horizon."""
    stations = [whole("stations", word) for word in options.get("stations", "5,50,200").split(",")]
    features = one_of("features", options.get("features", ",".join(FEATURES)).split(","), FEATURES)
    work, repeats = number("work", options.get("work", "1.2e6")), whole("repeats", options.get("repeats", "3"))
    return _speeds(stations, features, work, repeats) + _copies() + _growths(work)


def _speeds(stations: Sequence[int], features: Sequence[str], work: float, repeats: int) -> list[dict[str, Any]]:
    warm_up()
    table = Table("features", "stations", "station-cycles per CPU-second", "plain SimPy", "ratio", "target", box=None)
    rows, cost = [], dict[tuple[str, int], float]()
    for name in features:
        for count in stations:
            rate = speed(count, name, work=work, repeats=repeats)
            cost[name, count] = 1.0 / rate.ours
            cells = (f"{rate.ours:,.0f}", f"{rate.plain:,.0f}", f"{rate.ratio:.2f}", f">= {TARGETS[name]:g}")
            table.add_row(name, str(count), *cells)
            row = {"name": f"speed.{name}.{count}", "value": rate.ours, "plain": rate.plain, "ratio": rate.ratio}
            rows.append({**row, "target": TARGETS[name]})
    show(table)
    return rows + (_cost_ratios(cost, features, stations) if len(stations) > 1 else [])


def _cost_ratios(
    cost: Mapping[tuple[str, int], float], features: Sequence[str], stations: Sequence[int]
) -> list[dict[str, Any]]:
    few, many = min(stations), max(stations)
    ratios = {name: cost[name, many] / cost[name, few] for name in features}
    for name, ratio in ratios.items():
        print(f"cost per cycle, {name}: at {many} stations {ratio:.2f} times that at {few}")
    return [{"name": f"cost_ratio.{name}", "value": r, "target": COST_RATIO_TARGET} for name, r in ratios.items()]


def _copies() -> list[dict[str, Any]]:
    rows = []
    table = Table("line of 20 stations", "fork", "fork, reseeded", "snapshot", "restore", "snapshot size", box=None)
    for name in ("off", "everything"):
        seconds = copying(20, name)
        size = seconds.pop("bytes")
        table.add_row(name, *(f"{1000 * spent:.2f} ms" for spent in seconds.values()), f"{size / 1000:.0f} kB")
        rows += [{"name": f"{what.replace(', ', '_')}_s.{name}", "value": value} for what, value in seconds.items()]
        rows.append({"name": f"snapshot_bytes.{name}", "value": size})
    show(table)
    return rows


def _growths(work: float) -> list[dict[str, Any]]:
    rows = []
    table = Table("20 stations, ten times the horizon", "cost per cycle", "memory grows by", box=None)
    for name in ("off", "everything"):
        grown = growth(20, name, work / 100)
        table.add_row(name, f"x {grown['cost']:.2f}", f"{grown['memory'] / 1000:,.0f} kB")
        rows += [{"name": f"growth_{what}.{name}", "value": value} for what, value in grown.items()]
    show(table)
    return rows
