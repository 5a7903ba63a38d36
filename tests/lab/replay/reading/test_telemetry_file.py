"""Tables as people keep them, read as recordings."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import contract
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.telemetry_file import read_telemetry
from twin.lab.replay.telemetry import Telemetry

SHARED = Path(__file__).parents[5] / "shared" / "data"


def save(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding=encoding)
    return path


def total(recording: Telemetry) -> int:
    return sum(len(message.values) for messages in recording.play() for message in messages)


def test_time_signals_and_tick_are_found(tmp_path: Path) -> None:
    text = "value,timestamp,word\n1,2020-01-01 00:00:00,a\n2,2020-01-01 00:05:00,b\n3,2020-01-01 00:10:00,c\n"
    recording = read_telemetry(save(tmp_path, text))
    assert [s.key for s in recording.spec.signals] == ["asset.value"]
    assert recording.spec.tick == 300
    assert recording.ticks == 3
    assert recording.time.tolist() == [300, 600, 900]
    assert ("left out", "column word: not numeric") in recording.understood
    assert recording.spec.modes == ()


def test_day_first_dates_are_told_by_the_thirteenth(tmp_path: Path) -> None:
    days = [f"{day:02d}-{month:02d}-2018 00:15" for month in (1, 2) for day in range(1, 29)]
    text = "\ufeffdate,x\n" + "".join(f"{day},{i}\n" for i, day in enumerate(days))
    recording = read_telemetry(save(tmp_path, text))
    assert recording.spec.tick == 86_400
    assert recording.value.tolist() == list(range(56))


def test_ambiguous_days_follow_the_order_of_the_rows(tmp_path: Path) -> None:
    month_first = "date,x\n01/11/2018,1\n01/12/2018,2\n02/01/2018,3\n02/02/2018,4\n"
    day_first = "date,x\n11/01/2018,1\n12/01/2018,2\n01/02/2018,3\n02/02/2018,4\n"
    for text in (month_first, day_first):
        assert read_telemetry(save(tmp_path, text)).value.tolist() == [1, 2, 3, 4]


def test_rows_out_of_order_and_doubled_are_noted(tmp_path: Path) -> None:
    recording = read_telemetry(save(tmp_path, "t,x\n0,1\n20,3\n10,2\n20,5\n30,4\n"))
    assert recording.value.tolist() == [1, 2, 3, 5, 4]
    assert ("rows", "put in order of time") in recording.understood
    assert any("1 rows repeat a time" in how for _, how in recording.understood)
    assert total(recording) == 5


def test_semicolons_and_quotes(tmp_path: Path) -> None:
    recording = read_telemetry(save(tmp_path, 'time;"a b";c\n0;"1";2\n1;3;4\n'))
    assert [s.name for s in recording.spec.signals] == ["a b", "c"]
    assert recording.value.tolist() == [1, 2, 3, 4]


def test_assets_share_signals_and_keep_their_own_readings(tmp_path: Path) -> None:
    text = "t,machine,x\n0,b,1\n0,a,2\n1,a,3\n1,b,4\n2,b,5\n"
    recording = read_telemetry(save(tmp_path, text), asset="machine")
    assert [a.name for a in recording.spec.assets] == ["a", "b"]
    keys = [recording.spec.signals[i].key for i in recording.signal]
    assert list(zip(keys, recording.value.tolist(), strict=True)) == [
        ("b.x", 1),
        ("a.x", 2),
        ("a.x", 3),
        ("b.x", 4),
        ("b.x", 5),
    ]


def test_a_spell_of_failure_is_one_failure_and_one_repair(tmp_path: Path) -> None:
    text = "t,x,down\n" + "".join(f"{10 * i},{i},{int(i in (3, 4))}\n" for i in range(8))
    recording = read_telemetry(save(tmp_path, text), failure="down")
    assert recording.spec.modes == ("failure",)
    assert [s.name for s in recording.spec.signals] == ["x"]
    told = [(e.kind, e.time, m.arrived) for messages in recording.play() for m in messages for e in m.events]
    assert [kind for kind, _, _ in told] == [contract.FAILED, contract.REPAIRED]
    assert told[0][1] == 40
    assert 50 < told[1][1] < 60
    assert all(time <= arrived for _, time, arrived in told)


def test_gaps_have_no_message_and_nothing_is_lost(tmp_path: Path) -> None:
    recording = read_telemetry(save(tmp_path, "t,x\n0,1\n1,2\n2,3\n7,4\n8,5\n"))
    sizes = [sum(len(m.values) for m in messages) for messages in recording.play()]
    assert sizes == [1, 1, 1, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("t,x\n0,1\n1,\n2,3\n", {}, r"table.csv, row 3, column x: is empty \(table.missing=allow"),
        ("t,x\n0,1\n1,NaN\n2,3\n", {}, r"row 3, column x: is empty"),
        ("t,x,y\n0,1,1\n1,2,2\n2,oops,3\n", {}, r"row 4, column x: holds 'oops', which is not a number"),
        ("t,x\n0,1\n\n1,2\n2,inf\n", {}, r"row 5, column x: holds 'inf'"),
        ("t,x\n0,1\nlater,2\n2,3\n", {}, r"row 3, column t: 'later' is not a number of seconds"),
        ("date,x\n2020-01-01,1\n2020-01-02,2\n2020-13-45,3\n", {}, r"row 4, column date: '2020-13-45' is not a time"),
        ("t,x\n0,1\n", {"asset": "machine"}, r"has no column 'machine' \(table.asset=\); it has t, x"),
        ("t,x\n0,1\n1,2\n", {"signals": ["z"]}, r"has no column 'z'"),
        ("t,word\n0,a\n1,b\n", {}, r"has no numeric column beside t"),
        ("a,b\n0,1\n1,2\n", {}, r"has no column of times; name one with table.time="),
        ("t,x\n0,1\n0,2\n", {}, r"needs at least two different times"),
        ("t,x\n0,1\n1,2,3\n", {}, r"row 3: has more cells than the header \(a decimal comma"),
        ("t,x\n0,1,2\n1,2,3\n", {}, r"row 2: has more cells than the header"),
        ("t,x\n", {}, r"has no rows"),
        ("", {}, r"cannot be read as a table"),
        ("t,x\n0,1\n1,2\n", {"missing": "maybe"}, r"missing = 'maybe': must be one of refuse, allow"),
        ("t,x\n0,1\n1,2\n", {"tick": -1.0}, r"tick = -1.0: must be > 0 s"),
        ("t,x\n0,1\n1,2\n100000,3\n", {"tick": 1.0}, r"100,001 ticks of 1 s for 3 rows: give a longer tick"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path: Path, text: str, options: dict[str, object], why: str) -> None:
    with pytest.raises(DataError, match=why) as told:
        read_telemetry(save(tmp_path, text), **options)  # type: ignore[arg-type]  # wrong values on purpose
    assert "\n" not in str(told.value)


def test_a_missing_file_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_telemetry(tmp_path / "nothing.csv")
    path = tmp_path / "table.csv"
    path.write_bytes(b"t,x\n\xff\xfe\x00,1\n")
    with pytest.raises(DataError, match="cannot be read as a table"):
        read_telemetry(path)


def test_empty_cells_are_taken_when_allowed(tmp_path: Path) -> None:
    recording = read_telemetry(save(tmp_path, "t,x,y\n0,1,2\n1,,3\n2,4,n/a\n"), missing="allow")
    assert recording.value.tolist() == [1, 2, 3, 4]
    assert ("not measured", "2 empty cells") in recording.understood


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded data are not here")
@pytest.mark.parametrize(
    ("file", "tick", "signals", "note"),
    [
        ("nab/speed_7578.csv", 300, 1, None),
        ("steel_energy/Steel_industry_data.csv", 900, 7, "column Load_Type: not numeric"),
        ("metro_i94/Metro_Interstate_Traffic_Volume.csv", 3600, 5, "7629 rows repeat a time"),
    ],
)
def test_recorded_files(file: str, tick: float, signals: int, note: str | None) -> None:
    recording = read_telemetry(SHARED / file)
    assert recording.spec.tick == tick
    assert len(recording.spec.signals) == signals
    assert note is None or any(how.startswith(note) for _, how in recording.understood)
    assert total(recording) == len(recording.value)
