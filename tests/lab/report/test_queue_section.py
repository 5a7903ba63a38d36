"""The queue diagram and the levels of service, from readings alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from twin.lab.report import queue_section as queues


def run_with(kind: str, values: np.ndarray[Any, Any]) -> Any:
    """Two signals of a kind: `values` on the first, a fifth of them on the second."""
    times = np.arange(1.0, len(values) + 1) * 10.0
    readings = pd.DataFrame(
        {
            "time": np.r_[times, times],
            "signal": ["a.x"] * len(values) + ["b.x"] * len(values),
            "value": np.r_[values, values / 5],
        }
    )
    signals = [{"key": "a.x", "kind": kind}, {"key": "b.x", "kind": kind}, {"key": "c.x", "kind": "other"}]
    return SimpleNamespace(run={"signals": signals}, readings=readings)


def test_parts_of_the_run_hold_means() -> None:
    table = queues.of_kind(run_with("queue", np.arange(100.0)), "queue", 10)
    assert table.shape == (2, 10)
    assert table.loc["a.x"].to_list() == pytest.approx([4.5 + 10 * part for part in range(10)])
    assert table.columns[-1] == pytest.approx(1000.0 / 86_400.0)


def test_grades_are_those_of_the_manual() -> None:
    delay = pd.DataFrame([[0.0, 10.0, 10.1, 20.1, 35.1, 55.1, 80.1, np.nan]])
    assert queues.grades(delay)[0].tolist() == [0, 0, 1, 2, 3, 4, 5, -1]


def test_delay_is_counted_from_the_best_travel_time() -> None:
    run = run_with("travel_time", np.r_[np.full(50, 30.0), np.full(50, 70.0)])
    delay = queues.control_delay(run, queues.of_kind(run, "travel_time", 2))
    assert delay.loc["a.x"].to_list() == pytest.approx([0.0, 40.0])


def test_the_section_draws_what_there_is() -> None:
    drawn = "".join(queues.section(run_with("queue", np.arange(100.0)), {}))
    assert drawn.count('class="row"') == 2
    assert '<b title="a">a</b>' in drawn
    assert "mean 49.5" in drawn
    assert list(queues.section(run_with("vibration", np.arange(100.0)), {})) == []
    assert "Level of service" in "".join(queues.section(run_with("travel_time", np.arange(100.0)), {}))
