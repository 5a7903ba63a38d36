"""When the rows of a table are: their times, one step apart, and what lies in gaps."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import numpy as np

from sim.engine.table import Floats, Table
from sim.units import DAY

REFUSE, INTERPOLATE, HOLD = "refuse", "interpolate", "hold"
GAPS = (REFUSE, INTERPOLATE, HOLD)
FILL = f"gaps: {INTERPOLATE} or {HOLD} fills it"
DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}  # by their number
EPOCH = 3e8  # s: larger ones count from 1970, smaller ones from wherever the file begins
EPOCH_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))  # from which on a number counts ns, us, ms: how many in a second
TOLERANCE = 1e-3  # s
MOST = 1_000_000  # steps that a table with few rows may be filled up to


class Times(NamedTuple):
    """Seconds of every row. clock: seconds from a midnight as the row's clock shows them; None without dates."""

    seconds: Floats
    clock: Floats | None


class Grid(NamedTuple):
    """Equal steps of `step` s from the first row to the last; times: of each, s."""

    step: float
    times: Floats


def read_times(table: Table, name: str) -> Times:
    """Times of a column: ISO 8601, digits (20210305, 202103051200), seconds, or ms, us or ns since 1970.

    Every row has the form of the first; a time without a zone is taken as it stands. Raises ValueError with the row.
    """
    texts = table.texts(name)
    allowed = "a time in ISO 8601 or in seconds, in one form in all rows"
    if _is_number(texts[0]) and not _is_date(texts[0]):
        return _seconds(table, name)
    read = partial(_from_digits, form=DIGITS[len(texts[0])]) if _is_date(texts[0]) else datetime.fromisoformat
    moments = []
    for at, text in enumerate(texts):
        try:
            moments.append(read(text))
        except ValueError:
            raise ValueError(table.wrong(at, name, text, allowed)) from None
        if (moments[at].tzinfo is None) != (moments[0].tzinfo is None):
            raise ValueError(table.wrong(at, name, text, "with a zone in every row, or in none"))
    clock = [moment.replace(tzinfo=UTC).timestamp() for moment in moments]
    return Times(np.array([_stamp(moment) for moment in moments]), np.array(clock))


def regular(table: Table, name: str, seconds: Floats, gaps: str, step: float | None = None, fill: str = FILL) -> Grid:
    """Steps of `step` s (by default the most frequent distance of rows) from the first row to the last.

    Raises ValueError with the row: where the time does not rise; where it is off the steps or a step is missing,
    unless `gaps` says how to fill. fill: what a refusal says of that.
    """
    apart = np.diff(seconds)
    texts = table.texts(name)
    if not len(apart):
        raise ValueError(f"{table.path}: has one row: must have at least two, to tell the step between them")
    if (apart <= 0).any():
        at = int(np.argmax(apart <= 0)) + 1
        raise ValueError(
            table.wrong(
                at, name, texts[at], f"later than the row before ({texts[at - 1]}); clocks put back need a zone"
            )
        )
    step = _usual(apart) if step is None else step
    uneven = np.abs(apart - step) > TOLERANCE
    if gaps == REFUSE and uneven.any():
        at = int(np.argmax(uneven)) + 1
        allowed = f"{step:g} s after the row before ({texts[at - 1]}), not {apart[at - 1]:g} s"
        raise ValueError(f"{table.wrong(at, name, texts[at], allowed)}; {fill}")
    if (seconds[-1] - seconds[0]) / step > max(MOST, 10 * len(seconds)):
        at = int(np.argmax(apart)) + 1
        raise ValueError(table.wrong(at, name, texts[at], f"nearer to the row before ({texts[at - 1]})"))
    times = seconds[0] + step * np.arange(math.floor((seconds[-1] - seconds[0]) / step + 1e-9) + 1)
    return Grid(step, times)


def _usual(apart: Floats) -> float:
    """The most frequent distance; of several, the first."""
    values, first, counts = np.unique(np.round(apart, 3), return_index=True, return_counts=True)
    return float(values[min(range(len(values)), key=lambda at: (-counts[at], first[at]))])


def filled(values: Floats, seconds: Floats, grid: Grid, gaps: str) -> Floats:
    """A column on the steps of a grid; missing values (nan) are filled like missing rows."""
    there = np.isfinite(values)
    if not there.any():
        return np.full(len(grid.times), math.nan)
    if gaps == HOLD:
        last = np.searchsorted(seconds[there], grid.times + TOLERANCE, side="right") - 1
        held: Floats = values[there][np.maximum(last, 0)]
        return held
    return np.interp(grid.times, seconds[there], values[there])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    """Digits that are a date of the last or of this century."""
    return text.isdigit() and len(text) in DIGITS and text[:2] in ("19", "20")


def _from_digits(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)


def _seconds(table: Table, name: str) -> Times:
    values = table.numbers(name, missing="every row has its time")
    largest = float(np.max(np.abs(values)))
    seconds = values / next((per for limit, per in EPOCH_UNITS if largest >= limit), 1.0)
    return Times(seconds, seconds if largest >= EPOCH else None)


def _stamp(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def rolled(values: Floats, clock: float, step: float) -> Floats:
    """A series of whole days that begins `clock` s after midnight, begun at midnight: its end comes first."""
    return np.roll(values, round(clock / step))


def whole_days(count: int, step: float) -> bool:
    """Whether `count` steps last whole days."""
    return abs(count * step % DAY) < TOLERANCE
