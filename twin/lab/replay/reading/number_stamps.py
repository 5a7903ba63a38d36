"""Times that are plain numbers: epochs, serial days of spreadsheets, counts since a start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.words import plain, unit_in

Floats = NDArray[np.float64]
SCALES = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "excel": 86400.0}
UNITS = {
    **dict.fromkeys(("ns", "nanoseconds"), "ns"),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), "us"),
    **dict.fromkeys(("ms", "msec", "milliseconds", "millis"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
}
EPOCH = (4e8, 4.2e9)  # s: 1982 to 2103
SERIAL = (20_000, 80_000)  # days since 1899-12-30: 1954 to 2119
SERIAL_START = -25_569 * 86400.0  # s: 1899-12-30
NICE = np.array([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800, 3600])
NICE = np.r_[NICE, 3600.0 * np.array([2, 3, 4, 6, 8, 12, 24, 48, 168])]
LONG = 1000  # a plain number that goes up in longer steps may count milliseconds
LONGEST_STEP = 32 * 86400.0


@dataclass(frozen=True)
class NumberStamps:
    """seconds: [rows] since 1970 where `epoch` or `local` (as the wall's clock shows it), else since a start."""

    seconds: Floats
    form: str
    epoch: bool = False
    local: bool = False


def read_numbers(values: Floats, name: str, file: str, form: str | None, unit: str = "") -> NumberStamps:
    """Times from numbers. form: None finds it out; unit: of the column, where a row of units tells it.

    Raises DataError where the form is open, or where the one found has a step that it cannot have.
    """
    told = form or _by_header(name, unit)
    size = float(np.median(np.abs(values)))
    for scale, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)):
        if told in (None, scale) and EPOCH[0] * factor <= size < EPOCH[1] * factor:
            return _plausible(NumberStamps(values / factor, f"epoch in {scale}", epoch=True), name, file, form)
    if told == "excel" or (told is None and _serial(values, name, file)):
        return _plausible(
            NumberStamps(_serial_seconds(values), "serial days of a spreadsheet", local=True), name, file, form
        )
    if told is None and plain(name) not in ("cycle", "sample", "index"):
        _refuse_open(values, name, file)
    scale = told or "s"
    if scale not in SCALES:
        raise DataError(f"format = {form}: times of {file} are numbers: must be one of {', '.join(SCALES)}")
    return NumberStamps(values * SCALES[scale], f"numbers, in {scale}" + ("" if told else " (table.format=)"))


def _by_header(name: str, unit: str) -> str | None:
    """The scale that a header tells: `Time (ms)`, `t [min]`, `elapsed_seconds`, `time_ms`."""
    words = (unit, unit_in(name), plain(name).rpartition("_")[2], plain(name).rpartition("/")[2], plain(name))
    return next((UNITS[word.casefold()] for word in words if word.casefold() in UNITS), None)


def _step(values: Floats) -> float:
    """Median step that is not 0; NaN where there is none."""
    steps = np.abs(np.diff(values))
    return float(np.median(steps[steps > 0])) if (steps > 0).any() else float("nan")


def is_nice(step: float, within: float = 1e-6) -> bool:
    """Whether people choose this step, s: a second, five minutes, a quarter of an hour, a day."""
    return bool((np.abs(NICE - step) <= within * np.maximum(NICE, 1)).any())


def _serial(values: Floats, name: str, file: str) -> bool:
    """Whether the numbers are serial days. Raises DataError where they may as well be seconds."""
    if not (values.min() >= SERIAL[0] and values.max() < SERIAL[1]):
        return False
    step = _step(values)
    whole = bool((values == np.round(values)).all())
    if not whole and is_nice(step * 86400, within=0.02):
        return True
    if whole and (plain(name) in ("date", "datum", "fecha", "day", "data") or step >= LONG):
        return step < LONG
    raise DataError(
        f"{file}, column {name}: numbers from {values[0]:g} in steps of {step:g} may be seconds or serial days of a "
        "spreadsheet: say table.format=s or table.format=excel"
    )


def _serial_seconds(values: Floats) -> Floats:
    """Seconds since 1970, on whole seconds where the digits that were kept leave that open."""
    exact = values * 86400.0
    rounded = np.round(exact)
    grid = _step(exact)
    kept = max(len(repr(float(v)).partition(".")[2]) for v in values[:50])
    slack = max(86400 * 0.5 * 10.0**-kept, 1e-3)
    nice = NICE[np.argmin(np.abs(NICE - grid))]
    on_grid = np.round(exact / nice) * nice
    for candidate in (on_grid, rounded, np.round(exact, 3)):
        if np.abs(candidate - exact).max() <= slack:
            exact = candidate
            break
    return exact + SERIAL_START


def _refuse_open(values: Floats, name: str, file: str) -> None:
    """Raises DataError for steps that nobody chooses in seconds but many in milliseconds or smaller parts."""
    step = _step(values)
    for scale in ("ms", "us", "ns"):
        if step >= LONG and not is_nice(step) and is_nice(step * SCALES[scale]):
            raise DataError(
                f"{file}, column {name}: numbers in steps of {step:,g} may be seconds ({step:,g} s) or {scale} "
                f"({step * SCALES[scale]:g} s): say table.format=s or table.format={scale}"
            )


def _plausible(stamps: NumberStamps, name: str, file: str, form: str | None) -> NumberStamps:
    """Raises DataError for a step that such times do not have, unless the form was named."""
    step = _step(stamps.seconds)
    if form is None and step > LONGEST_STEP:
        raise DataError(
            f"{file}, column {name}: read as {stamps.form} its steps are {step / 86400:,.0f} days: say what the "
            f"numbers are with table.format= (one of {', '.join(SCALES)})"
        )
    return stamps
