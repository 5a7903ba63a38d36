"""tandem bench roads [networks=crossing,corridor,grid_2x2,grid_4x4] [hours=8] [repeats=3] [json=FILE]

Vehicles that pass a link, per CPU-minute of one thread, in the morning of each road network: with flow and signals only
(off), and with wear and detectors (everything).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from twin.lab.arguments import number, whole
from twin.lab.bench.options import one_of, show
from twin.lab.bench.road_speed import FEATURES, NETWORKS, TARGET, speed

OPTIONS = ("networks", "hours", "repeats", "json")


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each network and set of features."""
    names = one_of("networks", options.get("networks", ",".join(NETWORKS)).split(","), NETWORKS)
    hours, repeats = number("hours", options.get("hours", "8")), whole("repeats", options.get("repeats", "3"))
    table = Table("network", "features", "link traversals per CPU-minute", "target", "simulated", box=None)
    rows = []
    for name in names:
        for features in FEATURES:
            rate = speed(name, features, hours=hours, repeats=repeats)
            target = TARGET.get(name) if features == "off" else None
            cells = (f"{rate.per_minute:,.0f}", f">= {target:,.0f}" if target else "", f"{rate.traversals:,.0f}")
            table.add_row(name, features, *cells)
            rows.append({"name": f"roads.{features}.{name}", "value": rate.per_minute, "target": target})
    show(table)
    return rows
