"""Dates as counts of nanoseconds, and the order of day, month and year where the numbers leave it open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.lab.replay.reading.stamp_text import NONE, Ints, StampParts

DAY = 86_400 * 10**9
# A wrong order turns the step over midnight into a month: so much longer than the longest true one.
FAR = 5.0
ORDERS = {"day-first": (2, 1, 0), "month-first": (2, 0, 1), "year-first": (0, 1, 2)}
BAD = np.iinfo(np.int64).min


@dataclass(frozen=True)
class DatedRows:
    """time: [rows] ns since 1970 as the clock on the wall shows it, BAD where it is no date. order: of the numbers,
    empty where they left nothing open. rivals: the orders that fit as well and give other times; twins: those
    that give the same times since the first row, so that nothing hangs on it.
    """

    time: Ints
    order: str = ""
    rivals: tuple[str, ...] = ()
    twins: tuple[str, ...] = ()


def dated(parts: StampParts, groups: Ints, order: str | None) -> DatedRows:
    """The times of all rows. groups: [rows] which series a row is of. order: None finds it out from all rows."""
    if not parts.open.any():
        return DatedRows(_time(parts, parts.year, parts.month, parts.day))
    names = [order] if order else ["day-first", *([] if parts.dots else ["month-first"]), "year-first"]
    times = {name: _ordered(parts, ORDERS[name]) for name in names}
    wrong = {name: int((time == BAD).sum()) for name, time in times.items()}
    fit = [name for name in names if wrong[name] == min(wrong.values())]
    back = {name: int((_steps(times[name], groups) < 0).sum()) for name in fit}
    fit = [name for name in fit if back[name] == min(back.values())]
    fit = _without_far_jumps({name: times[name] for name in fit}, groups)
    best = fit[0]
    rivals = tuple(name for name in fit[1:] if not _same(times[name], times[best]))
    return DatedRows(times[best], best, rivals, tuple(name for name in fit[1:] if name not in rivals))


def _ordered(parts: StampParts, places: tuple[int, int, int]) -> Ints:
    numbers = (parts.first, parts.second, parts.third)
    year, month, day = (numbers[place] for place in places)
    year = np.where(year < 69, year + 2000, np.where(year < 100, year + 1900, year))
    is_open = parts.open
    pick = [
        np.where(is_open, told, plain) for told, plain in ((year, parts.year), (month, parts.month), (day, parts.day))
    ]
    return _time(parts, *pick)


def _time(parts: StampParts, year: Ints, month: Ints, day: Ints) -> Ints:
    """Nanoseconds since 1970; BAD where there is no such day."""
    good = ~parts.bad & (year >= 1678) & (year <= 2261) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    days = months.astype("M8[D]") + np.where(good, day - 1, 0).astype("m8[D]")
    good &= days.astype("M8[M]") == months
    result: Ints = np.where(good, days.astype(np.int64) * DAY + np.maximum(parts.nanos, 0), BAD)
    return result


def _steps(time: Ints, groups: Ints) -> Ints:
    """Steps between one row and the next of the same series."""
    by_group = np.argsort(groups, kind="stable")
    time, groups = time[by_group], groups[by_group]
    good = time != BAD
    time, groups = time[good], groups[good]
    steps: Ints = np.diff(time)[np.diff(groups) == 0]
    return steps


def _without_far_jumps(times: dict[str, Ints], groups: Ints) -> list[str]:
    """The orders without steps far longer than another's; readings once a day or rarer leave it open."""
    if len(times) == 1:
        return list(times)
    steps = {name: np.abs(_steps(time, groups)) for name, time in times.items()}
    if any(len(s) == 0 or np.median(s[s > 0] if (s > 0).any() else s) >= DAY for s in steps.values()):
        return list(times)
    longest = {name: float(s.max()) for name, s in steps.items()}
    return [name for name in times if longest[name] <= FAR * min(longest.values())]


def _same(one: Ints, other: Ints) -> bool:
    """Whether two readings give the same time since the first row."""
    good = (one != BAD) & (other != BAD)
    return bool((np.diff(one[good]) == np.diff(other[good])).all())


def clock_only(parts: StampParts, groups: Ints) -> Ints:
    """Clocks without a date as time since the first midnight: a step back of half a day or more is midnight."""
    time = np.where(parts.bad, BAD, np.maximum(parts.nanos, NONE))
    for group in np.unique(groups):
        rows = np.flatnonzero((groups == group) & ~parts.bad)
        nights = np.cumsum(np.r_[0, np.diff(time[rows]) <= -DAY // 2])
        time[rows] += nights * DAY
    return time
