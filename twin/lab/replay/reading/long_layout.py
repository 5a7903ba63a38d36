"""One row a reading: a column of tags, a column of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.cell_table import CellTable, listed
from twin.lab.replay.reading.number_columns import NumberColumn, number_column, refuse_bad, tell_missing
from twin.lab.replay.reading.number_marks import NumberMarks
from twin.lab.replay.reading.options import ReadingOptions
from twin.lab.replay.reading.qualities import bad_readings, quality_columns
from twin.lab.replay.reading.readings import Floats, Ints, Readings, SignalName, median_step
from twin.lab.replay.reading.stamp_columns import shape_of
from twin.lab.replay.reading.words import EMPTY, TAGS, VALUES, plain

UNIT_NAMES = ("unit", "units", "uom", "unitofmeasure", "unit_of_measurement", "einheit", "engineering_units", "eu")
SERVICE_ROWS = r"\$RT_\w+\$"  # WinCC notes the stops of its logging among the tags
NO_TAG = ("result", "table")  # of InfluxDB's answers


@dataclass(frozen=True)
class TagColumns:
    """tag: column of tags; value: of values; more: columns that part tags of the same name; unit: of units."""

    tag: int
    value: int
    more: tuple[int, ...] = ()
    unit: int | None = None


def find_tags(table: CellTable, special: Sequence[int], options: ReadingOptions) -> TagColumns | None:
    """The columns of a long layout; None for a wide one. Raises DataError where it is named and has none."""
    if options.layout == "wide" or (options.layout is None and options.signals and not options.tag):
        return None
    by_name = {plain(table.names[n]): n for n in table.columns if n not in special and n not in table.left_out}
    tag = table.find(options.tag, "tag=") if options.tag else next((by_name[n] for n in TAGS if n in by_name), None)
    value = (
        table.find(options.value, "value=")
        if options.value
        else next((by_name[n] for n in VALUES if n in by_name), None)
    )
    sure = options.layout == "long" or options.tag is not None
    if value is None and tag is not None:
        qualities = quality_columns(table)
        numeric = [
            n for n in by_name.values() if n != tag and n not in qualities and shape_of(table.column(n)) == "number"
        ]
        value = numeric[0] if len(numeric) == 1 and (sure or tag == by_name.get("tagname")) else None
    if tag is None or value is None:
        if sure:
            raise DataError(
                f"{table.file}: layout = long: which column holds the tags and which the values? say table.tag= and "
                f"table.value= ({listed(table.names)})"
            )
        return None
    if not sure and shape_of(table.column(tag)) == "number":
        return None
    unit = next((by_name[name] for name in UNIT_NAMES if name in by_name), None)
    return TagColumns(tag, value, _more(table, tag, value, by_name), unit)


def _more(table: CellTable, tag: int, value: int, by_name: dict[str, int]) -> tuple[int, ...]:
    """InfluxDB's group columns: measurement and tags such as host make a series beside the field."""
    if by_name.get("_field") != tag:
        return ()
    names = [n for name, n in by_name.items() if name not in NO_TAG and (name == "_measurement" or name[:1] != "_")]
    return tuple(n for n in names if n not in (tag, value) and table.column(n).nunique() > 1)


def series_codes(table: CellTable, tags: TagColumns, assets: Ints) -> tuple[pd.Series, Ints]:
    """[rows] name of the signal; [rows] number of its series, which is one of an asset."""
    name = table.column(tags.tag)
    for number in tags.more:
        name = name.str.cat(table.column(number), sep=" ")
    codes, names = pd.factorize(name.to_numpy(object), sort=True)
    return name, assets * len(names) + codes.astype(np.int64)


def drop_service_rows(table: CellTable, tags: TagColumns) -> None:
    """Rows without a tag's reading are left out, and told."""
    tag = table.column(tags.tag)
    service = tag.str.fullmatch(SERVICE_ROWS) | tag.str.casefold().isin(EMPTY)
    if service.any():
        table.understood.append(("left out", f"{int(service.sum())} rows that are of no tag"))
        table.keep(~service)


def read_long(
    table: CellTable,
    tags: TagColumns,
    elapsed: Floats,
    assets: tuple[tuple[str, ...], Ints],
    marks: NumberMarks,
    options: ReadingOptions,
) -> Readings:
    """The readings of a table; a tag whose values are mostly no numbers is left out."""
    names, of_asset = assets
    tag, series = series_codes(table, tags, of_asset)
    column = number_column(table, tags.value, marks, options.absent)
    _mask_bad(table, column)
    kept = _numeric_tags(table, tag, column)
    refuse_bad(table, [column.only(kept)], options)
    tell_missing(table, [column.only(kept)])
    order = np.argsort(elapsed, kind="stable")
    order = order[kept[order]]
    _, first, signal = np.unique(series[order], return_index=True, return_inverse=True)
    rows = order[first]
    units = table.column(tags.unit) if tags.unit is not None else pd.Series("", index=table.cells.index)
    signals = [SignalName(int(of_asset[r]), str(tag.iloc[r]), str(units.iloc[r])) for r in rows]
    time, value = elapsed[order], column.values[order]
    _tell(table, tags, time, signal)
    read = np.isfinite(value)
    return Readings(
        assets=names,
        signals=tuple(signals),
        time=time[read],
        signal=signal[read].astype(np.int32),
        value=value[read],
        row_time=time,
        row_asset=of_asset[order],
        median=options.tick or median_step(time, signal.astype(np.int64), table.file),
    )


def _numeric_tags(table: CellTable, tag: pd.Series, column: NumberColumn) -> np.ndarray:
    """[rows] whether a row is of a tag that mostly holds numbers."""
    told = ~(column.blank | column.word | column.absent)
    frame = pd.DataFrame(
        {"tag": tag.to_numpy(object), "number": np.isfinite(column.values) | column.poor, "told": told}
    )
    sums = frame.groupby("tag", sort=True)[["number", "told"]].sum()
    words = sums.index[(sums["number"] <= 0.5 * sums["told"]) | (sums["number"] == 0)]
    if len(words) == len(sums):
        raise DataError(f"{table.file}, column {table.names[column.number]}: holds no numbers")
    if len(words):
        table.understood.append(("left out", f"tags that hold words: {listed([str(word) for word in words])}"))
    return ~frame["tag"].isin(words).to_numpy()


def _mask_bad(table: CellTable, column: NumberColumn) -> None:
    for quality in quality_columns(table):
        bad = bad_readings(table.column(quality))
        column.without(bad)
        table.left_out[quality] = f"qualities, {int(bad.sum())} of them bad" if bad.any() else "qualities"


def _tell(table: CellTable, tags: TagColumns, time: Floats, signal: Ints) -> None:
    names = " + ".join(table.names[n] for n in (tags.tag, *tags.more))
    table.understood.append(
        ("layout", f"long: signals named by {names}, values in {table.names[tags.value]} (table.layout=)")
    )
    twice = int(pd.DataFrame({"signal": signal, "time": time}).duplicated().sum())
    if twice:
        table.understood.append(
            ("rows", f"{twice} rows repeat a time of their tag: readings of the same tick are averaged")
        )
