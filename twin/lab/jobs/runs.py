"""tandem runs [DIR ...] [key=value,value ...] [sort=KEY] [metric=FIGURE,FIGURE] [json=FILE]

What runs there are under DIR (default: runs), at any depth: status, scenario, policy, arm, seed, the objective's
figure, wall time, size on disk.

  status=        finished, failed, interrupted, running, or killed: it says running, and no process is at work on it
  scenario= policy= surrogate= experiment= arm= seed= hash=     only runs with one of these
  metric=        figures of kpis.json or scores.json to show in place of the objective's
  sort=          a column (run, status, scenario, policy, arm, seed, wall_s, size, started) or a figure; sort=-size the
                 largest first
  json=FILE      the rows

The table is followed by why runs failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twin.lab.arguments import split
from twin.lab.errors import UserError

FILTERS = ("status", "scenario", "policy", "surrogate", "experiment", "arm", "seed", "hash")
COLUMNS = ("run", *FILTERS, "started", "wall_s", "size")


def main(arguments: Sequence[str]) -> None:
    """List, print and write."""
    folders, options = split(arguments, (*FILTERS, "sort", "metric", "json"), "runs")
    from twin.lab.record.json_rows import write_rows
    from twin.lab.record.listing import chosen, rows, sort, value
    from twin.lab.record.listing_table import print_runs

    try:
        every = rows(folders or ["runs"])
    except ValueError as error:
        raise UserError(str(error)) from None
    shown = chosen(every, {key: options[key] for key in FILTERS if key in options})
    metrics = options["metric"].split(",") if "metric" in options else []
    for name in [*metrics, *([options["sort"].removeprefix("-")] if "sort" in options else [])]:
        if name not in COLUMNS and all(value(row, name) is None for row in shown) and shown:
            raise UserError(f"{name}: no run has such a figure; columns are {', '.join(COLUMNS)}")
    if "sort" in options:
        shown = sort(shown, options["sort"])
    print_runs(shown, metrics, of=len(every))
    write_rows(options.get("json"), [_flat(row, metrics) for row in shown])


def _flat(row: dict[str, Any], metrics: Sequence[str]) -> dict[str, Any]:
    names = metrics or ([row["objective"]] if row["objective"] else [])
    rest = {key: item for key, item in row.items() if key not in ("figures", "objective")}
    return rest | {name: row["figures"].get(name) for name in names}
