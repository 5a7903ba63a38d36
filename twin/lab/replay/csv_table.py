"""A delimited text file with a header, its cells as text and then as numbers."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from twin.lab.replay.numeric_table import DataError

EMPTY = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})


def read_csv(path: Path) -> pd.DataFrame:
    """All cells as text; the index + 2 is the line of the file."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            header = file.readline()
        delimiter = max(",;\t", key=header.count)
        table = pd.read_csv(
            path,
            sep=delimiter,
            dtype=str,
            encoding="utf-8-sig",
            keep_default_na=False,
            skip_blank_lines=False,
            quoting=csv.QUOTE_MINIMAL,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error).strip().splitlines()[-1]
        raise DataError(f"{path}: cannot be read as a table: {why}") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise DataError(f"{path.name}, row 2: has more cells than the header")
    table.columns = table.columns.str.strip()
    table = table.fillna("")  # a row that is cut short
    blank = (table.apply(lambda column: column.str.strip()) == "").all(axis=1)
    filled: pd.DataFrame = table[~blank]
    if filled.empty:
        raise DataError(f"{path.name}: has no rows")
    return filled


def require_columns(table: pd.DataFrame, name: str, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in table.columns:
            raise DataError(f"{name}: has no column {column!r}; it has {', '.join(map(str, table.columns[:12]))}")


def numeric_columns(table: pd.DataFrame, special: Sequence[str], notes: list[str]) -> list[str]:
    """Columns most of whose filled cells are numbers; the others are noted."""
    chosen: list[str] = []
    for column in table.columns:
        if column in special:
            continue
        filled = table[column][~_empty(table[column])]
        share = float(pd.to_numeric(filled, errors="coerce").notna().mean()) if len(filled) else 0.0
        if share > 0.5:
            chosen.append(column)
        else:
            notes.append(f"column {column} left out: it {'is not numeric' if len(filled) else 'is empty'}")
    return chosen


def _empty(column: pd.Series) -> pd.Series:
    empty: pd.Series = column.str.strip().str.lower().isin(EMPTY)
    return empty


def numbers(table: pd.DataFrame, name: str, missing: str) -> pd.DataFrame:
    """Cells as floats, NaN for an empty one where `missing` is allow. Raises DataError at the first bad cell."""
    blank = table.apply(_empty)
    result: pd.DataFrame = table.mask(blank).apply(pd.to_numeric, errors="coerce").astype(float)
    bad = (result.isna() & ~blank) | np.isinf(result)
    if missing == "refuse":
        bad |= blank
    if bad.to_numpy().any():
        row, column = np.argwhere(bad.to_numpy())[0]
        what = "is empty" if blank.iat[row, column] else f"holds {table.iat[row, column]!r}, which is not a number"
        hint = " (missing=allow takes it as not measured)" if blank.iat[row, column] else ""
        raise DataError(f"{name}, row {table.index[row] + 2}, column {table.columns[column]}: {what}{hint}")
    return result
