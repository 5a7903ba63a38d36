"""The runs below some folders: one row each, from run.json, kpis.json and scores.json alone."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from twin.lab.record.run_directory import FACTS
from twin.lab.record.saved_run import SavedRun

INSIDE = ("tables", "checkpoint")  # folders of a run, in which there is no other
ABOUT = ("status", "scenario", "policy", "surrogate", "experiment", "arm", "seed", "hash", "started", "wall_s", "error")


def rows(folders: Sequence[str | Path]) -> list[dict[str, Any]]:
    """A row per run, in the order of their paths.

    Columns: run (its path), ABOUT, size (bytes on disk), objective (the name of its figure), figures (by name). The
    status is that of SavedRun, or `damaged`. Raises ValueError where a folder is missing.
    """
    table = []
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise ValueError(f"{folder}: is no directory")
        table += [_row(path) for path in sorted(_runs(folder))]
    return list({row["run"]: row for row in table}.values())


def _runs(folder: Path) -> Iterator[Path]:
    """Directories with a run.json, at any depth."""
    for place, inner, files in os.walk(folder):
        inner[:] = [name for name in inner if name not in INSIDE and not name.startswith(".")]
        if FACTS in files:
            yield Path(place)


def _row(path: Path) -> dict[str, Any]:
    run = SavedRun(path)
    try:
        facts, status = run.facts, run.status or None
    except ValueError as error:
        facts, status = {"error": str(error)}, "damaged"
    row: dict[str, Any] = {"run": str(path), **{name: facts.get(name) for name in ABOUT}}
    row["status"] = status
    objective = facts.get("objective") or {}
    return {**row, "size": _size(path), "objective": objective.get("figure"), "figures": _figures(run)}


def _figures(run: SavedRun) -> dict[str, float]:
    """Key figures and scores, without those of a damaged file."""
    figures: dict[str, float] = {}
    for name in ("kpis", "scores"):
        with suppress(ValueError):
            figures |= getattr(run, name)
    return figures


def _size(path: Path) -> int:
    total = 0
    for place, _, files in os.walk(path):
        for name in files:
            try:
                total += os.stat(os.path.join(place, name)).st_blocks * 512
            except OSError:  # a file of a run in progress that has just been renamed
                continue
    return total


def chosen(table: Sequence[dict[str, Any]], wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows that match every filter. wanted: by column, the values to keep, as in policy=a,b."""
    allowed = {key: values.split(",") for key, values in wanted.items()}
    return [row for row in table if all(str(row.get(key)) in values for key, values in allowed.items())]


def sort(table: Sequence[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Rows by a column or a figure; `-key`: the largest first. Rows without it come last."""
    name, down = key.removeprefix("-"), key.startswith("-")
    have = [row for row in table if value(row, name) is not None]
    words = any(isinstance(value(row, name), str) for row in have)
    have.sort(key=lambda row: str(value(row, name)) if words else value(row, name), reverse=down)
    return have + [row for row in table if value(row, name) is None]


def value(row: Mapping[str, Any], name: str) -> Any:
    """A column or figure of a row; None where it has none, or one without a number."""
    if row.get(name) is not None:
        return row[name]
    figure = row["figures"].get(name)
    return None if figure is None or math.isnan(figure) else figure
