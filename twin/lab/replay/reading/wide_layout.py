"""One row a time, one column a signal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.cell_table import CellTable, listed
from twin.lab.replay.reading.failures import FailureRows
from twin.lab.replay.reading.number_columns import NumberColumn, number_column, refuse_bad, tell_missing
from twin.lab.replay.reading.number_marks import NumberMarks
from twin.lab.replay.reading.number_stamps import SERIAL
from twin.lab.replay.reading.options import ReadingOptions
from twin.lab.replay.reading.qualities import bad_readings, quality_columns
from twin.lab.replay.reading.readings import Floats, Ints, Readings, SignalName, median_step
from twin.lab.replay.reading.stamp_columns import shape_of
from twin.lab.replay.reading.words import COUNTERS, EMPTY, STATUS, TIMES, plain

OFTEN = 0.2  # share of rows that repeat a time from which on a table looks like several series


def read_wide(
    table: CellTable,
    special: Sequence[int],
    elapsed: Floats,
    assets: tuple[tuple[str, ...], Ints],
    failures: FailureRows | None,
    marks: NumberMarks,
    options: ReadingOptions,
) -> Readings:
    """The readings of a table. special: columns that are no signals. elapsed: [rows] s. assets: names, [rows] codes."""
    names, codes = assets
    _refuse_several_series(table, special, elapsed, codes)
    qualities = {} if options.signals else quality_columns(table)
    columns = _signals(table, [*special, *qualities], marks, options)
    _mask_bad(table, columns, qualities)
    refuse_bad(table, columns, options)
    tell_missing(table, columns)
    order = np.argsort(elapsed, kind="stable")
    if (order != np.arange(len(order))).any():
        table.understood.append(("rows", "put in order of time"))
    time, codes = elapsed[order], codes[order]
    _tell_repeats(table, time, codes)
    values = np.column_stack([column.values[order] for column in columns]).ravel()
    read, count = np.isfinite(values), len(columns)
    units = [column.unit or table.units[column.number] for column in columns]
    signals = [
        SignalName(asset, table.names[column.number], unit)
        for asset in range(len(names))
        for column, unit in zip(columns, units, strict=True)
    ]
    return Readings(
        assets=names,
        signals=tuple(signals),
        time=np.repeat(time, count)[read],
        signal=(codes[:, None] * count + np.arange(count)).ravel().astype(np.int32)[read],
        value=values[read],
        row_time=time,
        row_asset=codes,
        median=options.tick or median_step(time, codes, table.file),
        failures=failures and FailureRows(failures.mode[order], failures.modes),
    )


def _signals(
    table: CellTable, special: Sequence[int], marks: NumberMarks, options: ReadingOptions
) -> list[NumberColumn]:
    """The columns named, or all that mostly hold numbers."""
    if options.signals:
        return [number_column(table, table.find(name, "signals="), marks, options.absent) for name in options.signals]
    chosen = []
    for number in table.columns:
        if number in special or number in table.left_out:
            continue
        if why := _no_signal(table, number):
            table.left_out[number] = why
            continue
        column = number_column(table, number, marks, options.absent)
        if column.share > 0.5:
            chosen.append(column)
        else:
            none = set(table.column(number).str.casefold().unique()) <= EMPTY | STATUS
            table.left_out[number] = "holds no readings" if none else "not numeric"
    if not chosen:
        beside = listed([table.names[number] for number in special])
        raise DataError(f"{table.file}: has no numeric column beside {beside}; it has {listed(table.names)}")
    return chosen


def _no_signal(table: CellTable, number: int) -> str:
    """Why a column is none although it may hold numbers; empty for nothing."""
    name, cells = plain(table.names[number]), table.column(number)
    values = pd.to_numeric(cells.head(1000), errors="coerce").to_numpy(float)
    unnamed = table.names[number] == f"column {number + 1}" or name.startswith("unnamed:")
    counter = name in COUNTERS or (unnamed and (number == 0 or not table.names[0].startswith("column ")))
    if counter and len(values) > 1 and (np.diff(values) == 1).all():
        return "counts the rows"
    if name in TIMES and len(values) > 1 and (np.diff(values) >= 0).all() and values[0] >= SERIAL[0]:
        return "a second column of times"
    return "holds times" if shape_of(cells) in ("stamp", "date", "clock") else ""


def _mask_bad(table: CellTable, columns: Sequence[NumberColumn], qualities: dict[int, int | None]) -> None:
    """Readings of bad quality are none, like a status word."""
    for quality, of in qualities.items():
        bad = bad_readings(table.column(quality))
        table.left_out[quality] = f"qualities, {int(bad.sum())} of them bad" if bad.any() else "qualities"
        for column in columns:
            if of in (None, column.number):
                column.without(bad)


def _refuse_several_series(table: CellTable, special: Sequence[int], elapsed: Floats, codes: Ints) -> None:
    """Raises DataError where rows repeat their time and a column tells them apart: averaging them would mix series."""
    keys = pd.DataFrame({"time": elapsed, "asset": codes})
    if not keys.duplicated().mean() > OFTEN:
        return
    for number in table.columns:
        cells = table.column(number)
        few = cells.nunique() <= len(cells) // 2
        if number not in special and few and not keys.assign(cell=cells.to_numpy()).duplicated().any():
            name = table.names[number]
            raise DataError(
                f"{table.file}, column {name}: rows repeat their time, and {name} tells them apart: say "
                f"table.asset='{name}' (each has all signals), or table.layout=long table.tag='{name}' (each is one)"
            )


def _tell_repeats(table: CellTable, time: Floats, codes: Ints) -> None:
    twice = int(pd.DataFrame({"asset": codes, "time": time}).duplicated().sum())
    if twice:
        table.understood.append(("rows", f"{twice} rows repeat a time: readings of the same tick are averaged"))


def asset_codes(table: CellTable, number: int | None, type_: str) -> tuple[tuple[str, ...], Ints]:
    """Names of the assets in order, and [rows] their numbers; one asset called as its type without a column."""
    if number is None:
        return (type_,), np.zeros(len(table.cells), np.int64)
    cells = table.column(number)
    if cells.str.casefold().isin(EMPTY).any():
        row = int(np.flatnonzero(cells.str.casefold().isin(EMPTY))[0])
        raise DataError(f"{table.where(row, number)}: is empty: every row needs the name of its asset")
    codes, names = pd.factorize(cells.to_numpy(object), sort=True)
    return tuple(str(name) for name in names), codes.astype(np.int64)
