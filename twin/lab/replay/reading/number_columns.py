"""Columns of cells as numbers, and what the cells hold that are none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.cell_table import CellTable
from twin.lab.replay.reading.number_marks import NumberMarks
from twin.lab.replay.reading.options import ReadingOptions
from twin.lab.replay.reading.words import EMPTY, FALSE, STATUS, TRUE

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
WITH_UNIT = r"([-+−]?[\d.,'’]+(?:[eE][-+]?\d+)?)\s*([^\d\s.,][^\d]{0,11})"
# Numbers that loggers write for no reading, when all others are far smaller.
SENTINELS = (
    -9999.0,
    -999.0,
    -99999.0,
    9999.0,
    99999.0,
    -9999.99,
    -999.9,
    -99.99,
    1e30,
    -1e30,
    65535.0,
    32767.0,
    -32768.0,
)


@dataclass
class NumberColumn:
    """values: [rows], NaN where there is no number. Masks [rows] say why: blank: an empty cell; word: a status or any
    other word without digits; poor: a reading of bad quality; absent: what the user says stands for no reading.
    unit: that the cells carry.
    """

    number: int
    values: Floats
    blank: Mask
    word: Mask
    poor: Mask
    absent: Mask
    unit: str = ""

    @property
    def share(self) -> float:
        """Share of numbers among the cells that say something."""
        filled = ~(self.blank | self.word | self.absent)
        told = np.isfinite(self.values[filled]) | self.poor[filled]
        return float(told.mean()) if filled.any() else 0.0

    def without(self, bad: Mask) -> None:
        """Readings of bad quality are none."""
        hit = bad & np.isfinite(self.values)
        self.poor |= hit
        self.values[hit] = np.nan

    def only(self, rows: Mask) -> NumberColumn:
        """The same column as if the other rows held a number."""
        blank, word, poor, absent = (mask & rows for mask in (self.blank, self.word, self.poor, self.absent))
        return NumberColumn(self.number, np.where(rows, self.values, 0.0), blank, word, poor, absent, self.unit)


def number_column(table: CellTable, number: int, marks: NumberMarks, absent: Sequence[str]) -> NumberColumn:
    """A column as numbers. absent: texts that stand for no reading."""
    cells = table.column(number)
    values, unit = marks.floats(cells), ""
    if not values.isna().any() and not absent:
        return _whole(number, values.to_numpy(float, copy=True))
    rest = cells[values.isna()]
    small = rest.str.casefold()
    blank, word = small.isin(EMPTY), small.isin(STATUS)
    open_ = ~blank & ~word
    if open_.sum() > 0.5 * (len(cells) - blank.sum() - word.sum()):
        more, unit = _otherwise(rest[open_], marks)
        values.loc[more.index] = more
    result = _whole(number, values.to_numpy(float, copy=True), unit)
    at = np.flatnonzero(np.isnan(result.values))
    cells_left = cells.iloc[at]
    small = cells_left.str.casefold()
    result.blank[at] = small.isin(EMPTY)
    result.word[at] = (small.isin(STATUS) | ~cells_left.str.contains(r"\d", regex=True)) & ~result.blank[at]
    _without(result, cells, absent)
    return result


def _whole(number: int, values: Floats, unit: str = "") -> NumberColumn:
    """A column of which nothing is known but its numbers."""
    blank, word, poor, absent = np.zeros((4, len(values)), bool)
    return NumberColumn(number, values, blank, word, poor, absent, unit)


def _otherwise(cells: pd.Series, marks: NumberMarks) -> tuple[pd.Series, str]:
    """Cells that carry one unit, or that are true and false, as numbers."""
    small = cells.str.casefold()
    if bool((small.isin(TRUE) | small.isin(FALSE)).all()):
        return small.isin(TRUE).astype(float), ""
    head = Counter(m[2].strip() for cell in cells.head(200) if (m := re.fullmatch(WITH_UNIT, cell)))
    if len(head) != 1:
        return pd.Series(dtype=float), ""
    unit = next(iter(head))
    carrying = cells[cells.str.endswith(unit)].str.removesuffix(unit).str.strip()
    return marks.floats(carrying).dropna(), unit


def _without(column: NumberColumn, cells: pd.Series, absent: Sequence[str]) -> None:
    """What the user says stands for no reading is none."""
    if not absent:
        return
    numbers = pd.to_numeric(pd.Series(list(absent), dtype=object), errors="coerce").dropna()
    hit = cells.isin(list(absent)).to_numpy() | np.isin(column.values, numbers.to_numpy(float))
    column.values[hit], column.absent[hit], column.word[hit], column.blank[hit] = np.nan, True, False, False


def refuse_bad(table: CellTable, columns: Sequence[NumberColumn], options: ReadingOptions) -> None:
    """Raises DataError at the first cell, row by row, that is no number and not allowed to be none."""
    firsts = []
    for column in columns:
        none = ~np.isfinite(column.values) & ~column.absent
        bad = none if options.missing == "refuse" else none & ~(column.blank | column.word | column.poor)
        if bad.any():
            firsts.append((int(np.flatnonzero(bad)[0]), column))
    if not firsts:
        return
    row, column = min(firsts, key=lambda first: first[0])
    cell = table.column(column.number).iloc[row]
    allow = "(table.missing=allow takes it as not measured)"
    if column.blank[row]:
        what = f"is empty {allow}"
    elif column.poor[row]:
        what = f"holds {cell!r}, a reading of bad quality {allow}"
    elif column.word[row]:
        what = f"holds {cell!r}, which is not a number {allow}"
    else:
        what = f"holds {cell!r}, which is not a number (table.absent=['{cell}'] takes it as not measured)"
    raise DataError(f"{table.where(row, column.number)}: {what}")


def tell_missing(table: CellTable, columns: Sequence[NumberColumn]) -> None:
    """What was taken as not measured, and numbers that look as if they stood for that."""
    words = Counter[str]()
    for column in columns:
        if (column.word | column.absent).any():
            words.update(table.column(column.number)[column.word | column.absent].tolist())
    blank, poor = (
        sum(int(mask.sum()) for mask in masks) for masks in zip(*((c.blank, c.poor) for c in columns), strict=True)
    )
    if blank or words or poor:
        told = [f"{blank} empty cells"] if blank else []
        told += [f"{poor} readings of bad quality"] if poor else []
        told += [f"{word!r} {count} times" for word, count in words.most_common(6)]
        table.understood.append(("not measured", ", ".join(told) + (" …" if len(words) > 6 else "")))
    for column in columns:
        for sentinel in SENTINELS:
            hit = column.values == sentinel
            others = np.abs(column.values[~hit & np.isfinite(column.values)])
            if hit.any() and len(others) and others.max() < abs(sentinel) / 3:
                told_as = f"{sentinel:.10g} {int(hit.sum())} times, read as a number"
                hint = f"table.absent=[{sentinel:.10g}] takes it as not measured"
                table.understood.append(("look at", f"{table.names[column.number]}: {told_as}; {hint}"))
