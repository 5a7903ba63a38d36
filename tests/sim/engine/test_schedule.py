"""Schedules: the next step is always ahead, whatever the rounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.schedule import make_changing, make_schedule


@given(st.integers(1, 40), st.integers(1, 9), st.sampled_from([0.1, 0.3, 1 / 3, 0.7, 2.0]), st.integers(0, 10**6))
def test_the_next_step_moves_the_clock(first: int, more: int, unit: float, start: int) -> None:
    """A wait that rounding swallows would be waited for for ever."""
    fields = {"times": [0.0, first * unit], "values": [1.0, 0.0], "repeat": (first + more) * unit}
    shifts, now = make_schedule("shifts", "technicians", "people", fields), start * unit
    for _ in range(50):
        wait = shifts.until_change(now)
        assert now + wait > now
        assert wait <= shifts.repeat
        now += wait


def test_a_schedule_without_repeat_ends() -> None:
    shifts = make_schedule("shifts", "technicians", "people", {"times": [0.0, 5.0], "values": [1.0, 0.0]})
    assert shifts.until_change(2.0) == 3.0
    assert shifts.until_change(5.0) == float("inf")


CHANGING = {
    "times": [0.0, 6.0],
    "values": [1.0, 2.0],
    "repeat": 24.0,
    "until": 60.0,
    "then": {"times": [0.0, 12.0], "values": [3.0, 4.0], "repeat": 24.0},
}


def test_a_schedule_may_be_another_from_some_time_on() -> None:
    tariff = make_changing("tariff", "price", "EUR/kWh", CHANGING)
    seen = [(0.0, tariff.at(0.0))]
    while seen[-1][0] < 100.0:
        now = seen[-1][0] + tariff.until_change(seen[-1][0])
        seen.append((now, tariff.at(now)))
    assert [(t, v) for t, v in seen if 40 < t < 100] == [(48, 1), (54, 2), (60, 4), (72, 3), (84, 4), (96, 3)]


@pytest.mark.parametrize("field", ["until", "then"])
def test_until_goes_with_then(field: str) -> None:
    with pytest.raises(ValueError, match="until"):
        make_changing("tariff", "price", "", {key: value for key, value in CHANGING.items() if key != field})
