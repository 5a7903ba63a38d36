"""Times as people and machines write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.replay.reading.tables import read, rows, told
from twin.lab.replay.numeric_table import DataError

HOURS = range(24)


def clock(hour: int) -> str:
    return f"{hour % 12 or 12}:00:00 {'AM' if hour < 12 else 'PM'}"


@pytest.mark.parametrize(
    ("stamps", "tick", "start"),
    [
        ([f"{1_600_000_000 + 300 * i}" for i in HOURS], 300, "2020-09-13 12:26:40 "),
        ([f"{1_600_000_000_000 + 300_000 * i}" for i in HOURS], 300, "2020-09-13 12:26:40 "),
        ([f"{1_600_000_000_000_000 + 300_000_000 * i}" for i in HOURS], 300, "2020-09-13 12:26:40 "),
        ([f"{1_600_000_000_000_000_000 + 300_000_000_000 * i}" for i in HOURS], 300, "2020-09-13 12:26:40 "),
        ([f"{1_600_000_000 + 0.25 * i}" for i in HOURS], 0.25, "2020-09-13 12:26:40 "),
        ([f"{45292 + i / 24:.5f}" for i in HOURS], 3600, "2024-01-01 00:00:00 "),
        ([f"{45292 + i / 96:.10f}".replace(".", ",") for i in HOURS], 900, "2024-01-01 00:00:00 "),
        ([f"20240131{i:02d}5900" for i in HOURS], 3600, "2024-01-31 00:59:00 "),
        ([f"20240131{i:02d}59" for i in HOURS], 3600, "2024-01-31 00:59:00 "),
        ([f"202401{i + 1:02d}" for i in HOURS], 86_400, "2024-01-01 00:00:00 "),
        ([f"20240131T{i:02d}0000Z" for i in HOURS], 3600, "2024-01-31 00:00:00 "),
        ([f"01-Jan-15 {i:02d}:00:00" for i in HOURS], 3600, "2015-01-01 00:00:00 "),
        ([f"{i + 1}. März 2015 06:00" for i in HOURS], 86_400, "2015-03-01 06:00:00 "),
        ([f"Dec {i + 1}, 2015 6:30 PM" for i in HOURS], 86_400, "2015-12-01 18:30:00 "),
        ([f"Thu Jan  1 {i:02d}:00:00 2015" for i in HOURS], 3600, "2015-01-01 00:00:00 "),
        ([f"10/Oct/2000:{i:02d}:55:36 -0700" for i in HOURS], 3600, "2000-10-10 07:55:36 "),
        ([f"2020-01-01 {i + 1:02d}:00" for i in HOURS], 3600, "2020-01-01 01:00:00 "),
        ([f"2020/1/1 {i}:05" for i in HOURS], 3600, "2020-01-01 00:05:00 "),
        ([f"2020-01-01T{i:02d}:00:00.250+02:00" for i in HOURS], 3600, "2019-12-31 22:00:00.25"),
        ([f"2020-01-01 {i:02d}:00:00,5" for i in HOURS], 3600, "2020-01-01 00:00:00.5"),
        ([f"8/18/2004 {clock(i)}" for i in HOURS], 3600, "2004-08-18 00:00:00 "),
        ([f"18.08.04 {i:02d}:00" for i in HOURS], 3600, "2004-08-18 00:00:00 "),
        (["2020-01-01", *(f"2020-01-01 {i:02d}:00" for i in range(1, 24)), "2020-01-02"], 3600, "2020-01-01 00:00:00 "),
    ],
)
def test_every_form_has_its_step_and_its_first_time(tmp_path: Path, stamps: list[str], tick: float, start: str) -> None:
    recording = read(tmp_path, rows("time;x", (f"{stamp};{i}" for i, stamp in enumerate(stamps))))
    assert recording.spec.tick == tick
    assert recording.ticks == len(stamps)
    assert recording.value.tolist() == list(range(len(stamps)))
    assert f"; {start}" in told(recording, "times")


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("Date;Time;x", (f"16/12/2006;{i:02d}:00:00;{i}" for i in HOURS)),
        ("Time;Date;x", (f"{i:02d}:00;2006-12-16;{i}" for i in HOURS)),
        ("Datum;Uhrzeit;x", (f"16.12.2006;{i:02d}:00;{i}" for i in HOURS)),
        ("Date;Hour;x", (f"12/16/2006;{i};{i}" for i in HOURS)),
        ("Date;Time;x", (f"2006-12-16 00:00:00;{clock(i)};{i}" for i in HOURS)),
        ("year;month;day;hour;x", (f"2006;12;16;{i};{i}" for i in HOURS)),
        ("Year;Month;Day;Hour;Minute;x", (f"2006;12;16;{i};0;{i}" for i in HOURS)),
    ],
)
def test_a_time_in_several_columns_is_put_together(tmp_path: Path, header: str, lines: list[str]) -> None:
    recording = read(tmp_path, rows(header, lines))
    assert [signal.name for signal in recording.spec.signals] == ["x"]
    assert (recording.spec.tick, recording.ticks) == (3600, 24)
    assert "2006-12-16 00:00:00 to 2006-12-16 23:00:00" in told(recording, "times")


def test_hour_24_is_the_end_of_the_day(tmp_path: Path) -> None:
    stamps = [f"01/{day:02d}/2024;{hour:02d}:00;{hour}" for day in (30, 31) for hour in range(1, 25)]
    recording = read(tmp_path, rows("OperDay;HourEnding;load", stamps))
    assert (recording.spec.tick, recording.ticks) == (3600, 48)
    assert "2024-01-30 01:00:00 to 2024-02-01 00:00:00" in told(recording, "times")


def test_columns_of_the_time_may_be_named(tmp_path: Path) -> None:
    text = rows("a,b,c", (f"2020-01-01,0{i}:30,{i}" for i in range(5)))
    recording = read(tmp_path, text, time=["a", "b"])
    assert (recording.spec.tick, [s.name for s in recording.spec.signals]) == (3600, ["c"])


@pytest.mark.parametrize(
    ("stamps", "order", "first"),
    [
        ([f"{1 + i // 24:02d}/02/2024 {i % 24:02d}:00" for i in range(72)], "day-first", "2024-02-01"),
        ([f"02/{1 + i // 24:02d}/2024 {i % 24:02d}:00" for i in range(72)], "month-first", "2024-02-01"),
        ([f"{1 + i // 24:02d}-02-24 {i % 24:02d}:00" for i in range(72)], "day-first", "2024-02-01"),
        ([f"03.{1 + i:02d}.2024" for i in range(12)], "day-first", "2024-01-03"),
        (["01/11/2018", "01/12/2018", "02/01/2018", "02/02/2018"], "month-first", "2018-01-11"),
        ([f"{d:02d}/02/2024" for d in range(1, 14)], "day-first", "2024-02-01"),
        (["03/04/2024 10:00", "03/04/2024 11:00"], "day-first or month-first", "2024-04-03"),
    ],
)
def test_the_order_of_day_and_month_is_found_from_all_rows(
    tmp_path: Path, stamps: list[str], order: str, first: str
) -> None:
    recording = read(tmp_path, rows("date,x", (f"{stamp},{i}" for i, stamp in enumerate(stamps))))
    assert recording.value.tolist() == list(range(len(stamps)))
    assert f"dates, {order}, no zone (table.zone=); {first}" in told(recording, "times")


def test_an_open_order_is_refused_and_settled_by_an_option_or_the_header(tmp_path: Path) -> None:
    stamps = [f"{day:02d}/02/2024,{day}" for day in range(1, 12)]
    with pytest.raises(
        DataError, match=r"row 2, column date: '01/02/2024' may be day-first or month-first.*format=day"
    ):
        read(tmp_path, rows("date,x", stamps))
    assert read(tmp_path, rows("date,x", stamps), format="day-first").spec.tick == 86_400
    assert read(tmp_path, rows("date,x", stamps), format="month-first").spec.tick == 31 * 86_400
    assert read(tmp_path, rows("date,x", stamps), format="%d/%m/%Y").spec.tick == 86_400
    assert read(tmp_path, rows("Date (DD/MM/YYYY),x", stamps)).spec.tick == 86_400


@pytest.mark.parametrize(
    ("stamps", "why"),
    [
        ([60_000 * i for i in range(20)], r"may be seconds \(60,000 s\) or ms \(60 s\): say table.format=s or"),
        ([30_000 + i for i in range(20)], r"may be seconds or serial days of a spreadsheet: say table.format=s"),
        ([10**9 + 10**7 * i for i in range(20)], r"read as epoch in s its steps are 116 days: say what the numbers"),
        (
            [*range(1_600_000_000, 1_600_000_600, 60), 1_600_000_600_000],
            r"row 12.*'1600000600000' is not a time like the",
        ),
        (["2020-01-01", "2020-01-02", "13/01/2020"], r"row 4, column t: '13/01/2020' is written in another way"),
        (["2020-01-01", "2020-01-02", "2020-01-32"], r"row 4, column t: '2020-01-32' is not a time"),
        (["2020-01-01 25:00", "2020-01-02", "2020-01-03"], r"row 2, column t: '2020-01-01 25:00' is not a time"),
        (["13/13/2020", "01/13/2020", "02/13/2020"], r"row 2, column t: '13/13/2020' is not a time \(month-first\)"),
    ],
)
def test_what_is_open_or_wrong_is_never_taken_silently(tmp_path: Path, stamps: list[object], why: str) -> None:
    with pytest.raises(DataError, match=why) as error:
        read(tmp_path, rows("t,x", (f"{stamp},{i}" for i, stamp in enumerate(stamps))))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("header", "format", "tick"), [("t", "ms", 60), ("t", "s", 60_000), ("Time (ms)", None, 60), ("t_min", None, 3.6e6)]
)
def test_numbers_have_the_unit_that_the_option_or_the_header_tells(
    tmp_path: Path, header: str, format: str | None, tick: float
) -> None:
    text = rows(f"{header},x", (f"{60_000 * i},{i}" for i in range(20)))
    assert read(tmp_path, text, format=format, time=header).spec.tick == tick


def test_clocks_without_a_date_go_on_after_midnight(tmp_path: Path) -> None:
    recording = read(tmp_path, rows("time,x", (f"{(22 + i) % 24:02d}:00:00,{i}" for i in range(6))))
    assert (recording.spec.tick, recording.ticks) == (3600, 6)
    assert recording.value.tolist() == list(range(6))


def test_without_a_column_of_times_a_tick_says_how_far_rows_are_apart(tmp_path: Path) -> None:
    text = rows("load,sun", (f"{i},{2 * i}" for i in range(5)))
    with pytest.raises(DataError, match=r"has no column of times.*table.tick="):
        read(tmp_path, text)
    recording = read(tmp_path, text, tick=3600)
    assert (recording.ticks, recording.time[:4].tolist()) == (5, [3600, 3600, 7200, 7200])
