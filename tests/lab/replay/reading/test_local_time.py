"""Zones: the hour that comes twice, the hour that is missing, and rows with and without a zone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.lab.replay.reading.tables import read, rows, told, values
from twin.lab.replay.numeric_table import DataError

AUTUMN = [0, 1, 2, 2, *range(3, 24)]
SPRING = [0, 1, *range(3, 24)]


def day(date: str, hours: list[int], header: str = "time,x") -> str:
    return rows(header, (f"{date} {hour:02d}:00:00,{i}" for i, hour in enumerate(hours)))


def test_the_day_of_25_hours(tmp_path: Path) -> None:
    recording = read(tmp_path, day("2024-10-27", AUTUMN), zone="Europe/Berlin")
    assert (recording.spec.tick, recording.ticks) == (3600, 25)
    assert recording.time.tolist() == [3600 * (i + 1) for i in range(25)]
    assert recording.value.tolist() == list(range(25))
    assert "2 rows in the hour that comes twice" in told(recording, "times")


def test_quarters_of_the_doubled_hour(tmp_path: Path) -> None:
    stamps = [f"{h:02d}:{m:02d}" for h in (1, 2, 2, 3) for m in (0, 15, 30, 45)]
    text = rows("time,x", (f"2024-10-27 {stamp},{i}" for i, stamp in enumerate(stamps)))
    recording = read(tmp_path, text, zone="Europe/Berlin")
    assert np.diff(recording.time).tolist() == [900.0] * 15
    assert recording.value.tolist() == list(range(16))


def test_newest_rows_first(tmp_path: Path) -> None:
    text = rows("time,x", (f"2024-10-27 {h:02d}:00,{i}" for i, h in reversed(list(enumerate(AUTUMN)))))
    recording = read(tmp_path, text, zone="Europe/Berlin")
    assert (recording.ticks, recording.value.tolist()) == (25, list(range(25)))


def test_every_tag_and_asset_has_its_own_doubled_hour(tmp_path: Path) -> None:
    lines = [f"2024-10-27 {h:02d}:00,{tag},{i}" for tag in ("A", "B") for i, h in enumerate(AUTUMN)]
    text = rows("time,tag,value", lines)
    assert values(read(tmp_path, text, zone="Europe/Berlin")) == {"A": list(range(25)), "B": list(range(25))}
    recording = read(tmp_path, text, zone="Europe/Berlin", asset="tag", layout="wide")
    assert (recording.ticks, values(recording)["B.value"]) == (25, list(range(25)))


def test_without_a_zone_the_doubled_hour_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 5, column time: '2024-10-27 02:00:00' comes twice.*zone=Europe/Berlin"):
        read(tmp_path, day("2024-10-27", AUTUMN))
    recording = read(tmp_path, day("2024-10-27", AUTUMN), zone="UTC")
    assert recording.ticks == 24
    assert "1 rows repeat a time" in told(recording, "rows")


def test_the_missing_hour_is_closed_by_the_zone_and_told_without(tmp_path: Path) -> None:
    recording = read(tmp_path, day("2024-03-31", SPRING), zone="Europe/Berlin")
    assert (recording.ticks, np.diff(recording.time).tolist()) == (23, [3600.0] * 22)
    recording = read(tmp_path, day("2024-03-31", SPRING))
    assert recording.ticks == 24
    assert "2024-03-31 01:00:00: an hour is missing after it" in told(recording, "look at")
    assert "1 longer steps, the longest 7,200 s (2 h)" in told(recording, "ticks")


def test_a_time_that_a_zone_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 4, column time: '2024-03-31 02:00:00' does not exist in Europe/Berlin"):
        read(tmp_path, day("2024-03-31", list(range(24))), zone="Europe/Berlin")


def test_the_header_may_tell_the_zone(tmp_path: Path) -> None:
    assert read(tmp_path, day("2024-10-27", AUTUMN, "Time (CET/CEST),x")).ticks == 25
    assert "zone UTC" in told(read(tmp_path, day("2024-10-27", SPRING, "time_utc,x")), "times")


def test_offsets_and_names_of_zones_in_the_rows(tmp_path: Path) -> None:
    stamps = ["02:00:00+02:00", "02:00:00+01:00", "03:00 CET", "03:00Z", "05:00 (CET)", "00:00 EDT"]
    recording = read(tmp_path, rows("t,x", (f"2024-10-27 {stamp},{i}" for i, stamp in enumerate(stamps))))
    assert (np.diff(recording.time) / 3600).tolist() == [1, 1, 1, 1, 0]
    assert "with zones" in told(recording, "times")


def test_rows_with_and_without_a_zone_need_one_for_the_rest(tmp_path: Path) -> None:
    text = rows("t,x", ["2024-01-01T00:00:00Z,1", "2024-01-01 02:00:00,2", "2024-01-01T02:00:00Z,3"])
    with pytest.raises(DataError, match=r"row 3, column t: .*some times have a zone and some have none.*table.zone="):
        read(tmp_path, text)
    assert np.diff(read(tmp_path, text, zone="Europe/Berlin").time).tolist() == [3600, 3600]


def test_unknown_zones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"zone = Europe/Berln: must be an IANA time zone"):
        read(tmp_path, day("2024-10-27", AUTUMN), zone="Europe/Berln")
    with pytest.raises(DataError, match="'2024-01-01 00:00 XYZ' is not a time"):
        read(tmp_path, rows("t,x", (f"2024-01-01 0{i}:00 XYZ,{i}" for i in range(4))))
