"""Times as people write them, as seconds."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.replay.numeric_table import DataError

NAMES = ("time", "timestamp", "datetime", "date_time", "date", "ds", "t", "cycle", "seconds")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
DAYS = tuple(
    mark.join(parts)
    for parts, mark in itertools.product((("%d", "%m", "%Y"), ("%m", "%d", "%Y"), ("%d", "%m", "%y")), "-/.")
)


def stamp_column(table: pd.DataFrame, name: str) -> str:
    """The column that holds the times: one that is called so, else the first whose cells are dates.

    Raises DataError where there is none.
    """
    by_name = {str(column).strip().lower(): str(column) for column in reversed(table.columns)}
    for word in NAMES:
        if word in by_name:
            return by_name[word]
    for column in table.columns:
        head = table[column].head(20)
        numeric = pd.to_numeric(head, errors="coerce").notna().any()
        if not numeric and _parse(head) is not None:
            return str(column)
    raise DataError(f"{name}: has no column of times; name one with time= ({', '.join(map(str, table.columns[:12]))})")


def seconds(column: pd.Series, name: str) -> NDArray[np.float64]:
    """[rows] seconds since an origin that the file chooses. Raises DataError naming row (index + 2) and column."""
    text = column.str.strip()
    number = pd.to_numeric(text, errors="coerce")
    if number.notna().mean() > 0.5:
        _refuse(text, number.isna(), name, "a number of seconds")
        return number.to_numpy(dtype=float)
    parsed = _parse(text)
    if parsed is None:
        parsed = _best(text)
        _refuse(text, parsed.isna(), name, "a time")
    elapsed: NDArray[np.float64] = (parsed - parsed.min()).dt.total_seconds().to_numpy(dtype=float)
    return elapsed


def _parse(text: pd.Series) -> pd.Series | None:
    parsed = _best(text)
    return None if parsed.isna().any() else parsed


def _best(text: pd.Series) -> pd.Series:
    """The reading with the fewest cells left over; among equals the one whose times go back least often.

    So 01-02-2018 is the first of February where the 13th of a month, or the order of the rows, says so; ISO 8601 first.
    """
    readings = [pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)]
    head = text.head(200)
    for day, clock in itertools.product(DAYS, CLOCKS):
        if pd.to_datetime(head, format=day + clock, errors="coerce").notna().any():
            readings.append(pd.to_datetime(text, format=day + clock, errors="coerce", utc=True))
    return min(readings, key=lambda times: (int(times.isna().sum()), int((times.diff().dt.total_seconds() < 0).sum())))


def _refuse(text: pd.Series, bad: pd.Series, name: str, wanted: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad.to_numpy())[0])
        raise DataError(f"{name}, row {text.index[row] + 2}, column {text.name}: {text.iloc[row]!r} is not {wanted}")
