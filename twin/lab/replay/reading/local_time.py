"""The clock on the wall of a zone as UTC: the hour that comes twice in autumn, the hour that is missing in spring."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.stamp_text import Ints

HOUR = 3_600 * 10**9
NIGHT = 4 * HOUR  # clocks are put back or forward before 4 in the morning
SUNDAY = 6
Mask = NDArray[np.bool_]
# What people write in headers, as a zone.
WORDS = {"utc": "UTC", "gmt": "UTC", "z": "UTC", "cet/cest": "Europe/Brussels", "eet/eest": "Europe/Helsinki"}
WORDS |= {"est/edt": "America/New_York", "cst/cdt": "America/Chicago", "mst/mdt": "America/Denver"}
WORDS |= {"pst/pdt": "America/Los_Angeles", "mez/mesz": "Europe/Berlin", "gmt/bst": "Europe/London"}


def known_zone(zone: str | None) -> str | None:
    """The zone, if there is one of that name. Raises DataError otherwise."""
    if zone is None:
        return None
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DataError(f"zone = {zone}: must be an IANA time zone, such as Europe/Berlin or UTC") from None
    return zone


@dataclass(frozen=True)
class ZonedRows:
    """time: [rows] ns of UTC. doubled: rows in hours that come twice. missing: rows in hours that do not exist."""

    time: Ints
    doubled: int
    missing: Mask


def to_utc(time: Ints, groups: Ints, zone: str) -> ZonedRows:
    """Times of a zone's clock as UTC. groups: [rows] which series a row is of; a series' rows are in order of time.

    Of the hour that comes twice, the rows up to the series' first step that does not go forward are summer time, the
    others winter time; where it comes once it is summer time.
    """
    index = pd.DatetimeIndex(time.view("M8[ns]"))
    summer = index.tz_localize(zone, ambiguous=np.ones(len(time), bool), nonexistent="NaT")
    winter = index.tz_localize(zone, ambiguous=np.zeros(len(time), bool), nonexistent="NaT")
    missing = np.asarray(summer.isna())
    first, second = (np.asarray(i.asi8, np.int64) for i in (summer, winter))
    twice = first != second
    late = twice & _after_step_back(time, twice, groups)
    return ZonedRows(np.where(late, second, first), int(twice.sum()), missing)


def _after_step_back(time: Ints, twice: Mask, groups: Ints) -> Mask:
    """[rows] whether, within its spell of rows in a doubled hour, a row follows a step that does not go forward."""
    order = np.argsort(groups, kind="stable")
    times, doubled, series = time[order], twice[order], groups[order]
    late = np.zeros(len(time), bool)
    starts = np.r_[True, (np.diff(series) != 0) | (doubled[1:] != doubled[:-1]) | (np.abs(np.diff(times)) > 24 * HOUR)]
    spell = np.cumsum(starts)
    back = np.r_[False, np.diff(times) <= 0] & ~starts
    count = np.cumsum(back)
    late[order] = doubled & (count > count[np.searchsorted(spell, spell)])
    return late


def doubled_hour(time: Ints, groups: Ints) -> NDArray[np.intp] | None:
    """The rows at which times without a zone repeat, if they all do so as when clocks are put back; else None.

    That is: before four on a Sunday of autumn (or of the southern one), at most an hour back.
    """
    order = np.argsort(groups, kind="stable")
    steps = np.diff(time[order])
    same = np.diff(groups[order]) == 0
    back = np.flatnonzero(same & (steps <= 0))
    stamps = pd.DataFrame({"time": time, "group": groups})
    again = np.flatnonzero(stamps.duplicated().to_numpy())
    if not len(back) or not len(again):
        return None
    when = pd.DatetimeIndex(time[again].view("M8[ns]"))
    at_night = (when.day_of_week == SUNDAY) & (time[again] % (24 * HOUR) < NIGHT) & when.month.isin([3, 4, 9, 10, 11])
    return again if bool(at_night.all()) and bool((steps[back] >= -HOUR).all()) else None


def missing_hours(time: Ints, tick: float) -> list[str]:
    """Nights of spring in which times without a zone leave out an hour, as when clocks are put forward."""
    stamps = np.unique(time)
    jump = np.flatnonzero(np.diff(stamps) == HOUR + round(tick * 1e9))
    when = pd.DatetimeIndex(stamps[jump].view("M8[ns]"))
    fit = (when.day_of_week == SUNDAY) & (stamps[jump] % (24 * HOUR) < NIGHT) & when.month.isin([3, 4, 9, 10, 11])
    return [str(stamp) for stamp in when[fit]]
