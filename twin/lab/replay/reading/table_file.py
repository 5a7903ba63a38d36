"""A delimited text file as a table of cells."""

from __future__ import annotations

import io
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.cell_table import CellTable
from twin.lab.replay.reading.encoded_text import read_text
from twin.lab.replay.reading.options import ReadingOptions
from twin.lab.replay.reading.table_shape import TableShape, find_shape
from twin.lab.replay.reading.words import EMPTY, unit_in

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "blanks"}
BLANKS = " \t\u00a0\u202f\ufeff"


def read_cells(path: Path, options: ReadingOptions) -> CellTable:
    """The cells of a file. Raises DataError for a file that cannot be read, and for rows longer than the header."""
    text, encoding = read_text(path, options.encoding)
    lines = text.split("\n")
    del text
    shape = find_shape(lines, path.name, options)
    cells = _body(lines[shape.first - 1 : shape.last], shape, path.name)
    cells = cells[~(cells == "").all(axis=1)]
    cells, width = _trimmed(cells, shape, path.name)
    if cells.empty:
        raise DataError(f"{path.name}: has no rows")
    units = [*shape.unit_cells, *[""] * width][:width]
    named = [*shape.names, *[""] * width][:width]
    table = CellTable(path.name, cells, _unique(named, units), units)
    table.units = [unit or unit_in(name) for name, unit in zip(table.names, units, strict=True)]
    table.understood += _told(shape, encoding)
    for number, name in enumerate(named):
        if not name and table.cells[number].str.casefold().isin(EMPTY).all():
            table.left_out[number] = "empty, without a name"
    _drop_repeated_headers(table, shape)
    if table.cells.empty:
        raise DataError(f"{path.name}: has no rows")
    return table


def _body(lines: Sequence[str], shape: TableShape, file: str) -> pd.DataFrame:
    """All cells as text, the index their line. A short row is filled with blanks."""
    width = max(shape.width, len(shape.names))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            cells = pd.read_csv(
                io.StringIO("\n".join(lines)),
                sep=r"\s+" if shape.separator == " " else shape.separator,
                header=None,
                names=range(width),
                dtype=str,
                na_filter=False,
                skip_blank_lines=False,
                skipinitialspace=True,
            )
    except (ValueError, pd.errors.ParserWarning) as error:
        raise DataError(_why(str(error).strip(), shape, file)) from None
    if not isinstance(cells.index, pd.RangeIndex):
        raise DataError(f"{file}, row {shape.first}: has more cells than the header{_hint(shape)}")
    cells.index = pd.RangeIndex(shape.first, shape.first + len(cells))
    stripped: pd.DataFrame = cells.fillna("").apply(lambda column: column.str.strip(BLANKS))
    return stripped


def _why(error: str, shape: TableShape, file: str) -> str:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", error)
    if found is None:
        return f"{file}: cannot be read as a table: {error.splitlines()[-1]}"
    expected, line, saw = map(int, found.groups())
    return f"{file}, row {shape.first - 1 + line}: has {saw} cells, the header has {expected}{_hint(shape)}"


def _hint(shape: TableShape) -> str:
    return " (a decimal comma between commas? give the file another separator)" if shape.separator == "," else ""


def _trimmed(cells: pd.DataFrame, shape: TableShape, file: str) -> tuple[pd.DataFrame, int]:
    """Without the empty columns beyond the header; a row whose cells stand there is refused."""
    if not shape.names:
        return cells, cells.shape[1]
    width = len(shape.names)
    beyond = (cells.iloc[:, width:] != "").any(axis=1)
    if beyond.any():
        raise DataError(
            f"{file}, row {cells.index[int(beyond.to_numpy().argmax())]}: has more cells than the header{_hint(shape)}"
        )
    return cells.iloc[:, :width], width


def _unique(names: Sequence[str], units: Sequence[str]) -> list[str]:
    """A name for each column: where two are the same, with the unit, or else with a number."""
    names = [re.sub(r"[\x00-\x1f\x7f]+", " ", name) or f"column {i}" for i, name in enumerate(names, 1)]
    twice = {name for name, count in Counter(names).items() if count > 1}
    result: list[str] = []
    for name, unit in zip(names, units, strict=True):
        name = f"{name} [{unit.strip('[]()')}]" if name in twice and unit else name
        fresh, number = name, 2
        while fresh in result:
            fresh, number = f"{name} ({number})", number + 1
        result.append(fresh)
    return result


def _drop_repeated_headers(table: CellTable, shape: TableShape) -> None:
    """Headers and comments among the rows, as programs that were started again write them, are left out and told."""
    if not shape.names:
        return
    first = table.cells[0]
    comment = first.str.startswith("#") & ~first.str.casefold().isin(("#n/a", "#value!", "#ref!", "#num!", "#div/0!"))
    filled = [(i, name) for i, name in enumerate(shape.names) if name]
    header = pd.Series(True, index=table.cells.index)
    for number, name in filled:
        header &= table.cells[number] == name
    if bool((header | comment).any()):
        lines = ", ".join(str(line) for line in table.cells.index[header | comment][:5])
        table.understood.append(
            ("left out", f"{int((header | comment).sum())} headers or comments between rows: {lines}")
        )
        table.keep(~(header | comment))


def _told(shape: TableShape, encoding: str) -> list[tuple[str, str]]:
    header = "no header (table.header=)" if shape.header is None else f"header in line {shape.header}"
    units = f", units in line {shape.units}" if shape.units else ""
    separator = SEPARATORS.get(shape.separator, repr(shape.separator))
    rows = [("file", f"{encoding.upper()}, separated by {separator}, {header}{units}, data from line {shape.first} on")]
    if shape.left_out:
        rows.append(("left out", "; ".join(shape.left_out[:6]) + (" …" if len(shape.left_out) > 6 else "")))
    return rows
