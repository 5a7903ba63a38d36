"""What a user may say of a table; everything that is not said is found out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.calendar_time import ORDERS
from twin.lab.replay.reading.local_time import known_zone
from twin.lab.replay.reading.number_stamps import SCALES

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "blank": " ", "\\t": "\t"}
CHOICES = {
    "missing": ("refuse", "allow"),
    "layout": ("wide", "long"),
    "decimal": (".", ","),
    "header": (True, False),
}
LONGEST_TICK = 3650 * 86_400.0
COUNTS = ("skip", "units", "footer")
NAMES = ("asset", "tag", "value")
LISTS = ("time", "signals", "failure", "ignore", "absent")


@dataclass(frozen=True)
class ReadingOptions:
    """Keys of `table` in conf/dataset/csv.yaml, where each is described. Raises DataError for a value out of range."""

    time: Sequence[str] = ()
    signals: Sequence[str] = ()
    asset: str | None = None
    failure: Sequence[str] = ()
    tick: float | None = None
    missing: str = "refuse"
    absent: Sequence[str] = ()
    ignore: Sequence[str] = ()
    zone: str | None = None
    format: str | None = None
    layout: str | None = None
    tag: str | None = None
    value: str | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None
    header: bool | None = None
    skip: int | None = None
    units: int | None = None
    footer: int | None = None
    type: str = "asset"

    def __post_init__(self) -> None:
        for key, allowed in CHOICES.items():
            value = getattr(self, key)
            if value is not None and value not in allowed:
                raise DataError(f"{key} = {value!r}: must be one of {', '.join(str(a).lower() for a in allowed)}")
        for key in COUNTS:
            count = getattr(self, key)
            if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
                raise DataError(f"{key} = {count!r}: must be a whole number of lines >= 0")
        if self.tick is not None and (isinstance(self.tick, bool) or not 0 < self.tick <= LONGEST_TICK):
            raise DataError(f"tick = {self.tick}: must be > 0 s and at most ten years")
        if len(set(self.signals)) < len(self.signals):
            raise DataError(f"signals = {', '.join(self.signals)}: must name each column once")
        if self.separator is not None and len(self.separator) != 1:
            raise DataError(f"separator = {self.separator!r}: must be one character, or one of {', '.join(SEPARATORS)}")
        known_zone(self.zone)
        if self.format is not None and "%" not in self.format and self.format not in (*ORDERS, *SCALES):
            near = difflib.get_close_matches(self.format, (*ORDERS, *SCALES), 1)
            raise DataError(
                f"format = {self.format}: {f'did you mean {near[0]}? it ' if near else ''}must be one of "
                f"{', '.join((*ORDERS, *SCALES))}, or a pattern such as '%d.%m.%y %H:%M'"
            )


def reading_options(**said: Any) -> ReadingOptions:
    """Options as they are typed: a single name where a list may stand, names of separators. Raises DataError."""
    known = [field.name for field in fields(ReadingOptions)]
    for key in said:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            raise DataError(f"{key}: no such option of a table{f'; did you mean {near[0]}?' if near else ''}")
    given = {key: value for key, value in said.items() if value is not None}
    for key in LISTS:
        if key in given:
            given[key] = _texts(key, given[key])
    for key in (*NAMES, "missing", "zone", "format", "layout", "separator", "decimal", "thousands", "encoding", "type"):
        if key in given:
            given[key] = str(given[key])
    if isinstance(given.get("tick"), str):
        raise DataError(f"tick = {given['tick']!r}: must be > 0 s")
    if "separator" in given:
        given["separator"] = SEPARATORS.get(given["separator"], given["separator"])
    return ReadingOptions(**given)


def _texts(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        raise DataError(f"{key} = {value}: must be a name or a list of names")
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return tuple(str(item) for item in items)
