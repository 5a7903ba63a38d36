"""tandem bench plant [stations=5,50,200] [features=off,failures,everything] [work=1.2e6] [repeats=3] [json=FILE]

How fast the plant is, in CPU-seconds of one thread of one process: serial lines with buffers of 3 and cycles of 6 s, beside
the same line in plain SimPy, both in the same run and taken alternately; the best of `repeats` counts.

  off          nothing but flow
  failures     failures after 500 s of work on average, repairs of 50 s (plain SimPy has them too)
  everything   gamma wear with that mean life, shocks, a shared crew, quality, energy at a tariff, sensors sampled every
               60 s, recording to Parquet (plain SimPy has the failures only)

  work         station-seconds to simulate in each line
Then the cost and memory of long runs, and what copies of a line of 20 stations take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twin.lab.cli import UserError, split

OPTIONS = ("stations", "features", "work", "repeats", "json")
KINDS = ("plant",)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    positionals, options = split(arguments, OPTIONS, "bench")
    if positionals not in ([], ["plant"]):
        raise UserError(f"{' '.join(positionals)!r}: there is no such bench; there is {', '.join(KINDS)}")
    from twin.lab.cases.line_speed import FEATURES

    stations = [_whole("stations", word) for word in options.get("stations", "5,50,200").split(",")]
    features = options.get("features", ",".join(FEATURES)).split(",")
    for name in features:
        if name not in FEATURES:
            raise UserError(f"features = {name}: must be one of {', '.join(FEATURES)}")
    work, repeats = _number("work", options.get("work", "1.2e6")), _whole("repeats", options.get("repeats", "3"))
    rows = _speeds(stations, features, work, repeats) + _copies() + _growths(work)
    from twin.lab.rows import write_rows

    write_rows(options.get("json"), rows)


def _speeds(stations: Sequence[int], features: Sequence[str], work: float, repeats: int) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.cases.line_speed import TARGETS, speed, warm_up

    warm_up()
    table = Table("features", "stations", "station-cycles per CPU-second", "plain SimPy", "ratio", "target", box=None)
    rows, cost = [], dict[tuple[str, int], float]()
    for name in features:
        for count in stations:
            found = speed(count, name, work=work, repeats=repeats)
            cost[name, count] = 1.0 / found.ours
            cells = (f"{found.ours:,.0f}", f"{found.plain:,.0f}", f"{found.ratio:.2f}", f">= {TARGETS[name]:g}")
            table.add_row(name, str(count), *cells)
            rows.append({
                "name": f"speed.{name}.{count}", "value": found.ours, "plain": found.plain, "ratio": found.ratio,
                "target": TARGETS[name],
            })  # fmt: skip
    _print(table)
    if len(stations) > 1:
        few, many = min(stations), max(stations)
        for name in features:
            ratio = cost[name, many] / cost[name, few]
            print(f"cost per cycle, {name}: at {many} stations {ratio:.2f} times that at {few}")
            rows.append({"name": f"cost_ratio.{name}", "value": ratio, "target": 1.5})
    return rows


def _copies() -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.cases.line_speed import copying

    rows = []
    table = Table("line of 20 stations", "fork", "fork, reseeded", "snapshot", "restore", "snapshot size", box=None)
    for name in ("off", "everything"):
        found = copying(20, name)
        size = found.pop("bytes")
        table.add_row(name, *(f"{1000 * seconds:.2f} ms" for seconds in found.values()), f"{size / 1000:.0f} kB")
        rows += [{"name": f"{what.replace(', ', '_')}_s.{name}", "value": value} for what, value in found.items()]
        rows.append({"name": f"snapshot_bytes.{name}", "value": size})
    _print(table)
    return rows


def _growths(work: float) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.cases.line_speed import growth

    rows = []
    table = Table("20 stations, ten times the horizon", "cost per cycle", "memory grows by", box=None)
    for name in ("off", "everything"):
        found = growth(20, name, work / 100)
        table.add_row(name, f"x {found['cost']:.2f}", f"{found['memory'] / 1000:,.0f} kB")
        rows += [{"name": f"growth_{what}.{name}", "value": value} for what, value in found.items()]
    _print(table)
    return rows


def _print(table: Any) -> None:
    from rich.console import Console

    for column in table.columns[1:]:
        column.justify = "right"
    Console(width=None if Console().is_terminal else 110).print(table)


def _number(field: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e12:
        raise UserError(f"{field} = {text}: must be a number > 0")
    return value


def _whole(field: str, text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 5000:
        raise UserError(f"{field} = {text}: must be a whole number from 1 to 5000")
    return int(text)
