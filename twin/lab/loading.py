"""Reading a run back: a pandas DataFrame per table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from twin.lab.record import SCHEMA
from twin.lab.rundir import read_json


@dataclass(frozen=True)
class Run:
    """A run's tables (columns as in twin.lab.record.SCHEMA), configuration, run.json and kpis.json."""

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
    """The run in a directory. Raises FileNotFoundError where there is none, ValueError where a file is damaged."""
    path = Path(path)
    if not (path / "run.json").is_file():
        raise FileNotFoundError(f"{path}: is not a run directory (it has no run.json)")
    facts, kpis = read_json(path / "run.json"), {}
    if (path / "kpis.json").is_file():
        kpis = read_json(path / "kpis.json")
    config = yaml.safe_load((path / "config.yaml").read_text(encoding="utf-8"))
    tables = {table: _read(path / "tables" / table, table) for table in SCHEMA}
    history = tables.pop("kpis")
    return Run(path=path, config=config, run=facts, kpis=kpis, kpi_history=history, **tables)


def _read(directory: Path, table: str) -> pd.DataFrame:
    parts = sorted(directory.glob("part-*.parquet"))
    if not parts:
        empty = pa.table({name: pa.array([], kind) for name, kind in SCHEMA[table].items()})
        blank: pd.DataFrame = empty.to_pandas()
        return blank
    try:
        whole = pa.concat_tables([pq.read_table(part) for part in parts]).unify_dictionaries()
        table_: pd.DataFrame = whole.to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"{directory}: a part is damaged: {error}") from None
    return table_
