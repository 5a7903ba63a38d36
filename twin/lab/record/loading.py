"""Reading a run back: a pandas DataFrame per table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.contract import DEADLOCK
from twin.lab.record.recorder import SCHEMA
from twin.lab.record.saved_run import SavedRun
from twin.units import HOUR


@dataclass(frozen=True)
class Run:
    """A run's tables (columns as in twin.lab.record.recorder.SCHEMA), configuration, run.json and kpis.json."""

    path: Path
    config: dict[str, Any]
    run: dict[str, Any]
    kpis: dict[str, float]
    readings: pd.DataFrame
    events: pd.DataFrame
    forecasts: pd.DataFrame
    hazards: pd.DataFrame
    decisions: pd.DataFrame
    kpi_history: pd.DataFrame
    losses: pd.DataFrame


def load(path: str | Path) -> Run:
    """The run in a directory, also one that was cut short. A figure without a number is NaN.

    Raises FileNotFoundError where there is no run, ValueError where a file is damaged; each in one line.
    """
    saved = SavedRun.read(path)
    tables = {table: _read(saved.path / "tables" / table, table) for table in SCHEMA}
    history = tables.pop("kpis")
    return Run(path=saved.path, config=saved.config, run=saved.facts, kpis=saved.kpis, kpi_history=history, **tables)


def deadlocks(events: pd.DataFrame) -> list[str]:
    """A sentence for each deadlock in the plant's journal: since when, and which station waits for which."""
    rows = events[(events["kind"] == DEADLOCK) & (events["source"] == "plant")]
    return [f"deadlock, seen at {t / HOUR:.4g} h: {text}" for t, text in zip(rows.time, rows.detail, strict=True)]


def load_events(path: Path) -> pd.DataFrame:
    """The events of the run in a directory."""
    return _read(path / "tables" / "events", "events")


def load_decisions(path: Path) -> pd.DataFrame:
    """The decisions of the run in a directory."""
    return _read(path / "tables" / "decisions", "decisions")


def load_figures(path: Path, names: Collection[str]) -> pd.DataFrame:
    """The rows of a run's kpi_history that hold the plant's figures of these names, not an asset's."""
    rows = _read(path / "tables" / "kpis", "kpis")
    return rows[(rows["asset"] == "") & rows["name"].isin(list(names))]


def _read(directory: Path, table: str) -> pd.DataFrame:
    """All parts of a table, in order. A part that is still being written has another name and is left out."""
    schema = pa.schema(SCHEMA[table])
    parts = [_part(file, schema) for file in sorted(directory.glob("part-*.parquet"))]
    whole = pa.concat_tables(parts).unify_dictionaries() if parts else schema.empty_table()
    frame: pd.DataFrame = whole.to_pandas()
    return frame


def _part(file: Path, schema: pa.Schema) -> pa.Table:
    try:
        part = pq.read_table(file, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{file}: is damaged: {' '.join(str(error).split())}") from None
    if not part.schema.equals(schema):
        raise ValueError(f"{file}: is damaged: its columns are not those of the table {file.parent.name}")
    return part
