"""From the files that a user names to what was recorded: a table, a CityLearn folder, a steel plant's meter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.checks import known, number
from sim.engine.table import Floats, Table
from sim.engine.timeline import FILL, GAPS, REFUSE, Grid, filled, read_times, regular, rolled, whole_days
from sim.power.citylearn import read_citylearn
from sim.power.records import SINGLE, Column, Records
from sim.units import DAY, HOUR, MINUTE

SOURCES = ("citylearn", "steel", "csv")
OPTIONS = {"citylearn": ("buildings", "gaps"), "steel": ("gaps",), "csv": ("step", "gaps", "ignore")}
BOUNDS: dict[str, dict[str, Any]] = {  # what a column can hold, and in what
    "load": {"low": 0.0, "high": 1e6, "unit": "(kW)"},
    "pv": {"low": 0.0, "high": 1e6, "unit": "(kW)"},
    "price": {"low": -1000.0, "high": 1000.0, "unit": "(EUR/kWh)"},
    "carbon": {"low": 0.0, "high": 100.0, "unit": "(kg/kWh)"},
    "temperature": {"low": -100.0, "high": 100.0, "unit": "(deg C)"},
    "irradiance": {"low": 0.0, "high": 2000.0, "unit": "(W/m2)"},
}
QUARTER = 15 * MINUTE


def read(inputs: Mapping[str, Any]) -> Records:
    """From configuration: one of `citylearn` (folder), `steel` or `csv` (file), with OPTIONS of each.

    gaps: "refuse" (the default), or how to fill missing rows and cells: "interpolate" or "hold" (the last one).
    Raises ValueError in one line that names the file, the row and the column.
    """
    known("inputs", inputs, dict.fromkeys((*SOURCES, *(option for each in OPTIONS.values() for option in each))))
    sources = [source for source in SOURCES if inputs.get(source)]
    if len(sources) != 1:
        raise ValueError(f"inputs = {dict(inputs)!r}: must name one of {', '.join(SOURCES)}")
    source = sources[0]
    options = {key: value for key, value in inputs.items() if key not in SOURCES and value is not None}
    known(f"inputs with {source}", options, OPTIONS[source])
    gaps = options.setdefault("gaps", REFUSE)
    if gaps not in GAPS:
        raise ValueError(f"inputs.gaps = {gaps!r}: must be one of {', '.join(GAPS)}")
    readers: dict[str, Callable[..., Records]] = {"citylearn": read_citylearn, "steel": read_steel, "csv": read_csv}
    try:
        return readers[source](Path(str(inputs[source])), **options)
    except OSError as error:
        raise ValueError(f"inputs.{source} = {error.filename}: {error.strerror}") from None


def read_steel(path: Path, gaps: str = REFUSE) -> Records:
    """The UCI table of a steel plant's energy use: kWh per quarter of an hour, NSM seconds after midnight."""
    table = Table(path)
    seconds: Floats = np.arange(float(len(table))) * QUARTER
    grid = Grid(QUARTER, seconds)
    if "NSM" in table.names:
        seconds = _unwrapped(table.numbers("NSM", low=0.0, high=DAY, missing="every row has its time"))
        grid = regular(table, "NSM", seconds, gaps, QUARTER)
    usage = table.numbers("Usage_kWh", low=0.0, unit="(kWh)", missing=_missing(gaps))
    energy = filled(usage, seconds, grid, gaps)
    return Records(step=QUARTER, loads={"steel": _column(energy * (HOUR / QUARTER))})


def read_csv(path: Path, step: float | None = None, gaps: str = REFUSE, ignore: str | Sequence[str] = ()) -> Records:
    """A table of `time` and some of load or load.NAME (kW), pv, price, carbon, temperature, irradiance.

    step: s between rows, needed where there is no time; else the most frequent one. A table with dates that begins
    within a day is turned so that it begins at midnight, as prices and weather do. ignore: columns not to read.
    """
    table = Table(path)
    ignored = [ignore] if isinstance(ignore, str) else list(ignore) if isinstance(ignore, Sequence) else [None]
    if not all(isinstance(name, str) for name in ignored):
        raise ValueError(f"inputs.ignore = {ignore!r}: must be names of columns")
    table.only(("time", "load", *SINGLE, "load.NAME", *ignored), "load.")
    names = [name for name in table.names if name not in ("time", *ignored)]
    if not names:
        raise ValueError(f"{path}: must have one of the columns load, {', '.join(SINGLE)} or load.NAME")
    if {"load", "load.load"} <= set(names) or "load." in names:
        raise ValueError(f"{path}: loads must have a name each: load.NAME, not {', '.join(names)}")
    every = None if step is None else number("inputs.step", step, low=1.0)
    seconds, clock, grid = _rows_in_time(table, every, gaps)
    turn = partial(_turned, path=path, clock=clock, step=grid.step)
    columns = {name: _column(turn(filled(_values(table, name, gaps), seconds, grid, gaps))) for name in names}
    loads = {name.partition(".")[2] or "load": series for name, series in columns.items() if name.startswith("load")}
    return Records(step=grid.step, loads=loads, **{name: columns[name] for name in SINGLE if name in columns})


def _rows_in_time(table: Table, step: float | None, gaps: str) -> tuple[Floats, float | None, Grid]:
    if "time" in table.names:
        times = read_times(table, "time")
        begin = None if times.clock is None else float(times.clock[0] % DAY)
        return times.seconds, begin, regular(table, "time", times.seconds, gaps, step)
    if step is None:
        raise ValueError(f"inputs.step: is missing, and {table.path} has no column time to take it from")
    seconds: Floats = np.arange(float(len(table))) * step
    return seconds, None, Grid(step, seconds)


def _turned(values: Floats, *, path: Path, clock: float | None, step: float) -> Floats:
    if not clock:
        return values
    if not whole_days(len(values), step):
        hours = len(values) * step / HOUR
        raise ValueError(
            f"{path}: begins {clock / HOUR:g} h after midnight and lasts {hours:g} h: must begin at midnight, as prices"
            " and weather do, or last whole days"
        )
    return rolled(values, clock, step)


def _values(table: Table, name: str, gaps: str) -> Floats:
    return table.numbers(name, **BOUNDS[name.partition(".")[0]], missing=_missing(gaps))


def _missing(gaps: str) -> str:
    return FILL if gaps == REFUSE else ""


def _unwrapped(clock: Floats) -> Floats:
    """Seconds that go on rising where the time of day begins again."""
    return clock + DAY * np.cumsum(np.concatenate([[0.0], np.diff(clock) < 0]))


def _column(values: Floats) -> Column:
    return tuple(values.tolist())
