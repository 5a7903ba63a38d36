"""Schedules: the next step is always ahead, whatever the rounding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.engine.schedule import make_schedule, until_change


@given(st.integers(1, 40), st.integers(1, 9), st.sampled_from([0.1, 0.3, 1 / 3, 0.7, 2.0]), st.integers(0, 10**6))
def test_the_next_step_moves_the_clock(first: int, more: int, unit: float, start: int) -> None:
    """A wait that rounding swallows would be waited for for ever."""
    fields = {"times": [0.0, first * unit], "values": [1.0, 0.0], "repeat": (first + more) * unit}
    shifts, now = make_schedule("shifts", "technicians", "people", fields), start * unit
    for _ in range(50):
        wait = until_change(shifts, now)
        assert now + wait > now
        assert wait <= shifts.repeat
        now += wait


def test_a_schedule_without_repeat_ends() -> None:
    shifts = make_schedule("shifts", "technicians", "people", {"times": [0.0, 5.0], "values": [1.0, 0.0]})
    assert until_change(shifts, 2.0) == 3.0
    assert until_change(shifts, 5.0) == float("inf")
