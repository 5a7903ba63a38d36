"""Files of numbers in columns, read with the row and column of the first bad cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd


class DataError(ValueError):
    """A file that cannot be used; the message names the file and, where it can, the row and the column."""


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Numeric columns of a csv with a header, or of a text file separated by blanks without one.

    Raises DataError for a missing column and, with the row's line number, for a cell that is not a number.
    """
    try:
        if path.suffix == ".txt":
            table = pd.read_csv(path, sep=r"\s+", header=None, names=list(columns), dtype=str)
        else:
            table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    missing = [c for c in columns if c not in table.columns]
    if missing:
        raise DataError(f"{path.name}: has no column {missing[0]!r}; it has {', '.join(map(str, table.columns[:8]))}")
    return numeric(table[list(columns)], path.name, missing="refuse")


def numeric(table: pd.DataFrame, name: str, missing: str) -> pd.DataFrame:
    """All columns as floats. Raises DataError naming row (line of the file) and column of the first bad cell."""
    result: pd.DataFrame = table.apply(pd.to_numeric, errors="coerce")
    bad = result.isna() if missing == "refuse" else result.isna() & table.notna()
    if bad.to_numpy().any():
        row, column = np.argwhere(bad.to_numpy())[0]
        cell = str(table.iat[row, column])
        what = "is empty" if cell in ("nan", "<NA>", "None") else f"holds {cell!r}, which is not a number"
        raise DataError(f"{name}, row {row + 2}, column {table.columns[column]}: {what}")
    numbers: pd.DataFrame = result.astype(float)
    return numbers
