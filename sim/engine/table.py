"""A csv file of a user: columns by name, and the row of everything that is wrong in it."""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Collection, Sequence
from copy import copy
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MISSING = frozenset(("", "nan", "na", "n/a", "#n/a", "null", "none", "-"))
SEPARATORS = ",;\t"


class Table:
    """Rows below a header, separated by comma, semicolon or tab; lines without anything in them are left out.

    rows: number of each row as an editor shows it, the header being row 1. Raises ValueError in one line that names
    the file and the row where the header repeats a name or a row has not as many cells as the header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        lines = _lines(path)
        if len(lines) < 2:
            raise ValueError(f"{path}: has no rows under a header")
        self.names = _header(path, *lines[0])
        self.rows = [row for row, _ in lines[1:]]
        self._cells = [_whole(path, row, cells, self.names) for row, cells in lines[1:]]

    def __len__(self) -> int:
        return len(self.rows)

    def picked(self, order: Sequence[int]) -> Table:
        """The same table with some of its rows, in another order."""
        table = copy(self)
        table.rows, table._cells = [self.rows[at] for at in order], [self._cells[at] for at in order]
        return table

    def only(self, allowed: Collection[str], named: str = "") -> None:
        """Raises ValueError for a column that is not of `allowed` and does not begin with `named`."""
        for name in self.names:
            if name not in allowed and not (named and name.startswith(named)):
                raise ValueError(f"{self.path}: column {name!r} is unknown; {self._hint(name, allowed)}")

    def texts(self, name: str) -> list[str]:
        """The cells of a column, without blanks around them. Raises ValueError where there is no such column."""
        if name not in self.names:
            close = difflib.get_close_matches(name.lower(), {each.lower(): each for each in self.names}, 1)
            meant = next((each for each in self.names if [each.lower()] == close), "")
            hint = f"did you mean {meant}? " if meant else ""
            raise ValueError(f"{self.path}: has no column {name!r}; {hint}it has {', '.join(self.names)}")
        at = self.names.index(name)
        return [cells[at] for cells in self._cells]

    def numbers(
        self, name: str, *, low: float = -math.inf, high: float = math.inf, unit: str = "", missing: str = ""
    ) -> Floats:
        """A column's numbers within [low, high]; nan for a cell without one if `missing` is "" (else: what to do).

        Raises ValueError naming the file, the row, the column, the cell and what is allowed.
        """
        values = np.full(len(self), math.nan)
        for at, text in enumerate(self.texts(name)):
            if text.lower() in MISSING and not missing:
                continue
            try:
                values[at] = float(text)
            except ValueError:
                values[at] = math.nan
            if not (low <= values[at] <= high and math.isfinite(values[at])):
                raise ValueError(self.wrong(at, name, text, f"{_allowed(low, high)} {unit}".rstrip(), missing))
        return values

    def wrong(self, at: int, name: str, text: str, allowed: str, missing: str = "") -> str:
        """One line about a cell."""
        hint = f"; {missing}" if missing and text.lower() in MISSING else ""
        comma = "; a decimal comma must be a point" if text.count(",") == 1 else ""
        return f"{self.path}: row {self.rows[at]}, {name} = {text!r}: must be {allowed}{hint}{comma}"

    def _hint(self, name: str, allowed: Collection[str]) -> str:
        close = difflib.get_close_matches(name.lower(), allowed, 1)
        meant = f"did you mean {close[0]}? " if close else ""
        return f"{meant}it takes {', '.join(allowed)}; a column named in `ignore` is not read"


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """(number, cells) of each line that has something in it."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            separator = max(SEPARATORS, key=first.count)
            file.seek(0)
            reader = csv.reader(file, delimiter=separator)
            lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: is not a csv file in UTF-8 ({error})") from None
    return [(row, cells) for row, cells in lines if any(cells)]


def _header(path: Path, row: int, cells: Sequence[str]) -> list[str]:
    names = list(cells)
    while names and not names[-1]:  # a comma after the last name
        names.pop()
    for at, name in enumerate(names):
        if not name:
            raise ValueError(f"{path}: row {row}: column {at + 1} has no name")
        if name in names[:at]:
            raise ValueError(f"{path}: row {row}: two columns are named {name!r}")
    return names


def _whole(path: Path, row: int, cells: list[str], names: Sequence[str]) -> list[str]:
    while len(cells) > len(names) and not cells[-1]:
        cells.pop()
    if len(cells) != len(names):
        raise ValueError(
            f"{path}: row {row} has {len(cells)} cells, the header has {len(names)}: must be as many"
            f" ({', '.join(names)})"
        )
    return cells


def _allowed(low: float, high: float) -> str:
    limits = [f">= {low:g}" if low > -math.inf else "", f"<= {high:g}" if high < math.inf else ""]
    return " ".join(("a number", " and ".join(limit for limit in limits if limit))).rstrip()
