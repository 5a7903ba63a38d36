"""Inputs on which the product once failed, with the right outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab.replay.reading.tables import values
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.telemetry_file import read_telemetry

REPORTS = Path(__file__).parents[5] / "shared" / "reports"
pytestmark = pytest.mark.skipif(not REPORTS.is_dir(), reason="the reported inputs are not here")


@pytest.mark.parametrize(
    ("file", "options", "tick", "ticks", "first"),
    [
        ("epoch-ms/log.csv", {}, 300, 60, {"x": [0, 1, 2]}),
        ("dst-local/log.csv", {"zone": "Europe/Berlin"}, 3600, 25, {"x": [0, 1, 2]}),
        ("month-name/log.csv", {}, 3600, 72, {"FIC101.PV": [0.5, 1.5, 2.5]}),
        ("h24/log.csv", {}, 3600, 72, {"x": [1, 2, 3]}),
        ("split-date-time/log.csv", {}, 900, 192, {"power": [0.25, 1.25, 2.25]}),
        ("decimal-comma/all.csv", {}, 86_400, 30, {"power": [1.5, 2.5, 3.5]}),
        ("decimal-comma/part.csv", {}, 1, 60, {"power": [0.5, 1.5, 2.5], "count": [0, 1, 2]}),
        ("units-rows/log.csv", {}, 86_400, 18, {"PRES": [113, 114, 115], "TEMP": [23, 24, 20]}),
        ("units-rows/preamble.csv", {}, 0.1, 30, {"Channel 1 (V)": [0, 1, 2]}),
        ("latin1/log.csv", {}, 1, 60, {"Temp °C": [0, 1, 2]}),
        ("bad-words/pi.csv", {"missing": "allow"}, 5, 60, {"pv": [0, 7.5, 15]}),
        ("bad-words/excel.csv", {"missing": "allow"}, 1800, 14, {"y": [9, 9, 10]}),
        ("index-column/log.csv", {}, 60, 120, {"pressure": [0.5, 1.5, 2.5]}),
        ("long-tags/log.csv", {}, 60, 120, {"PI102": [100, 101, 102], "TI101": [20, 21, 22]}),
        (
            "failure-label/log.csv",
            {"failure": "failure", "asset": "machine"},
            3600,
            72,
            {"volt": [170.2, 171.2, 172.2]},
        ),
        ("ai4i.csv", {"time": "UDI", "signals": ["Torque [Nm]"]}, 1, 200, {"Torque [Nm]": [40.1, 41.1, 42.1]}),
    ],
)
def test_the_right_value(
    file: str, options: dict[str, Any], tick: float, ticks: int, first: dict[str, list[float]]
) -> None:
    recording = read_telemetry(REPORTS / file, **options)
    assert (recording.spec.tick, recording.ticks) == (tick, ticks)
    assert {name: found[:3] for name, found in values(recording).items()} == first


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("dst-local/log.csv", r"row 5, column time: '2024-10-27 02:00:00' comes twice.*table.zone=Europe/Berlin"),
        ("bad-words/pi.csv", r"row 6, column pv: holds 'Bad'.*table.missing=allow"),
        ("bad-words/excel.csv", r"row 8, column y: holds '#N/A'.*table.missing=allow"),
        ("ai4i.csv", r"has no column of times; name one with table.time="),
    ],
)
def test_one_line_that_says_what_to_do(file: str, why: str) -> None:
    with pytest.raises(DataError, match=why):
        read_telemetry(REPORTS / file)


def test_words_of_a_failure_column_are_its_modes() -> None:
    recording = read_telemetry(REPORTS / "failure-label" / "log.csv", failure="failure")
    assert recording.spec.modes != ("failure",)
    assert len(recording.events) > 0
