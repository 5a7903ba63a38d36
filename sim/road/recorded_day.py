"""The mean day of a recorded count of vehicles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.checks import known
from sim.engine.table import Floats, Table
from sim.engine.timeline import GAPS, REFUSE, filled, read_times, regular
from sim.units import DAY, HOUR

SKIP = "skip"
KEYS = ("file", "column", "time", "weekdays", "gaps")
FILL = f"gaps: {SKIP} leaves it out, interpolate or hold fills it"
THURSDAY, SATURDAY = 3, 5  # weekdays from Monday; 1970-01-01 was a Thursday


def mean_day(spec: Mapping[str, Any], field: str) -> list[float]:
    """Factor of each hour: the mean volume of that hour over the mean of all, e.g. of Metro Interstate (UCI 492).

    file: a csv file. column, time: names of the columns with the volume (vehicles per row, at least one row an hour)
    and the date and hour. weekdays: Monday to Friday only. gaps: "refuse" missing rows and volumes (the default),
    "skip" them, "interpolate" or "hold". A time that appears twice with one volume counts once.
    Raises ValueError in one line that names the file, the row and the column.
    """
    known(field, spec, KEYS)
    given = {"column": "traffic_volume", "time": "date_time", "weekdays": True, "gaps": REFUSE, **spec}
    if given["gaps"] not in (*GAPS, SKIP):
        raise ValueError(f"{field}.gaps = {given['gaps']!r}: must be one of {', '.join((*GAPS, SKIP))}")
    if not isinstance(given["weekdays"], bool):
        raise ValueError(f"{field}.weekdays = {given['weekdays']!r}: must be true or false")
    path = Path(str(given["file"]))
    try:
        table = Table(path)
    except OSError as error:
        raise ValueError(f"{field}.file = {path}: {error.strerror}") from None
    for key in ("time", "column"):
        if given[key] not in table.names:
            has = ", ".join(table.names)
            raise ValueError(f"{field}.{key} = {given[key]!r}: must be a column of {path}, which has {has}")
    clock, volumes = _counts(table, given["time"], given["column"], given["gaps"])
    means = _hourly(clock, volumes, given["weekdays"])
    if not np.isfinite(means).all():
        days = " of Monday to Friday" if given["weekdays"] else ""
        raise ValueError(f"{path}: has no volume at {np.argmin(np.isfinite(means))} h{days}: must have every hour")
    return (means / (means.mean() or 1.0)).tolist()  # type: ignore[no-any-return]  # numpy's tolist


def _hourly(clock: Floats, volumes: Floats, weekdays: bool) -> Floats:
    """Mean volume of each hour of the day, nan for none."""
    days = (clock // DAY).astype(int)
    counted = np.isfinite(volumes)
    if weekdays:
        counted &= (days + THURSDAY) % 7 < SATURDAY
    hours = (clock % DAY // HOUR).astype(int)[counted]
    with np.errstate(invalid="ignore"):
        means: Floats = np.bincount(hours, volumes[counted], 24) / np.bincount(hours, minlength=24)
    return means


def _counts(table: Table, time: str, column: str, gaps: str) -> tuple[Floats, Floats]:
    """(seconds by the clock, volumes) in order of time, each time once."""
    seconds, clock = read_times(table, time)
    if clock is None:
        raise ValueError(table.wrong(0, time, table.texts(time)[0], "a date and an hour (ISO 8601)"))
    table, order = _once(table, seconds, column)
    seconds, clock = seconds[order], clock[order]
    volumes = table.numbers(column, low=0.0, unit="(vehicles)", missing=FILL if gaps == REFUSE else "")
    if gaps == SKIP:
        return clock, volumes
    grid = regular(table, time, seconds, gaps, fill=FILL)
    ahead = (clock - seconds)[np.searchsorted(seconds, grid.times, side="right") - 1]  # of the zone, s
    return grid.times + ahead, filled(volumes, seconds, grid, gaps)


def _once(table: Table, seconds: Floats, column: str) -> tuple[Table, list[int]]:
    """Rows in order of time, each time once, and which they were. Raises ValueError for two volumes at a time."""
    texts, kept = table.texts(column), list[int]()
    for at in np.argsort(seconds, kind="stable").tolist():
        if kept and seconds[kept[-1]] == seconds[at]:
            if texts[kept[-1]] != texts[at]:
                allowed = f"{texts[kept[-1]]} as in row {table.rows[kept[-1]]}, which has the same time"
                raise ValueError(table.wrong(at, column, texts[at], allowed))
        else:
            kept.append(at)
    return table.picked(kept), kept
