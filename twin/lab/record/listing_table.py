"""The table of `tandem runs`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from twin.lab.draw.terminal import TextConsole, printable
from twin.lab.draw.words import number

STYLES = {"finished": "green", "failed": "red", "killed": "red", "damaged": "red", "running": "cyan"}
WORDS = ("scenario", "policy", "arm", "seed")
MEGA = 1e6


def print_runs(rows: Sequence[Mapping[str, Any]], metrics: Sequence[str], *, of: int) -> None:
    """Print rows of twin.lab.record.listing, without empty columns, then the error of each run that failed.

    metrics: figures to show, the objective's where none are named. of: how many runs there are.
    """
    console = TextConsole(400)
    words = [name for name in WORDS if any(row.get(name) is not None for row in rows)]
    shared = _shared(rows)
    shown = list(metrics) or ([shared] if shared else ["objective"])
    table = Table(
        Column("run", overflow="fold"), "status", *words, *shown, "wall, s", "size, MB", box=None, header_style="bold"
    )
    base = os.path.commonpath([row["run"] for row in rows]) if len(rows) > 1 else ""
    for row in rows:
        name = os.path.relpath(row["run"], base) if base else row["run"]
        cells = ["-" if row.get(word) is None else str(row[word]) for word in words]
        figures = [_objective(row) if name == "objective" else number(row["figures"].get(name)) for name in shown]
        wall = "-" if row["wall_s"] is None else f"{row['wall_s']:,.1f}"
        status = Text(printable(str(row["status"])), style=STYLES.get(str(row["status"]), "yellow"))
        table.add_row(name, status, *cells, *figures, wall, f"{row['size'] / MEGA:,.1f}")
    for column in table.columns[2 + len(words) :]:
        column.justify = "right"
    console.print(table)
    for row in rows:
        if row["error"] and row["status"] == "failed":
            console.print(f"{row['run']}: {row['error']}", markup=False, highlight=False, soft_wrap=True)
    size = sum(row["size"] for row in rows) / MEGA
    inside = f" in {base}" if base else ""
    console.print(f"{len(rows)} of {of} runs{inside}, {size:,.1f} MB", markup=False, highlight=False)


def _shared(rows: Sequence[Mapping[str, Any]]) -> str:
    """The objective's figure where it is the same in all runs that have one; else empty."""
    names = {row["objective"] for row in rows} - {None}
    return names.pop() if len(names) == 1 else ""


def _objective(row: Mapping[str, Any]) -> str:
    name = row["objective"]
    return f"{name} {number(row['figures'].get(name))}" if name else "-"
