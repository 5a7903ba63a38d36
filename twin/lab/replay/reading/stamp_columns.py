"""Which columns hold the times: one, a date and a clock, or year, month, day and hour each in its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.cell_table import CellTable, listed
from twin.lab.replay.reading.stamp_text import CLOCK, STAMP
from twin.lab.replay.reading.words import CLOCKS, EMPTY, HOURS, TIMES, plain

HEAD = 200  # rows looked at
PARTS: tuple[tuple[str, ...], ...] = (
    ("year", "yyyy", "yr", "jahr", "año", "année"),
    ("month", "mo", "monat", "mes", "mois"),
    ("day", "dy", "tag", "dia"),
    ("hour", "hr", "stunde", "hora", "heure"),
    ("minute", "mn", "min", "minuto"),
    ("second", "sec", "segundo"),
)
NDBC = ("YY", "MM", "DD", "hh", "mm")  # of buoys: capitals tell months from minutes
HEADER_ORDERS = {
    r"dd?[-/.]mm[-/.]yy": "day-first",
    r"mm[-/.]dd[-/.]yy": "month-first",
    r"yy[-/.]mm[-/.]dd": "year-first",
}


@dataclass(frozen=True)
class StampColumns:
    """numbers: of the columns. way: `one`, `clock` (a time of day alone), `pair` (date, clock), `hours` (date, hour) or
    `parts` (year, month, day, …).
    """

    numbers: tuple[int, ...]
    way: str = "one"

    @property
    def joined(self) -> bool:
        """Whether the times stand in more than one column."""
        return self.way in ("pair", "hours", "parts")

    @property
    def clock_only(self) -> bool:
        return self.way == "clock"

    def name(self, table: CellTable) -> str:
        """Names of the columns."""
        return " + ".join(table.names[n] for n in self.numbers)

    def unit(self, table: CellTable) -> str:
        """Unit of a single column."""
        return table.units[self.numbers[0]] if len(self.numbers) == 1 else ""

    def order(self, table: CellTable) -> str | None:
        """The order of day, month and year that a header tells: `Date (DD/MM/YYYY)`."""
        small = self.name(table).casefold()
        return next((order for pattern, order in HEADER_ORDERS.items() if re.search(pattern, small)), None)

    def text(self, table: CellTable) -> pd.Series:
        """[rows] one text for each row."""
        first, *others = (table.column(n) for n in self.numbers)
        if not others:
            return first
        if self.way == "pair":
            midnight = r"[T ]+0{1,2}:00(?::00(?:\.0+)?)?(?:\s*AM)?$|\s+12:00(?::00)?\s*AM$"
            return first.str.replace(midnight, "", regex=True).str.cat(others[0], sep=" ")
        if self.way == "hours":
            return first.str.cat(_two(others[0]) + ":00", sep=" ")
        text = first.where(first.str.len() > 2, "20" + first)
        marks = ("-", "-", " ", ":", ":")
        for mark, column in zip(marks, others, strict=False):
            text = text.str.cat(_two(column), sep=mark)
        return text + ":00" if len(others) == 3 else text


def _two(column: pd.Series) -> pd.Series:
    """Hours, days and so on with two digits: 7, 7.0 and 07 are 07."""
    return column.str.replace(r"(?:\.0*|:00)$", "", regex=True).str.zfill(2)


def find_stamps(table: CellTable, said: Sequence[str]) -> StampColumns:
    """The columns of times. said: names that the user gave. Raises DataError where there are none."""
    if said:
        numbers = tuple(table.find(name, "time=") for name in said)
        return _of_named(table, numbers)
    shapes = {number: shape_of(table.column(number)) for number in table.columns if number not in table.left_out}
    found = _parts(table) or _pair(table, shapes) or _named(table, shapes)
    if found is not None:
        return found
    dates = [number for number, shape in shapes.items() if shape in ("stamp", "date")]
    if dates:
        return StampColumns((dates[0],))
    clocks = [number for number, shape in shapes.items() if shape == "clock"]
    if clocks:
        return StampColumns((clocks[0],), "clock")
    raise DataError(
        f"{table.file}: has no column of times; name one with table.time= ({listed(table.names)}), or say the seconds "
        "between rows with table.tick="
    )


def shape_of(column: pd.Series) -> str:
    """What the first cells of a column are: stamp (date and clock), date, clock, number or text."""
    head = [cell for cell in column.head(HEAD) if cell.casefold() not in EMPTY][:50]
    if not head:
        return "text"
    if pd.to_numeric(pd.Series(head, dtype=object).str.replace(",", "."), errors="coerce").notna().mean() > 0.5:
        return "number"
    found = [STAMP.fullmatch(cell) for cell in head]
    if sum(f is not None for f in found) >= 0.9 * len(head):
        clocks = [f.group("M1") or f.group("M2") or f.group("H3") for f in found if f]
        midnight = all(f.group("H1") in (None, "0", "00") and f.group("M1") in (None, "00") for f in found if f)
        return "date" if not any(clocks) or midnight else "stamp"
    return "clock" if sum(CLOCK.fullmatch(cell) is not None for cell in head) >= 0.9 * len(head) else "text"


def _of_named(table: CellTable, numbers: tuple[int, ...]) -> StampColumns:
    shapes = [shape_of(table.column(number)) for number in numbers]
    if len(numbers) == 1:
        return StampColumns(numbers, "clock" if shapes == ["clock"] else "one")
    if len(numbers) == 2:
        if shapes[0] == "clock":
            numbers, shapes = numbers[::-1], shapes[::-1]
        return StampColumns(numbers, "hours" if shapes[1] == "number" else "pair")
    return StampColumns(numbers, "parts")


def _parts(table: CellTable) -> StampColumns | None:
    """Year, month and day, each in its own column, and what there is of the clock."""
    bare = [name.lstrip("#") for name in table.names]
    if tuple(bare[:5]) == NDBC or (bare[0] in ("YYYY", "YY") and tuple(bare[1:5]) == NDBC[1:]):
        return StampColumns((0, 1, 2, 3, 4), "parts")
    names = [plain(name) for name in bare]
    found = [next((names.index(word) for word in words if word in names), None) for words in PARTS]
    numbers = [number for number in found if number is not None]
    if any(number is None for number in found[:4]) or numbers != list(found[: len(numbers)]):
        return None
    if any(shape_of(table.column(n)) != "number" for n in numbers):
        return None
    return StampColumns(tuple(numbers), "parts")


def _pair(table: CellTable, shapes: dict[int, str]) -> StampColumns | None:
    """A column of dates and one of clocks, or of hours."""
    dates = [number for number, shape in shapes.items() if shape == "date"]
    if not dates or any(shape == "stamp" and plain(table.names[n]) in TIMES for n, shape in shapes.items()):
        return None
    for number, shape in shapes.items():
        if shape == "clock" or (shape == "stamp" and plain(table.names[number]) in CLOCKS):
            return StampColumns((dates[0], number), "pair")
    for number, shape in shapes.items():
        if shape == "number" and plain(table.names[number]) in HOURS:
            return StampColumns((dates[0], number), "hours")
    return None


def _named(table: CellTable, shapes: dict[int, str]) -> StampColumns | None:
    """The column with the best name, dates before numbers."""
    by_name = {plain(table.names[number]): number for number in reversed(list(shapes))}
    if "t" in by_name and table.names[by_name["t"]][:1] == "T":
        del by_name["t"]  # a temperature
    known = [by_name[name] for name in TIMES if name in by_name]
    for wanted in (("stamp", "date"), ("number", "text"), ("clock",)):
        for number in known:
            if shapes[number] in wanted:
                return StampColumns((number,), "clock" if wanted == ("clock",) else "one")
    return None
