"""Columns of failures in numbers, words and blanks."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import contract
from tests.lab.replay.reading.tables import read, rows, told

HEADER = "time,x,failure"


def events(cells: list[str], folder: Path) -> list[tuple[str, float, str]]:
    text = rows(HEADER, (f"{10 * i},{i},{cell}" for i, cell in enumerate(cells)))
    recording = read(folder, text, failure="failure")
    return [(event.kind, round(event.time, 1), event.detail) for event in recording.events]


@pytest.mark.parametrize(
    "cells", [["", "", "1", "1", "", ""], ["0", "0", "1", "1", "0", "0"], ["no", "No", "yes", "YES", "no", "n"],
              ["False", "False", "True", "True", "False", "False"],
              ["No Failure", "ok", "failed", "failure", "OK", "normal"],
              ["0.0", "0", "2", "1.0", "0", "NaN"]]
)  # fmt: skip
def test_one_failure_in_every_way_of_writing_it(tmp_path: Path, cells: list[str]) -> None:
    assert events(cells, tmp_path) == [(contract.FAILED, 30, "failure"), (contract.REPAIRED, 40, "")]


def test_words_are_modes(tmp_path: Path) -> None:
    found = events(["", "comp1", "comp1", "", "comp2", "comp1", ""], tmp_path)
    assert [kind for kind, _, _ in found] == [contract.FAILED, contract.REPAIRED] * 3
    assert [detail for kind, _, detail in found if kind == contract.FAILED] == ["comp1", "comp2", "comp1"]
    text = rows(HEADER, (f"{10 * i},{i},{cell}" for i, cell in enumerate(["", "comp1", "", "comp2"])))
    recording = read(tmp_path, text, failure="failure")
    assert recording.spec.modes == ("comp1", "comp2")
    assert told(recording, "failures") == "2 rows: comp1, comp2"


def test_a_column_without_failures_has_the_one_mode(tmp_path: Path) -> None:
    recording = read(tmp_path, rows(HEADER, ("0,1,", "1,2,", "2,3,")), failure="failure")
    assert (recording.spec.modes, list(recording.events)) == (("failure",), [])


def test_several_columns_are_modes_of_their_own(tmp_path: Path) -> None:
    text = rows("time,x,TWF,HDF", ["0,1,0,0", "1,1,1,0", "2,1,0,0", "3,1,0,1", "4,1,0,0"])
    recording = read(tmp_path, text, failure=["TWF", "HDF"])
    assert recording.spec.modes == ("HDF", "TWF")
    assert [e.detail for e in recording.events if e.kind == contract.FAILED] == ["TWF", "HDF"]


def test_failures_of_assets_whose_rows_are_out_of_order(tmp_path: Path) -> None:
    text = rows("time,m,x,failure", ["2,a,1,", "0,a,1,", "1,a,1,stuck", "0,b,1,", "1,b,1,", "2,b,1,worn"])
    recording = read(tmp_path, text, failure="failure", asset="m")
    assert [(e.asset, e.kind, e.detail) for e in recording.events if e.kind == contract.FAILED] == [
        ("a", contract.FAILED, "stuck"),
        ("b", contract.FAILED, "worn"),
    ]
