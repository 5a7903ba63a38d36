"""tandem bench pairing [seeds=30] [days=30] [json=FILE]

What common random numbers are worth on the serial line: the standard deviation over seeds of the difference in profit
per hour between standing plans of maintenance, with the same luck for both and with independent luck.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from twin.lab.arguments import number, whole
from twin.lab.bench.options import show
from twin.lab.bench.pairing import PLANS, Pair, pairs, profit
from twin.lab.draw.words import number as number_of
from twin.lab.errors import UserError

OPTIONS = ("seeds", "days", "json")


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each pair of plans."""
    seeds, days = whole("seeds", options.get("seeds", "30")), number("days", options.get("days", "30"))
    if seeds < 2:
        raise UserError(f"seeds = {seeds}: must be at least 2")
    compared = pairs({name: [profit(seed, plan, days) for seed in range(seeds)] for name, plan in PLANS.items()})
    table = Table("plans", "difference", "sd, paired", "sd, unpaired", "times smaller", box=None)
    for pair in compared:
        cells = (f"{pair.mean + 0.0:+.1f}", f"{pair.paired:.2f}", f"{pair.unpaired:.2f}", number_of(pair.reduction))
        table.add_row(f"{pair.first} - {pair.second}", *cells)
    show(table)
    return [_row(pair) for pair in compared]


def _row(pair: Pair) -> dict[str, Any]:
    row = {"name": f"{pair.first} - {pair.second}", "value": pair.reduction, "difference": pair.mean}
    return {**row, "sd_paired": pair.paired, "sd_unpaired": pair.unpaired}
