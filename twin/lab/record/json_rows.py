"""The file of json=FILE: the figures that a job prints, as a list of rows."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twin.lab.errors import UserError
from twin.lab.record.run_directory import dump, label, write_atomically


def write_rows(path: str | Path | None, rows: Sequence[Mapping[str, Any]], *, merge: bool = False) -> None:
    """Write rows to a JSON file; nothing where `path` is None.

    merge: keep the rows that the file holds, and write the new ones behind them, as the jobs of a sweep need that write
    to one file. Raises UserError where the file cannot be written.
    """
    if path is None:
        return
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path.with_name(f".{path.name}.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            old = json.loads(path.read_text()) if merge and path.is_file() else []
            write_atomically(path, dump([*old, *rows]))
        path.with_name(f".{path.name}.lock").unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        raise UserError(f"json = {path}: cannot be written: {error}") from None


def write_text(path: str, text: str) -> None:
    """Write a text where json=FILE says. Raises UserError where the file cannot be written."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(Path(path), text)
    except OSError as error:
        raise UserError(f"json = {path}: cannot be written: {error.strerror or error}") from None


def figure_rows(path: str, config: Mapping[str, Any], figures: Mapping[str, Any], **about: str) -> list[dict[str, Any]]:
    """A row for each figure of a run: the run's directory, scenario, policy, seed and `about`, its name and value."""
    shared = {"run": path, "scenario": config["scenario"], "policy": label(config["policy"]), "seed": config["seed"]}
    return [{**shared, **about, "name": name, "value": value} for name, value in figures.items()]
