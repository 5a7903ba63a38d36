"""The column or columns of times, as seconds since the first row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.calendar_time import BAD, ORDERS, clock_only, dated
from twin.lab.replay.reading.cell_table import CellTable
from twin.lab.replay.reading.local_time import WORDS, doubled_hour, to_utc
from twin.lab.replay.reading.number_stamps import EPOCH, Floats, read_numbers
from twin.lab.replay.reading.options import ReadingOptions
from twin.lab.replay.reading.stamp_columns import StampColumns
from twin.lab.replay.reading.stamp_text import Ints, StampParts, take_apart
from twin.lab.replay.reading.words import plain

ISO = r"[12]\d{3}-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
COMPACT = (8, 12, 14, 17)  # digits of YYYYMMDD, with HHMM, HHMMSS, milliseconds
SECOND = 10**9


@dataclass(frozen=True)
class Stamps:
    """elapsed: [rows] s since the earliest row. told: how they were read. dates: ns since 1970 where they are dates
    (of UTC where `zoned`, else of an unknown zone).
    """

    elapsed: Floats
    told: str
    dates: Ints | None = None
    zoned: bool = False


def read_stamps(table: CellTable, chosen: StampColumns, groups: Ints, options: ReadingOptions) -> Stamps:
    """The times of all rows. groups: [rows] which series a row is of. Raises DataError naming the first bad row."""
    text = chosen.text(table)
    numbers = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
    if chosen.joined or not numbers.notna().mean() > 0.5 or _compact(text, options.format):
        return _from_text(table, chosen, text, groups, options)
    _refuse(table, chosen, text, numbers.isna().to_numpy() | np.isinf(numbers.to_numpy(float)), "a number of seconds")
    form = options.format
    if form is not None and form not in ("s", "ms", "us", "ns", "min", "h", "d", "excel"):
        raise DataError(
            f"{table.file}: format = {form}: column {chosen.name(table)} holds numbers, such as {text.iloc[0]}"
        )
    found = read_numbers(numbers.to_numpy(float), chosen.name(table), table.file, form, chosen.unit(table))
    name = chosen.name(table)
    if not (found.epoch or found.local):
        return Stamps(found.seconds - found.seconds.min(), f"{name}: {found.form}")
    odd = (found.seconds < 0) | (found.seconds > 2 * EPOCH[1])
    _refuse(table, chosen, text, odd, f"a time like the others ({found.form})")
    dates: Ints = np.round(found.seconds * 1e6).astype(np.int64) * 1000
    if found.epoch:
        return _stamps(dates, f"{name}: {found.form}", True)
    return _zoned(table, chosen, dates, np.full(len(dates), np.nan), groups, options, found.form)


def _compact(text: pd.Series, form: str | None) -> bool:
    """Whether numbers are dates written without marks: 20240131235900."""
    if form is not None:
        return "%" in form
    sizes = text.str.len()
    if not (sizes.nunique() == 1 and int(sizes.iloc[0]) in COMPACT and text.str.isdigit().all()):
        return False
    parts = take_apart(text.tolist())
    return not parts.bad.any() and bool((dated(parts, np.zeros(len(text), np.int64), None).time != BAD).all())


def _from_text(
    table: CellTable, chosen: StampColumns, text: pd.Series, groups: Ints, options: ReadingOptions
) -> Stamps:
    if options.format is not None and "%" in options.format:
        return _by_pattern(table, chosen, text, groups, options)
    if bool(text.str.fullmatch(ISO).all()):
        parsed = pd.to_datetime(text, format="ISO8601", errors="coerce")
        if parsed.notna().all():
            naive = parsed.to_numpy("M8[ns]").astype(np.int64)
            return _zoned(table, chosen, naive, np.full(len(text), np.nan), groups, options, "dates")
    parts = take_apart(text.tolist(), clock_only=chosen.clock_only)
    if chosen.clock_only:
        _refuse(table, chosen, text, parts.bad, "a time of day")
        return _stamps(
            clock_only(parts, groups), f"{chosen.name(table)}: times of day without a date", False, dates=False
        )
    return _from_parts(table, chosen, text, parts, groups, options)


def _by_pattern(
    table: CellTable, chosen: StampColumns, text: pd.Series, groups: Ints, options: ReadingOptions
) -> Stamps:
    pattern = options.format or ""
    try:
        parsed = pd.to_datetime(text, format=pattern, errors="coerce", utc="%z" in pattern)
    except ValueError as error:
        raise DataError(f"format = {pattern}: is no pattern of times: {str(error).splitlines()[0]}") from None
    _refuse(table, chosen, text, parsed.isna().to_numpy(), f"a time of the form {pattern}")
    naive = parsed.dt.tz_localize(None).to_numpy("M8[ns]").astype(np.int64)
    ahead = np.full(len(text), 0.0 if "%z" in pattern else np.nan)
    return _zoned(table, chosen, naive, ahead, groups, options, f"dates of the form {pattern}")


def _from_parts(
    table: CellTable, chosen: StampColumns, text: pd.Series, parts: StampParts, groups: Ints, options: ReadingOptions
) -> Stamps:
    """Dates whose parts are known, in the order that fits all rows."""
    if options.format is not None and options.format not in ORDERS:
        raise DataError(
            f"{table.file}: format = {options.format}: column {chosen.name(table)} holds dates: {text.iloc[0]!r}"
        )
    rows = dated(parts, groups, options.format or chosen.order(table))
    wanted = f"a time ({rows.order})" if rows.order else "a time"
    _refuse(table, chosen, text, rows.time == BAD, wanted)
    mixed = parts.open.any() and not parts.open.all()
    if mixed:
        odd = parts.open if parts.open.mean() < 0.5 else ~parts.open
        row = int(np.flatnonzero(odd)[0])
        raise DataError(
            f"{_where(table, chosen, row)}: {text.iloc[row]!r} is written in another way than the other times"
        )
    if rows.rivals:
        ways = (rows.order, *rows.rivals)
        raise DataError(
            f"{_where(table, chosen, 0)}: {text.iloc[0]!r} may be {' or '.join(ways)}, and no row settles it: say "
            + " or ".join(f"table.format={way}" for way in ways)
        )
    form = f"dates, {' or '.join((rows.order, *rows.twins))}" if rows.order else "dates"
    return _zoned(table, chosen, rows.time, parts.ahead, groups, options, form)


def _zoned(
    table: CellTable,
    chosen: StampColumns,
    naive: Ints,
    ahead: Floats,
    groups: Ints,
    options: ReadingOptions,
    form: str,
) -> Stamps:
    """Times of the clock on the wall as UTC, where their zone is told by the rows, an option or the header."""
    name, bare = chosen.name(table), np.isnan(ahead)
    utc = naive - np.where(bare, 0, ahead).astype(np.int64) * SECOND
    if not bare.any():
        return _stamps(utc, f"{name}: {form}, with zones", True)
    zone = options.zone or _header_zone(name)
    if zone is None and not bare.all():
        row = int(np.flatnonzero(bare if bare.mean() < 0.5 else ~bare)[0])
        raise DataError(
            f"{_where(table, chosen, row)}: {chosen.text(table).iloc[row]!r}: some times have a zone and some have "
            "none: say the zone of those without, for example table.zone=Europe/Berlin"
        )
    if zone is None:
        _refuse_doubled(table, chosen, naive, groups)
        return _stamps(naive, f"{name}: {form}, no zone (table.zone=)", False)
    local = _in_order(naive, groups)
    found = to_utc(naive if local else naive[::-1], groups if local else groups[::-1], zone)
    time, missing = (found.time, found.missing) if local else (found.time[::-1], found.missing[::-1])
    if (missing & bare).any():
        row = int(np.flatnonzero(missing & bare)[0])
        raise DataError(
            f"{_where(table, chosen, row)}: {chosen.text(table).iloc[row]!r} does not exist in {zone}, where clocks "
            "are put forward then: the times are of another zone (of UTC: table.zone=UTC)"
        )
    doubled = f", {found.doubled} rows in the hour that comes twice" if found.doubled else ""
    return _stamps(np.where(bare, time, utc), f"{name}: {form}, zone {zone}{doubled}", True)


def _in_order(time: Ints, groups: Ints) -> bool:
    """Whether the rows go forward in time, rather than from the newest to the oldest."""
    steps = np.diff(time[np.argsort(groups, kind="stable")])
    return bool((steps > 0).sum() >= (steps < 0).sum())


def _header_zone(name: str) -> str | None:
    """The zone that a header names: `MTU (CET/CEST)`, `Time [UTC]`, `time_utc`."""
    inside = name[name.rfind("(") + 1 : name.rfind(")")] if "(" in name else name[name.rfind("[") + 1 :].strip("]")
    return WORDS.get(inside.strip().casefold()) or WORDS.get(plain(name).rpartition("_")[2])


def _refuse_doubled(table: CellTable, chosen: StampColumns, naive: Ints, groups: Ints) -> None:
    again = doubled_hour(naive, groups)
    if again is None:
        return
    row = int(again[0])
    raise DataError(
        f"{_where(table, chosen, row)}: {chosen.text(table).iloc[row]!r} comes twice, as when clocks are put back: "
        "say the zone, for example table.zone=Europe/Berlin, or table.zone=UTC if the rows truly repeat a time"
    )


def _stamps(time: Ints, told: str, zoned: bool, *, dates: bool = True) -> Stamps:
    elapsed: Floats = (time - time.min()) / SECOND
    if not dates:
        return Stamps(elapsed, told)
    first, last = (str(pd.Timestamp(int(t))) for t in (time.min(), time.max()))
    return Stamps(elapsed, f"{told}; {first} to {last}{' UTC' if zoned else ''}", time, zoned)


def _where(table: CellTable, chosen: StampColumns, row: int) -> str:
    return f"{table.file}, row {table.cells.index[row]}, column {chosen.name(table)}"


def _refuse(table: CellTable, chosen: StampColumns, text: pd.Series, bad: np.ndarray, wanted: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise DataError(f"{_where(table, chosen, row)}: {text.iloc[row]!r} is not {wanted}")
