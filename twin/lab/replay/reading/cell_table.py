"""The cells of a table as text, with the names and units of their columns."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from twin.lab.replay.numeric_table import DataError


@dataclass
class CellTable:
    """cells: text without blanks around it; columns 0, 1, …; the index is the line of the file.

    understood: (what, how it was read) rows so far. left_out: column number and why it is no signal.
    """

    file: str
    cells: pd.DataFrame
    names: list[str]
    units: list[str]
    understood: list[tuple[str, str]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)

    @property
    def columns(self) -> range:
        """Numbers of the columns."""
        return range(len(self.names))

    def column(self, number: int) -> pd.Series:
        """Cells of a column."""
        cells: pd.Series = self.cells[number]
        return cells

    def find(self, name: str, option: str) -> int:
        """Number of the column of a name, or of the header as it stands in the file. Raises DataError for none."""
        for candidate in (name, name.strip()):
            if candidate in self.names:
                return self.names.index(candidate)
        small = [known.casefold() for known in self.names]
        if small.count(name.strip().casefold()) == 1:
            return small.index(name.strip().casefold())
        near = difflib.get_close_matches(name, self.names, 1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; it has {listed(self.names)}"
        raise DataError(f"{self.file}: has no column {name!r} (table.{option}){hint}")

    def where(self, position: int, number: int) -> str:
        """File, row and column of a cell, for messages. position: of the row among the rows read."""
        return f"{self.file}, row {self.cells.index[position]}, column {self.names[number]}"

    def keep(self, rows: pd.Series) -> None:
        """Only these rows stay."""
        self.cells = self.cells[rows]


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in a row, the first of many."""
    return ", ".join(names[:most]) + (f" … ({len(names)} in all)" if len(names) > most else "")
