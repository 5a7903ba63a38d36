"""Which character is the decimal mark of a table's numbers and which one groups their thousands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from twin.lab.replay.numeric_table import DataError

_SIGN, _POWER = r"[-+−]?", r"(?:[eE][-+]?\d+)?"
_GROUP = "['’\u00a0\u202f ]"
UNIT = r"\s*[^\d\s.,eE+-]\D{0,11}$"  # behind a number


@dataclass(frozen=True)
class MarkPatterns:
    """Regular expressions of numbers in which a mark (`,` or `.`, escaped) plays a part; `other` is the other mark."""

    mark: str
    other: str

    @property
    def once(self) -> str:
        """The mark once, after whatever groups, which the other mark may part."""
        return rf"{_SIGN}\d*(?:(?:{self.other}|{_GROUP})\d{{3}})*{self.mark}\d*{_POWER}"

    @property
    def open(self) -> str:
        """A decimal mark or a group of thousands: 1,234."""
        return rf"{_SIGN}[1-9]\d{{0,2}}{self.mark}\d{{3}}"

    @property
    def grouping(self) -> str:
        """Certainly groups of thousands: 1,234,567 or 1,234.5."""
        group = rf"(?:{self.mark}\d{{3}})"
        return rf"{_SIGN}\d{{1,3}}(?:{group}{{2,}}(?:{self.other}\d*)?|{group}+{self.other}\d*)"


COMMA, POINT = MarkPatterns(",", r"\."), MarkPatterns(r"\.", ",")


@dataclass(frozen=True)
class NumberMarks:
    """decimal: `,` or `.`; thousands: the other one, or empty; blanks and apostrophes group in any case."""

    decimal: str = "."
    thousands: str = ""

    def floats(self, cells: pd.Series) -> pd.Series:
        """Cells as numbers, NaN where they are none."""
        plain = pd.to_numeric(cells, errors="coerce").astype(float)
        if plain.notna().all() and (self.decimal == "." or not cells.str.contains(".", regex=False).any()):
            return plain
        text = cells.str.replace("−", "-", regex=False)
        decimal, group = (r"\.", ",") if self.decimal == "." else (",", r"\.")
        groups = rf"(?:{group}|{_GROUP})" if self.thousands else _GROUP
        grouped = text.str.fullmatch(rf"{_SIGN}\d{{1,3}}(?:{groups}\d{{3}})+(?:{decimal}\d*)?{_POWER}")
        text = text.where(~grouped, text.str.replace(groups, "", regex=True))
        if self.decimal == ",":
            text = text.where(~text.str.contains(".", regex=False), "").str.replace(",", ".", regex=False)
        return pd.to_numeric(text, errors="coerce").astype(float)


def find_marks(columns: Iterable[pd.Series], file: str, decimal: str | None, thousands: str | None) -> NumberMarks:
    """The marks under which the cells of all columns are numbers. Raises DataError where cells leave it open."""
    if decimal is not None:
        other = "." if decimal == "," else ","
        return NumberMarks(decimal, other if thousands is None else thousands)
    columns = [column.str.replace(UNIT, "", regex=True) if _carries_unit(column) else column for column in columns]
    cells = [column[column.str.contains(",", regex=False)] for column in columns]
    marked = pd.concat(cells) if cells else pd.Series(dtype=str)
    one, many = _count(marked, COMMA.once, COMMA.open), _count(marked, COMMA.grouping)
    if one > many:
        return _comma(columns, file, thousands)
    undecided = marked[marked.str.fullmatch(COMMA.open)]
    if many == 0 and len(undecided) and thousands is None and not any(_has_points(column) for column in columns):
        raise DataError(
            f"{file}, row {undecided.index[0]}: {undecided.iloc[0]!r} may be a decimal comma or thousands: say "
            "table.decimal=',' or table.decimal=."
        )
    return NumberMarks(".", ",")


def _comma(columns: Iterable[pd.Series], file: str, thousands: str | None) -> NumberMarks:
    """Decimal commas: whether points group thousands is found out too."""
    if thousands is not None:
        return NumberMarks(",", thousands)
    undecided: pd.Series | None = None
    for column in columns:
        pointed = column[column.str.contains(".", regex=False)]
        if _count(pointed, POINT.grouping):
            return NumberMarks(",", ".")
        open_ = pointed[pointed.str.fullmatch(POINT.open)]
        undecided = open_ if undecided is None and len(open_) else undecided
    if undecided is not None:
        raise DataError(
            f"{file}, row {undecided.index[0]}: {undecided.iloc[0]!r} beside decimal commas may be thousands: say "
            "table.thousands=. if it is"
        )
    return NumberMarks(",", "")


def _carries_unit(column: pd.Series) -> bool:
    return bool(column.head(100).str.contains(UNIT, regex=True).any())


def _count(cells: pd.Series, pattern: str, but_not: str | None = None) -> int:
    fit = cells.str.fullmatch(pattern)
    return int((fit if but_not is None else fit & ~cells.str.fullmatch(but_not)).sum())


def _has_points(column: pd.Series) -> bool:
    """Whether a column has numbers with a decimal point for certain."""
    pointed = column[column.str.contains(".", regex=False)]
    return _count(pointed, POINT.once, POINT.open) > 0
