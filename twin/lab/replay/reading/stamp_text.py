"""One time as people and machines write it, taken apart by a regular expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Beginnings of the months' names in English, German, Dutch, French, Spanish, Italian and Portuguese.
MONTHS = (
    ("jan", "ene", "gen"),
    ("feb", "fév", "fev"),
    ("mar", "mär", "mrz", "mae", "maa", "mrt"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mag", "mei"),
    ("jun", "juin", "giu"),
    ("jul", "juil", "lug"),
    ("aug", "aoû", "aou", "ago"),
    ("sep", "set"),
    ("oct", "okt", "ott", "out"),
    ("nov",),
    ("dec", "dez", "déc", "dic"),
)
# Hours ahead of UTC.
ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "wet"), 0.0),
    **dict.fromkeys(("bst", "west", "cet", "mez"), 1.0),
    **dict.fromkeys(("cest", "mesz", "eet", "sast"), 2.0),
    **dict.fromkeys(("eest", "msk"), 3.0),
    **dict.fromkeys(("jst", "kst"), 9.0),
    "hkt": 8.0,
    "aest": 10.0,
    "aedt": 11.0,
    "edt": -4.0,
    **dict.fromkeys(("est", "cdt"), -5.0),
    **dict.fromkeys(("cst", "mdt"), -6.0),
    **dict.fromkeys(("mst", "pdt"), -7.0),
    **dict.fromkeys(("pst", "akdt"), -8.0),
    "akst": -9.0,
}
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*\.?,?\s+)?"
_DATE = r"""(?:
    (?P<Y1>\d{4})(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})
  | (?P<Y2>\d{4})(?P<m2>\d{2})(?P<d2>\d{2})
  | (?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{2})
  | (?P<d4>\d{1,2})(?:st|nd|rd|th|\.)?[-/\s]*(?P<n4>[^\W\d_]{3,10})\.?,?[-/\s]*(?P<y4>\d{4}|\d{2})
  | (?P<n5>[^\W\d_]{3,10})\.?\s+(?P<d5>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<y5>\d{4})(?!:))?
  | (?P<Y6>\d{4})[-/\s](?P<n6>[^\W\d_]{3,10})[-/\s](?P<d6>\d{1,2})
)"""
_CLOCK = r"""(?:
    (?P<H1>\d{1,3})[:.h](?P<M1>\d{2})(?:[:.](?P<S1>\d{2})(?:[.,:](?P<f1>\d+))?)?
  | (?P<H2>\d{2})(?P<M2>\d{2})(?:(?P<S2>\d{2})(?:[.,]?(?P<f2>\d+))?)?
  | (?P<H3>\d{1,2})(?=\s*[ap]\.?m)
)(?:\s*(?P<half>[ap])\.?m\.?(?![a-z]))?"""
_ZONE = r"""(?:\s*\(?(?P<word>[a-z]{1,5})?(?:(?P<sign>[-+−])(?P<zh>\d{1,2})(?::?(?P<zm>\d{2}))?)?\)?)"""
_END = r"(?:\s*(?:-|–|/|\bto\b|\bbis\b)\s*\d.*)?"  # of an interval, which is known by its beginning
STAMP = re.compile(
    rf"{_WEEKDAY}{_DATE}(?:(?:\s*[t,_;-]\s*|\s+|:|(?<=\d{{8}})){_CLOCK}{_ZONE})?(?:\s+(?P<last>\d{{4}}))?{_END}",
    re.VERBOSE | re.IGNORECASE,
)
CLOCK = re.compile(_CLOCK + _ZONE, re.VERBOSE | re.IGNORECASE)
NONE = -1


@dataclass
class StampParts:
    """Parts of [rows] times; NONE where there is none. `first`, `second`, `third`: of a date in numbers whose order is
    open. nanos: of the clock. hours: the clock's hours alone. ahead: of UTC, s, NaN where no zone is told. bad: [rows]
    no time at all.
    """

    year: Ints
    month: Ints
    day: Ints
    first: Ints
    second: Ints
    third: Ints
    dots: bool
    nanos: Ints
    ahead: Floats
    bad: NDArray[np.bool_]

    @property
    def open(self) -> NDArray[np.bool_]:
        """[rows] whether the order of day, month and year is open."""
        result: NDArray[np.bool_] = self.first != NONE
        return result


def take_apart(texts: Sequence[str], *, clock_only: bool = False) -> StampParts:
    """The parts of every text; see StampParts."""
    count, pattern = len(texts), CLOCK if clock_only else STAMP
    numbers = np.full((7, count), NONE, np.int64)
    ahead, bad, dots = np.full(count, np.nan), np.zeros(count, bool), True
    for row, text in enumerate(texts):
        found = pattern.fullmatch(text)
        told = None if found is None else _parts(found.groupdict(), clock_only)
        if told is None:
            bad[row] = True
            continue
        numbers[:, row], ahead[row] = told[0], told[1]
        dots &= told[2]
    year, month, day, first, second, third, nanos = numbers
    return StampParts(year, month, day, first, second, third, dots, nanos, ahead, bad)


def _parts(g: dict[str, str | None], clock_only: bool) -> tuple[tuple[int, ...], float, bool] | None:
    """(year, month, day, first, second, third, nanoseconds of the day), seconds ahead of UTC, dots between numbers."""
    nanos, ahead = _clock(g), _ahead(g)
    if nanos is None or ahead is None:
        return None
    if clock_only:
        return (NONE,) * 6 + (nanos,), ahead, False
    if g["a"] is not None:
        return (NONE, NONE, NONE, int(g["a"]), int(g["b"] or 0), int(g["c"] or 0), nanos), ahead, g["mark"] == "."
    date = _date(g)
    return None if date is None else ((*date, NONE, NONE, NONE, nanos), ahead, False)


def _date(g: dict[str, str | None]) -> tuple[int, int, int] | None:
    """Year, month and day of a date whose order is plain."""
    for kind in "12":
        if g[f"Y{kind}"] is not None:
            return int(g[f"Y{kind}"] or 0), int(g[f"m{kind}"] or 0), int(g[f"d{kind}"] or 0)
    kind = next(kind for kind in "456" if g[f"n{kind}"] is not None)
    month, year = month_number(g[f"n{kind}"] or ""), (g["Y6"] if kind == "6" else g[f"y{kind}"]) or g["last"]
    if month is None or year is None:
        return None
    return full_year(year), month, int(g[f"d{kind}"] or 0)


def month_number(name: str) -> int | None:
    """1 to 12 for the name of a month or its beginning."""
    small = name.casefold()
    return next((i for i, words in enumerate(MONTHS, 1) if small.startswith(words)), None)


def full_year(text: str) -> int:
    """A year of two digits is taken as POSIX does: 69 to 99 are of the last century."""
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= 69 else 2000)


def _clock(g: dict[str, str | None]) -> int | None:
    """Nanoseconds since midnight: 24:00 is the end of the day."""
    kind = next((kind for kind in "123" if g[f"H{kind}"] is not None), None)
    if kind is None:
        return 0
    hour, fraction = int(g[f"H{kind}"] or 0), (g.get(f"f{kind}") or "0").ljust(9, "0")[:9]
    minute, second = int(g.get(f"M{kind}") or 0), int(g.get(f"S{kind}") or 0)
    if g["half"] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if g["half"] in "pP" else 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return (hour * 3600 + minute * 60 + second) * 10**9 + int(fraction)


def _ahead(g: dict[str, str | None]) -> float | None:
    """Seconds ahead of UTC; NaN for no zone, None for one that is not known."""
    word, told = (g["word"] or "").casefold(), float("nan")
    if word:
        if word not in ZONES:
            return None
        told = 3600 * ZONES[word]
    if g["sign"] is None:
        return told
    offset = int(g["zh"] or 0) * 3600 + int(g["zm"] or 0) * 60
    return (0.0 if word == "" else told) + (offset if g["sign"] == "+" else -offset)
