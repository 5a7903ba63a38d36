"""Where a table lies in a text: its separator, its header, its first and last line."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.options import ReadingOptions
from twin.lab.replay.reading.stamp_text import CLOCK, STAMP
from twin.lab.replay.reading.words import EMPTY, STATUS, TIMES, is_unit, plain

SAMPLE = 400  # lines in which the table must begin
HEADER_LINES = 8
FOOTER_LINES = 30
NUMBER = re.compile(r"[-+−]?(?:\d[\d.,'’\s]*|[.,]\d+)(?:[eE][-+]?\d+)?\s*[%°A-Za-z/²³µ]{0,8}")
CUT_SHORT = re.compile(r"[\d:/. T+Z-]+")
Row = tuple[int, list[str]]  # line of the file, cells


@dataclass(frozen=True)
class TableShape:
    """Lines count from 1. header: line of the names, None for none. units: that of the units. first, last: of the body.
    width: cells of a row.
    """

    separator: str
    header: int | None
    units: int | None
    first: int
    last: int
    width: int
    names: tuple[str, ...]
    unit_cells: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def kind_of(cell: str) -> str:
    """What a cell looks like: number, stamp, clock, blank, status or text."""
    text = cell.strip()
    small = text.casefold()
    if small in EMPTY:
        return "blank"
    if small in STATUS:
        return "status"
    if NUMBER.fullmatch(text):
        return "number"
    if STAMP.fullmatch(text):
        return "stamp"
    return "clock" if CLOCK.fullmatch(text) else "text"


def find_shape(lines: Sequence[str], file: str, options: ReadingOptions) -> TableShape:
    """The table in the lines of a file. Raises DataError where there is none."""
    if not any(line.strip() for line in lines):
        raise DataError(f"{file}: cannot be read as a table: it is empty")
    start = options.skip or 0
    separator = options.separator
    said = re.fullmatch(r"\"?sep=(.)\"?", lines[0].strip(" \r"), re.IGNORECASE)
    if separator is None and said:
        separator = said[1]
        start = max(start, 1)
    head = lines[start : start + SAMPLE]
    separator = separator or _best_separator(head)
    rows = _filled(_rows(head, separator, start))
    if not rows:
        raise DataError(f"{file}: has no rows")
    width, anchor, kinds = _body(rows)
    first = _first(rows, width, anchor, kinds, options, file)
    above = _above(rows, first, width, options)
    names, header, units, unit_cells = _header(above, width, options)
    last, footer = _last(lines, separator, width, anchor, kinds, options)
    line = rows[first][0]
    used = {header, units}
    skipped = [f"line {n}: {_short(lines[n - 1])}" for n in range(1, line) if n not in used and lines[n - 1].strip()]
    if last < line:
        raise DataError(f"{file}: has no rows")
    return TableShape(separator, header, units, line, last, width, names, unit_cells, (*skipped, *footer))


def _rows(lines: Sequence[str], separator: str, before: int) -> list[Row]:
    """Cells of every line, with the line on which they begin."""
    if separator == " ":
        return [(before + i, line.split()) for i, line in enumerate(lines, 1)]
    reader, rows, begun = csv.reader([line + "\n" for line in lines], delimiter=separator), list[Row](), 0
    try:
        for cells in reader:
            rows.append((before + begun + 1, [cell.strip() for cell in cells]))
            begun = reader.line_num
    except csv.Error:
        pass  # a quote that is never closed in the sample
    return rows


def _filled(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if any(row[1])]


def _best_separator(lines: Sequence[str]) -> str:
    """The one under which most lines have the same number of cells, and these are numbers and times.

    csv.Sniffer looks at characters alone: it takes a decimal comma, a blank or a colon for a separator.
    """
    scores = {mark: _score(lines, mark) for mark in (",", ";", "\t", "|")}
    best = max(scores, key=lambda mark: scores[mark])
    if scores[best][0] > 0:
        return best
    return " " if _score(lines, " ")[0] > 0.5 else ","


def _score(lines: Sequence[str], separator: str) -> tuple[float, int]:
    body = [cells for _, cells in _filled(_rows(lines, separator, 0))]
    body = body[len(body) // 3 :]
    widths = [len(cells) for cells in body]
    width = max(set(widths), key=widths.count, default=1)
    if width < 2:
        return 0.0, 0
    same = [cells for cells in body if len(cells) == width][:60]
    readable = sum(kind_of(cell) != "text" for cells in same for cell in cells) / (width * len(same))
    return round(len([w for w in widths if w == width]) / len(widths) * readable, 3), width


def _body(rows: Sequence[Row]) -> tuple[int, int, list[str]]:
    """Cells of a usual row; the column by which a row of data is known; what each column mostly holds."""
    body = [cells for _, cells in rows[len(rows) // 3 :]]
    widths = [len(cells) for cells in body]
    width = max(set(widths), key=lambda w: (widths.count(w), w))
    kinds = []
    for column in range(width):
        seen = [kind_of(cells[column]) for cells in body if len(cells) == width]
        kinds.append(
            max(("stamp", "clock", "number", "text"), key=seen.count) if {*seen} - {"blank", "status"} else "blank"
        )
    anchor = next((kinds.index(kind) for kind in ("stamp", "clock", "number") if kind in kinds), 0)
    return width, anchor, kinds


def _is_data(cells: Sequence[str], anchor: int, kinds: Sequence[str]) -> bool:
    """Whether a row holds what its column of times, or else of numbers, holds."""
    if len(cells) <= anchor:
        return False
    here = kind_of(cells[anchor])
    if kinds[anchor] == "number":
        return here in ("number", "status")
    return here == kinds[anchor] or (kinds[anchor] == "stamp" and here == "number" and cells[anchor].isdigit())


def _first(
    rows: Sequence[Row], width: int, anchor: int, kinds: Sequence[str], options: ReadingOptions, file: str
) -> int:
    """Number of the first row of data among the rows."""
    at_least = 1 if options.header else 0
    if options.header is not False and options.units is not None:
        at_least = 1 + options.units
    if not {"stamp", "clock", "number"} & set(kinds):
        if len(rows) > max(at_least, 1) or options.header is False:
            return max(at_least, 0 if options.header is False else 1)
        raise DataError(f"{file}: has no rows")
    for number, (_, cells) in enumerate(rows):
        if number >= at_least and len(cells) >= min(width, anchor + 1) and _is_data(cells, anchor, kinds):
            if len(cells) < 2 <= width:
                continue
            return number
    raise DataError(f"{file}: has no rows")


def _above(rows: Sequence[Row], first: int, width: int, options: ReadingOptions) -> list[Row]:
    """The rows above the first one of data that may be its header: as wide as it, without a gap."""
    if options.header is False:
        return []
    found: list[Row] = []
    for line, cells in reversed(rows[max(0, first - HEADER_LINES) : first]):
        cells = cells[1:] if cells[0] == "#" and len(cells) == width + 1 else cells
        cells = [cells[0].lstrip("#").strip(), *cells[1:]] if cells[0].startswith("#") else cells
        trimmed = len(cells) - sum(1 for _ in takewhile(lambda cell: not cell, reversed(cells)))
        if len(cells) != width and not (not found and (trimmed >= 2 or width == 1)) and trimmed != width:
            break
        found.insert(0, (line, cells))
    return found


def _header(
    above: Sequence[Row], width: int, options: ReadingOptions
) -> tuple[tuple[str, ...], int | None, int | None, tuple[str, ...]]:
    """Names, their line, the line of the units and the units."""
    if not above:
        return (), None, None, ()
    if options.units is not None:
        at = max(0, len(above) - 1 - options.units)
    else:
        at = max(range(len(above)), key=lambda i: (_likeness(above[i][1]), -i))
    line, names = above[at]
    if at and len(set(names)) < len(names):  # a group's name stands above
        names = [
            f"{over} {name}".strip() for over, name in zip(_padded(above[at - 1][1], len(names)), names, strict=True)
        ]
    units = next((row for row in above[at + 1 :] if options.units or (options.units is None and _units(row[1]))), None)
    return tuple(names), line, units[0] if units else None, tuple(_padded(units[1], width)) if units else ()


def _likeness(cells: Sequence[str]) -> int:
    """How much a row looks like one of names."""
    filled = [cell for cell in cells if cell]
    named = any(plain(cell) in TIMES for cell in cells)
    return 2 * named + (len(set(filled)) == len(filled)) + (len(filled) >= len(cells) - 1) - 2 * _units(cells)


def _units(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(map(is_unit, filled)) >= 0.5 * len(filled)


def _last(
    lines: Sequence[str], separator: str, width: int, anchor: int, kinds: Sequence[str], options: ReadingOptions
) -> tuple[int, list[str]]:
    """Line of the last row of data, and what stands below it."""
    if options.footer is not None:
        written = [i for i, line in enumerate(lines, 1) if line.strip()]
        end = ([0, *written])[max(0, len(written) - options.footer)]
        return end, [f"line {i + 1}: {_short(lines[i])}" for i in range(end, len(lines)) if lines[i].strip()]
    end, below = len(lines), list[str]()
    while end and len(below) < FOOTER_LINES:
        cells = _rows([lines[end - 1]], separator, 0)
        filled = cells[0][1] if cells else []
        if any(filled):
            if _is_data(filled, anchor, kinds) or not _is_footer(filled, width, anchor):
                break
            below.insert(0, f"line {end}: {_short(lines[end - 1])}")
        end -= 1
    return end, below


def _is_footer(cells: Sequence[str], width: int, anchor: int) -> bool:
    """Whether a row at the end that holds no data says something else, rather than being damaged or cut short."""
    here = cells[anchor] if len(cells) > anchor else ""
    if len(cells) < width:
        return not (here and CUT_SHORT.fullmatch(here))
    return not any(letter.isdigit() for letter in here) and (kind_of(here) == "text" or not any(cells[anchor + 1 :]))


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))][: max(width, 0)]


def _short(line: str) -> str:
    text = line.strip()
    return text if len(text) <= 40 else text[:39] + "…"
