"""tandem bench sweep [runs=8] [days=60] [workers=2] [json=FILE]

`runs` seeds of the default run, one after another in one process, then by as many workers of a Ray cluster on this
machine as `workers` says (workers=1,2: first by one, then by two). Told are how long each takes, start-up apart, how
far from ideal that is, and whether figures and tables are the same bytes. Needs the extra `ray`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from twin.lab.arguments import number, whole
from twin.lab.bench.options import show
from twin.lab.bench.sweep_speed import Pass, make, unlike
from twin.lab.bench.sweep_speed import rows as pass_rows
from twin.lab.errors import UserError

OPTIONS = ("runs", "days", "workers", "json")


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each way of making the runs, then one for each comparison of bytes."""
    count, days = whole("runs", options.get("runs", "8")), number("days", options.get("days", "60"))
    several = [whole("workers", word) for word in options.get("workers", "2").split(",")]
    passes, differing = _passes(count, days, several)
    one = next((each for each in passes if each.workers == 1), passes[0])
    rows = pass_rows(passes, one)
    _print(rows)
    for workers, names in differing.items():
        verdict = f"{len(names)} files differ: {', '.join(names[:3])}" if names else "the same bytes"
        print(f"figures and tables by {workers} workers and one after another: {verdict}")
        rows.append({"name": f"sweep.files_differing.{workers}", "value": len(names)})
    return rows


def _passes(runs: int, days: float, several: Sequence[int]) -> tuple[list[Pass], dict[int, list[str]]]:
    """Without Ray, then with each number of workers; and by workers the files that differ from those without Ray."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as scratch:
        folders = {workers: Path(scratch) / f"workers_{workers}" for workers in (0, *several)}
        try:
            passes = [make(folder, runs=runs, days=days, workers=n) for n, folder in folders.items()]
        except ValueError as error:
            raise UserError(str(error)) from None
        return passes, {workers: unlike(folders[0], folders[workers]) for workers in several}


def _print(rows: Sequence[Mapping[str, Any]]) -> None:
    table = Table("sweep", "command, s", "start-up, s", "runs, s", "shortest run, s", "efficiency", box=None)
    for row in rows:
        workers = row["name"].rpartition(".")[2]
        name = "one after another" if workers == "0" else f"Ray, {workers} workers"
        cells = (f"{row[key]:.1f}" for key in ("total_s", "start_s", "value", "shortest_s"))
        table.add_row(name, *cells, f"{100 * row['efficiency']:.1f} %")
    show(table)
