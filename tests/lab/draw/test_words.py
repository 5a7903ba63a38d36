"""Numbers as tables write them: what differs looks different, and nothing looks like a number that is none."""

from __future__ import annotations

import math

import pytest

from twin.lab.draw.words import counted, number, percent, skill, ticks


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.99996, "0.99996"),  # not 1
        (-0.99996, "-0.99996"),
        (0.9996, "0.9996"),
        (1.0, "1"),
        (12.00003, "12.00"),  # no count
        (9999.7, "10,000"),  # not 1e+04
        (1742.4, "1,742"),
        (-0.0, "0"),
        (-6.378e-16, "0"),  # what rounding left of a sum
        (-math.inf, "-inf"),
    ],
)
def test_a_number_looks_like_no_other(value: float, shown: str) -> None:
    assert number(value) == shown


def test_two_figures_of_an_interval_are_told() -> None:
    assert [number(v, 0.3) for v in (1234.56, 1234.26, 1234.86)] == ["1,234.56", "1,234.26", "1,234.86"]
    assert number(134.7, 6.0) == "134.7"
    assert number(134.7, 0.0) == number(134.7, math.nan) == number(134.7, math.inf) == "134.7"
    assert number(math.nan, 0.1) == "-"
    assert number(3.0, 0.012) == "3.000"


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (1.0, "100.0 %"),
        (0.9998, "> 99.9 %"),
        (0.9, "90.0 %"),
        (0.0002, "< 0.1 %"),
        (0.0, "0.0 %"),
        (-0.0, "0.0 %"),
        (math.nan, "-"),
        (None, "-"),
        (math.inf, "-"),
    ],
)
def test_only_all_is_a_hundred_per_cent_and_only_none_is_nothing(share: float | None, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.27, "+27.0 %"),
        (-0.946, "-94.6 %"),
        (0.0, "0.0 %"),
        (-0.0001, "0.0 %"),
        (-1e9, "< -1000 %"),  # beside a reference with next to no error
        (math.nan, "-"),
        (-math.inf, "-"),
        (None, "-"),
    ],
)
def test_a_skill_has_its_sign(value: float | None, shown: str) -> None:
    assert skill(value) == shown


def test_counts_have_their_plural() -> None:
    assert (ticks(1), ticks(6), counted(1, "seed"), counted(1440, "label")) == (
        "1 tick",
        "6 ticks",
        "1 seed",
        "1,440 labels",
    )
