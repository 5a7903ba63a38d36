"""Decimal marks, thousands, words and qualities in cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab.replay.reading.tables import read, rows, told, values
from twin.lab.replay.numeric_table import DataError


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,25", "-3"], [1.5, 2.25, -3]),
        (["1.234,5", "2.345,5", "12,0"], [1234.5, 2345.5, 12]),
        (["1.234.567", "2,5", "3"], [1234567, 2.5, 3]),
        (["0,125", "1,250", "2,500"], [0.125, 1.25, 2.5]),
        (["1,234.5", "2,345.0", "12"], [1234.5, 2345, 12]),
        (["1,234,567", "2", "3.5"], [1234567, 2, 3.5]),
        (["1 234,5", "12 345,0", "3,5"], [1234.5, 12345, 3.5]),
        (["1\u202f234,5", "12\u00a0345,0", "3,5"], [1234.5, 12345, 3.5]),
        (["1'234.5", "2'345.0", "3.25"], [1234.5, 2345, 3.25]),
        (["1,5E+03", "2,5e-1", "−3,5"], [1500, 0.25, -3.5]),
        (["12.5 %", "13 %", "14.25 %"], [12.5, 13, 14.25]),
        (["1,5 kW", "2 kW", "3,5 kW"], [1.5, 2, 3.5]),
        (["TRUE", "FALSE", "TRUE"], [1, 0, 1]),
        (["+1", " 2 ", "3."], [1, 2, 3]),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, cells: list[str], numbers: list[float]) -> None:
    recording = read(tmp_path, rows("time;x", (f"{10 * i};{cell}" for i, cell in enumerate(cells))))
    assert values(recording) == {"x": numbers}


@pytest.mark.parametrize(
    ("cells", "options", "numbers"),
    [
        (["1,200", "1,250", "1,300"], {"decimal": ","}, [1.2, 1.25, 1.3]),
        (["1,200", "1,250", "1,300"], {"decimal": "."}, [1200, 1250, 1300]),
        (["1.200", "2,5", "3,5"], {"thousands": "."}, [1200, 2.5, 3.5]),
    ],
)
def test_open_marks_are_refused_and_settled_by_an_option(
    tmp_path: Path, cells: list[str], options: dict[str, Any], numbers: list[float]
) -> None:
    text = rows("time;x", (f"{10 * i};{cell}" for i, cell in enumerate(cells)))
    with pytest.raises(DataError, match=r"row 2: '1.200' .*may be .*thousands.*say table.(decimal|thousands)="):
        read(tmp_path, text)
    assert values(read(tmp_path, text, **options)) == {"x": numbers}


def test_a_cell_of_another_mark_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"row 4, column x: holds '12.5', which is not a number"):
        read(tmp_path, rows("time;x", ["0;1,5", "1;2,5", "2;12.5", "3;3,5"]))


@pytest.mark.parametrize(
    "word", ["Bad", "NO DATA", "#N/A", "I/O Timeout", "Shutdown", "Störung", "Comm Fail", "---", "NaN"]
)
def test_status_words_are_missing_values(tmp_path: Path, word: str) -> None:
    text = rows("time,x,y", ["0,1,1", f"1,{word},2", "2,3,3"])
    with pytest.raises(DataError, match=r"row 3, column x: .*table.missing=allow takes it as not measured"):
        read(tmp_path, text)
    assert values(read(tmp_path, text, missing="allow")) == {"x": [1, 3], "y": [1, 2, 3]}


def test_a_sensor_that_was_bad_most_of_the_time_stays_a_signal(tmp_path: Path) -> None:
    text = rows("time,x", (f"{i},{i if i < 2 else 'Bad'}" for i in range(20)))
    assert values(read(tmp_path, text, missing="allow")) == {"x": [0, 1]}


def test_numbers_that_stand_for_nothing_are_looked_at(tmp_path: Path) -> None:
    text = rows("time,x", (f"{i},{-9999 if i in (3, 4) else i}" for i in range(9)))
    recording = read(tmp_path, text)
    assert (
        told(recording, "look at")
        == "x: -9999 2 times, read as a number; table.absent=[-9999] takes it as not measured"
    )
    recording = read(tmp_path, text, absent=["-9999"])
    assert values(recording) == {"x": [0, 1, 2, 5, 6, 7, 8]}


def test_texts_that_are_said_to_be_no_reading(tmp_path: Path) -> None:
    text = rows("time,x", ["0,1", "1,ERR7", "2,3"])
    with pytest.raises(DataError, match=r"row 3, column x: holds 'ERR7'.*table.absent=\['ERR7'\]"):
        read(tmp_path, text, missing="allow")
    assert values(read(tmp_path, text, absent="ERR7")) == {"x": [1, 3]}


def test_qualities_of_columns_and_of_rows(tmp_path: Path) -> None:
    lines = [f"{i},{i},{'Bad' if i == 2 else 'Good'},{2 * i}" for i in range(6)]
    recording = read(tmp_path, rows("time,TI1,TI1 Quality,TI2", lines), missing="allow")
    assert values(recording) == {"TI1": [0, 1, 3, 4, 5], "TI2": [0, 2, 4, 6, 8, 10]}
    lines = [f"{i},{i},{28 if i == 2 else 192}" for i in range(6)]
    assert values(read(tmp_path, rows("time,x,Quality", lines), missing="allow")) == {"x": [0, 1, 3, 4, 5]}
    lines = [f"{i},{i},{i % 3}" for i in range(6)]
    assert values(read(tmp_path, rows("time,x,status", lines)))["status"] == [0, 1, 2, 0, 1, 2]


def test_names_are_text_and_units_keep_columns_apart(tmp_path: Path) -> None:
    header = 'time,Temp [C],Temp [K],"a,b",[red]x[/red],{y}'
    recording = read(tmp_path, rows(header, (f"{i},{i},{i + 273},3,4,5" for i in range(4))))
    assert [s.name for s in recording.spec.signals] == ["Temp [C]", "Temp [K]", "a,b", "[red]x[/red]", "{y}"]
    assert [s.unit for s in recording.spec.signals] == ["C", "K", "", "", ""]
    chosen = read(tmp_path, rows(header, (f"{i},{i},{i + 273},3,4,5" for i in range(4))), signals=["a,b", "Temp [K]"])
    assert [s.name for s in chosen.spec.signals] == ["a,b", "Temp [K]"]


def test_the_same_name_twice_is_told_apart(tmp_path: Path) -> None:
    recording = read(tmp_path, rows("time,T,T,p,p", ["s,degC,K,bar,bar", "0,1,2,3,4", "1,1,2,3,4"]))
    assert [s.name for s in recording.spec.signals] == ["T [degC]", "T [K]", "p [bar]", "p [bar] (2)"]
