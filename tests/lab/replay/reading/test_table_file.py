"""Encodings, separators, headers, units, what stands above and below a table."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.lab.replay.reading.tables import read, rows, told, values
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.telemetry_file import read_telemetry

LINES = [f"{i};{i}" for i in range(5)]
TABLE = rows("time;Temp °C", LINES)


@pytest.mark.parametrize(
    ("raw", "options"),
    [
        (TABLE.encode(), {}),
        (TABLE.encode("utf-8-sig"), {}),
        (TABLE.encode("cp1252"), {}),
        (TABLE.encode("latin-1"), {}),
        (TABLE.encode("utf-16"), {}),
        (TABLE.encode("utf-16-le"), {}),
        (TABLE.encode("utf-16-be"), {}),
        (TABLE.encode("utf-32"), {}),
        (TABLE.replace("\n", "\r\n").encode(), {}),
        (TABLE.replace("\n", "\r").encode(), {}),
        (gzip.compress(TABLE.encode()), {}),
        (TABLE.encode("cp850"), {"encoding": "cp850"}),
    ],
)
def test_encodings(tmp_path: Path, raw: bytes, options: dict[str, Any]) -> None:
    assert values(read(tmp_path, raw, **options)) == {"Temp °C": list(range(5))}


def test_letters_of_other_scripts_need_their_encoding(tmp_path: Path) -> None:
    text = rows("時刻;温度", LINES)
    with pytest.raises(DataError, match=r"row 1: is not UTF-8; name its encoding: table.encoding=cp932 \(Japanese\)"):
        read(tmp_path, text.encode("cp932"))
    assert values(read(tmp_path, text.encode("cp932"), encoding="cp932", time="時刻")) == {"温度": list(range(5))}
    with pytest.raises(DataError, match=r"row 1: is not in utf-8; name its encoding"):
        read(tmp_path, TABLE.encode("cp1252"), encoding="utf-8")
    for wrong in ("klingon", "base64", "rot13"):
        with pytest.raises(DataError, match=f"encoding = {wrong}: must be a text encoding"):
            read(tmp_path, TABLE, encoding=wrong)


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"PK\x03\x04abc", "an Excel workbook or a zip archive; save it as csv"),
        (b"PAR1abc", "a Parquet file"),
        (b"t,x\n0,\x00\n", "it holds NUL characters"),
        (b"\n \n", "it is empty"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, raw: bytes, what: str) -> None:
    with pytest.raises(DataError, match=f"table.csv: cannot be read as a table: .*{what}"):
        read(tmp_path, raw)


@pytest.mark.parametrize(
    ("mark", "options"),
    [(",", {}), (";", {}), ("\t", {}), ("|", {}), ("  ", {}), (":", {"separator": ":"}), ("|", {"separator": "pipe"})],
)
def test_separators(tmp_path: Path, mark: str, options: dict[str, Any]) -> None:
    text = rows("time;x;y", (f"{i};{i / 2};{2 * i}" for i in range(9))).replace(";", mark)
    assert values(read(tmp_path, text, **options)) == {"x": [i / 2 for i in range(9)], "y": [2 * i for i in range(9)]}


def test_a_preamble_units_descriptions_and_a_footer_are_left_out_and_told(tmp_path: Path) -> None:
    head = "Logger 7\nStarted: 2021-04-14 10:00\n\nTime;P;T\ns;bar;degC\n;well a;well b\n"
    text = head + "0;1;2\n1;2;3\n\nTotal;3;5\nEnd of file\n"
    recording = read(tmp_path, text)
    assert values(recording) == {"P": [1, 2], "T": [2, 3]}
    assert [signal.unit for signal in recording.spec.signals] == ["bar", "degC"]
    assert "header in line 4, units in line 5, data from line 7 on" in told(recording, "file")
    out = told(recording, "left out")
    assert all(
        words in out for words in ("line 1: Logger 7", "line 6: ;well a;well b", "line 10: Total;3;5", "line 11: End")
    )


def test_what_is_found_out_can_be_said(tmp_path: Path) -> None:
    text = "1;2;3\n4;5;6\nTime;P;T\n7;8;9\n0;1;2\n1;2;3\n2;3;9\n"
    recording = read(tmp_path, text, skip=2, units=1, footer=1)
    assert values(recording) == {"P": [1, 2], "T": [2, 3]}
    assert [signal.unit for signal in recording.spec.signals] == ["8", "9"]


def test_no_header(tmp_path: Path) -> None:
    text = "".join(f"2024-01-01 00:{i:02d}:00,{i},{3 * i}\n" for i in range(9))
    recording = read(tmp_path, text)
    assert values(recording) == {"column 2": list(range(9)), "column 3": [3 * i for i in range(9)]}
    assert values(read(tmp_path, "7,8\n" + text, header=False, skip=1)) == values(recording)
    assert list(values(read(tmp_path, text, time="column 1", signals="column 3"))) == ["column 3"]


def test_names_in_two_rows_are_joined(tmp_path: Path) -> None:
    text = rows(",Pump 1,Pump 1,Pump 2", ["Time,Temp,Flow,Temp", *(f"2024-01-01 {h:02d}:00,{h},2,3" for h in range(5))])
    assert list(values(read(tmp_path, text))) == ["Pump 1 Temp", "Pump 1 Flow", "Pump 2 Temp"]


def test_names_of_years_are_a_header(tmp_path: Path) -> None:
    assert list(values(read(tmp_path, rows("time,2020,2021", (f"{i},{i},{i}" for i in range(5)))))) == ["2020", "2021"]


def test_counters_and_empty_columns_are_left_out_and_told(tmp_path: Path) -> None:
    recording = read(tmp_path, rows(",timestamp,No,x,", (f"{i},2020-02-01 00:{i:02d}:00,{i},7," for i in range(9))))
    assert list(values(recording)) == ["x"]
    out = told(recording, "left out")
    assert "column 1: counts the rows; column No: counts the rows" in out or "column No" in out
    assert read(tmp_path, rows("time,x,y", ["0,1,2", "1,2,3"]), ignore="y").spec.signals[0].name == "x"


def test_headers_and_comments_between_rows_are_left_out(tmp_path: Path) -> None:
    text = rows("time,x", ["0,1", "1,2", "time,x", "# restarted", "2,3", "", "3,4"])
    recording = read(tmp_path, text)
    assert recording.value.tolist() == [1, 2, 3, 4]
    assert "2 headers or comments between rows: 4, 5" in told(recording, "left out")


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("t,x\n0,1\n1,2\n2\n3,4\n", {}, "row 4, column x: is empty"),
        ("t,x\n0,1\n1,2\n2,3,4\n3,4\n", {}, "row 4: has .* cells than the header|row 4: has 3 cells, the header has 2"),
        ("t,x\n0,1\n1,2\n2020-01-0", {}, "row 4, column t: '2020-01-0' is not a number of seconds"),
        ("t,x\n0,1\n1,2\n", {"signals": ["X2"]}, r"has no column 'X2' \(table.signals=\)"),
        ("t,Temp in\n0,1\n1,2\n", {"signals": ["Temp_in"]}, "did you mean 'Temp in'"),
        ("t,x\n0,1\n1,2\n", {"layout": "tall"}, "layout = 'tall': must be one of wide, long"),
        ("t,x\n0,1\n1,2\n", {"layout": "long"}, "layout = long: which column holds the tags"),
        ("t,x\n0,1\n1,2\n", {"decimal": ";"}, "decimal = ';': must be one of"),
        ("t,x\n0,1\n1,2\n", {"skip": -1}, "skip = -1: must be a whole number of lines >= 0"),
        ("t,x\n0,1\n1,2\n", {"separator": "ab"}, "separator = 'ab': must be one character"),
        ("t,x\n0,1\n1,2\n", {"format": "dayfirst"}, "format = dayfirst: did you mean day-first"),
        ("t,x\n0,1\n1,2\n", {"format": "day-first"}, "format = day-first: column t holds numbers, such as 0"),
        ("t,x\n0,1\n1,2\n", {"encodin": "x"}, "encodin: no such option of a table; did you mean encoding"),
        ("t,x\n0,1\n1,2\n", {"tick": "soon"}, "tick = 'soon': must be > 0 s"),
        ("t,x\n0,1\n1,2\n", {"tick": float("nan")}, "tick = nan: must be > 0 s"),
        ("t,x\n0,1\n1,2\n", {"tick": 1e300}, "tick = 1e.300: must be > 0 s and at most ten years"),
        ("t,x\n0,1\n1,2\n", {"signals": ["x", "x"]}, "signals = x, x: must name each column once"),
        ("t,x\n2020-01-01,1\n2020-01-02,2\n", {"format": "ms"}, "format = ms: column t holds dates"),
        ('t,"x\ny"\n0,1\n1,2\n', {"signals": "z"}, "it has t, x y"),
        ("t,m,x\n0,a,1\n1,,2\n", {"asset": "m"}, "row 3, column m: is empty: every row needs the name of its asset"),
        ("t,x\n0,1\n1,2\n", {"skip": 9}, "has no rows|it is empty"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, options: dict[str, Any], why: str) -> None:
    with pytest.raises(DataError, match=why) as error:
        read(tmp_path, text, **options)
    assert "\n" not in str(error.value)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read as a table: Is a directory"):
        read_telemetry(tmp_path)
