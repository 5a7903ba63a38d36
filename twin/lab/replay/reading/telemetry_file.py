"""Any table of telemetry as a recording: times, signals, optionally assets and failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.contract import Asset, Objective, PlantSpec, Signal
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.cell_table import CellTable, listed
from twin.lab.replay.reading.failures import failure_events, read_failures
from twin.lab.replay.reading.local_time import missing_hours
from twin.lab.replay.reading.long_layout import drop_service_rows, find_tags, read_long, series_codes
from twin.lab.replay.reading.number_marks import find_marks
from twin.lab.replay.reading.options import ReadingOptions, reading_options
from twin.lab.replay.reading.readings import Floats, Ints, Readings, gap_words, step_words
from twin.lab.replay.reading.stamp_columns import StampColumns, find_stamps
from twin.lab.replay.reading.stamps import Stamps, read_stamps
from twin.lab.replay.reading.table_file import read_cells
from twin.lab.replay.reading.wide_layout import asset_codes, read_wide
from twin.lab.replay.telemetry import Telemetry

# A recording with many more empty ticks than rows has a tick that does not fit it.
MOST_TICKS_PER_ROW = 50
NUMBERLIKE = r"[-+−]?[\d.,'’\s]*\d[\d.,'’\s]*(?:[eE][-+]?\d+)?\D{0,12}"


def read_telemetry(path: str | Path, **said: Any) -> Telemetry:
    """Read a delimited text file. said: keys of `table` in conf/dataset/csv.yaml; what is not said is found out.

    Raises DataError in one line: file, row (line of the file), column, value, and what to do.
    """
    options = reading_options(**said)
    table = read_cells(Path(path), options)
    for name in options.ignore:
        table.left_out[table.find(name, "ignore=")] = "ignored"
    asset = None if options.asset is None else table.find(options.asset, "asset=")
    failure = [table.find(name, "failure=") for name in options.failure]
    chosen = _stamp_columns(table, options)
    special = [*(chosen.numbers if chosen else ()), *([] if asset is None else [asset]), *failure]
    tags = find_tags(table, special, options)
    if tags is not None and failure:
        raise DataError(
            f"{table.file}: failure = {options.failure[0]}: a table with a row for each tag has no such column"
        )
    if tags is not None:
        drop_service_rows(table, tags)
    assets = asset_codes(table, asset, options.type)
    series = assets[1] if tags is None else series_codes(table, tags, assets[1])[1]
    stamps = _stamps(table, chosen, series, options)
    table.understood.append(("times", stamps.told))
    numeric = [n for n in table.columns if n not in special and n not in table.left_out]
    marks = find_marks(
        [table.column(n) for n in numeric if _numberlike(table.column(n))],
        table.file,
        options.decimal,
        options.thousands,
    )
    if marks.decimal == ",":
        table.understood.append(
            ("numbers", f"decimal comma{', thousands points' if marks.thousands else ''} (table.decimal=)")
        )
    if tags is not None:
        return _telemetry(table, read_long(table, tags, stamps.elapsed, assets, marks, options), stamps, options)
    failures = read_failures(table, failure) if failure else None
    readings = read_wide(table, special, stamps.elapsed, assets, failures, marks, options)
    return _telemetry(table, readings, stamps, options)


def _stamp_columns(table: CellTable, options: ReadingOptions) -> StampColumns | None:
    """The columns of times; None where there are none and a tick is given."""
    try:
        return find_stamps(table, options.time)
    except DataError:
        if options.tick is None or options.time:
            raise
        return None


def _stamps(table: CellTable, chosen: StampColumns | None, series: Ints, options: ReadingOptions) -> Stamps:
    if chosen is not None:
        return read_stamps(table, chosen, series, options)
    number: Floats = np.asarray(pd.Series(series).groupby(series).cumcount(), dtype=float)
    return Stamps(
        number * float(options.tick or 0), f"none: rows are {step_words(float(options.tick or 0))} apart (table.tick=)"
    )


def _numberlike(column: pd.Series) -> bool:
    """Whether the cells with a comma look like numbers."""
    with_comma = column[column.str.contains(",", regex=False)]
    return bool(len(with_comma)) is False or bool(with_comma.str.fullmatch(NUMBERLIKE).mean() > 0.5)


def _telemetry(table: CellTable, readings: Readings, stamps: Stamps, options: ReadingOptions) -> Telemetry:
    """The recording: its first tick ends at the first reading."""
    step = readings.median
    start = readings.row_time[0]
    if (readings.row_time[-1] - start + step) / step > MOST_TICKS_PER_ROW * readings.rows:
        ticks = (readings.row_time[-1] - start + step) / step
        raise DataError(
            f"{table.file}: {ticks:,.0f} ticks of {step:g} s for {readings.rows:,} rows: give a longer tick"
        )
    events = (
        ()
        if readings.failures is None
        else failure_events(
            readings.row_time - start + step, readings.row_asset, readings.failures, readings.assets, step
        )
    )
    spec = PlantSpec(
        assets=tuple(Asset(name, options.type) for name in readings.assets),
        links=(),
        signals=tuple(
            Signal(readings.assets[s.asset], s.name, s.name, s.unit, step, forecast=True) for s in readings.signals
        ),
        actuators=(),
        objective=Objective("", ""),
        tick=step,
        modes=() if readings.failures is None else readings.failures.modes,
    )
    telemetry = Telemetry(
        spec=spec,
        time=readings.time - start + step,
        signal=readings.signal,
        value=readings.value,
        events=events,
    )
    _tell(table, readings, stamps, telemetry)
    telemetry.understood = tuple(table.understood)
    return telemetry


def _tell(table: CellTable, readings: Readings, stamps: Stamps, telemetry: Telemetry) -> None:
    """The rows of the table for people that speak of the whole."""
    first = [s for s in readings.signals if s.asset == readings.signals[0].asset]
    signals = [s.name if not s.unit or s.unit in s.name else f"{s.name} [{s.unit}]" for s in first]
    rows = [("signals", f"{len(signals)}: {listed(signals)}")]
    if len(readings.assets) > 1:
        rows.insert(0, ("assets", f"{len(readings.assets)}: {listed(readings.assets)}"))
    for number, why in table.left_out.items():
        name = table.names[number]
        rows.append(("left out", f"{name if name == f'column {number + 1}' else f'column {name}'}: {why}"))
    gaps = gap_words(readings.row_time, readings.row_asset, readings.median) if readings.rows > 1 else ""
    rows.append(
        ("ticks", f"{telemetry.ticks:,} of {step_words(readings.median)}{'; ' + gaps if gaps else ''} (table.tick=)")
    )
    if stamps.dates is not None and not stamps.zoned:
        nights = missing_hours(np.asarray(stamps.dates), readings.median)
        if nights:
            hint = "an hour is missing after it, as when clocks are put forward (table.zone= closes the gap)"
            rows.append(("look at", f"{', '.join(nights[:4])}: {hint}"))
    table.understood += rows
