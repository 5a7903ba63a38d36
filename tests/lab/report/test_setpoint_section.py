"""Setpoints over time beside what is known ahead and the state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.lab.runs import make_run
from twin.lab.record.loading import Run, load
from twin.lab.report.setpoint_section import applied, section, steps_of

DAY = 86_400.0
TARIFF = {"name": "tariff", "unit": "EUR/kWh", "times": [0.0, 21600.0], "values": [0.1, 0.5], "repeat": DAY}


def run_of(tmp_path: Path, **facts: Any) -> Run:
    run = load(make_run(tmp_path / "run", ticks=432))
    run.run.update({"sim_s": 3 * DAY, "known_future": [TARIFF]} | facts)
    return run


def test_a_schedule_is_repeated_and_changes_on_its_day() -> None:
    edges, values = steps_of(TARIFF | {"until": 1.5 * DAY, "then": TARIFF | {"values": [0.2, 0.9]}}, 0.0, 3.0)
    assert values.tolist() == [0.1, 0.5, 0.1, 0.5, 0.9, 0.2, 0.9]
    assert edges.tolist() == pytest.approx([0.0, 0.25, 1.0, 1.25, 1.5, 2.0, 2.25, 3.0])
    once = {"times": [0.0, DAY], "values": [1.0, 2.0], "repeat": None}
    assert [part.tolist() for part in steps_of(once, 0.0, 2.0)] == [[0.0, 1.0, 2.0], [1.0, 2.0]]


def test_the_section_shows_tariff_setpoints_and_states_of_an_asset_of_choice(tmp_path: Path) -> None:
    told = "".join(section(run_of(tmp_path), {}))
    for said in ("tariff, EUR/kWh", "Setpoint lathe.speed", "States of lathe"):
        assert said in told
    assert "nan " not in told


def test_what_the_plant_applied_counts_before_what_was_decided(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    decided = applied(run, ["lathe.speed"])
    assert len(decided)
    row = {
        "time": 5.0,
        "asset": "saw",
        "kind": "command_applied",
        "detail": "lathe.speed",
        "value": 0.8,
        "source": "plant",
    }
    run = Run(**{**run.__dict__, "events": pd.DataFrame([row | {"arrived": np.nan}])})
    assert applied(run, ["lathe.speed"]).to_numpy().tolist() == [[5.0, "lathe", "lathe.speed", 0.8]]


def test_without_setpoints_there_is_no_section_and_unmoved_ones_are_said_to_be(tmp_path: Path) -> None:
    assert list(section(run_of(tmp_path, actuators=[]), {})) == []
    still = [{"key": "saw.tilt", "kind": "setpoint", "low": 0, "high": 1}]
    assert "No setpoint was moved" in "".join(section(run_of(tmp_path / "b", actuators=still), {}))
