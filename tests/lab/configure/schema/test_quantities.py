"""Numbers with units and ranges, switches, words: what is taken, and what a refusal says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from twin.lab.configure.schema.quantities import Number, Quantity, Switch, Text, Whole, Word


def refused(quantity: Quantity, value: Any) -> str:
    with pytest.raises(PydanticCustomError) as error:
        quantity.check(value)
    return str(error.value.message())


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [
        ("s", "4 h", 14400.0),
        ("s", "90min", 5400.0),
        ("s", "1.5 days", 129600.0),
        ("s", "250 ms", 0.25),
        ("s", "2 weeks", 1209600.0),
        ("d", "36 h", 1.5),
        ("h", "90 min", 1.5),
        ("W", "9.5 kW", 9500.0),
        ("kW", "500 W", 0.5),
        ("kWh", "1.2 MWh", 1200.0),
        ("s", "1e3 s", 1000.0),
    ],
)
def test_a_unit_may_follow_a_number(unit: str, text: str, value: float) -> None:
    assert Number(unit).check(text) == pytest.approx(value, rel=1e-12)


@given(st.floats(1e-3, 1e6), st.sampled_from(["s", "min", "h", "d"]))
def test_the_same_duration_in_any_unit(seconds: float, unit: str) -> None:
    scale = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}[unit]
    assert Number("s").check(f"{seconds / scale!r} {unit}") == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(
    ("quantity", "value", "message"),
    [
        (Number("s", above=0), "4 hr", "hr is no unit of it: did you mean h?"),
        (Number("s", above=0), "4 kW", "kW is no unit of it"),
        (Number("s", above=0), "600", "must be a number of s > 0, or with a unit: 90 min"),
        (Number("s", above=0), "-4 h", "must be a number of s > 0"),
        (Number(low=0, high=1), 1.5, "must be a number >= 0 and <= 1"),
        (Number(low=0, high=1), "4 h", "must be a number >= 0 and <= 1"),
        (Number(), True, "must be a number"),
        (Number(), math.nan, "must be a number"),
        (Number(), math.inf, "must be a number"),
        (Number(above=0, endless=True), -math.inf, "must be a number > 0 or .inf"),
        (Number(), None, "must be a number"),
        (Number(), [1], "must be a number"),
        (Number("d", above=0), "soon", "must be a number of d > 0, or with a unit: 36 h"),
        (Whole(1), 1.5, "must be a whole number >= 1"),
        (Whole(1), True, "must be a whole number >= 1"),
        (Whole(1, 9), 10, "must be a whole number >= 1 and <= 9"),
        (Switch(), "yes", "must be true or false"),
        (Switch(), 1, "must be true or false"),
        (Word("gamma", "uniform"), "gama", "did you mean gamma? must be one of gamma, uniform"),
        (Text("the name of a station"), "  ", "must be the name of a station"),
        (Text("the name of a station"), 3, "must be the name of a station"),
    ],
)
def test_what_does_not_fit_is_told_what_is_allowed(quantity: Quantity, value: Any, message: str) -> None:
    assert message in refused(quantity, value)


def test_what_fits_is_taken_as_it_is() -> None:
    assert Number(above=0, endless=True).check(math.inf) == math.inf
    assert repr(Number("s").check(600)) == "600"  # a whole number stays one, so that a run's record does not change
    assert Whole(0).check(0) == 0
    assert Switch().check(False) is False
    assert Word("a").check("a") == "a"
