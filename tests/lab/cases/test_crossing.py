"""Signalised crossings against Webster, SUMO's figures and M/D/1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twin.lab import crossing_reference as reference


def test_the_formula_gives_the_published_column() -> None:
    """Within what its inputs' rounding leaves: REFERENCES states C0 = 63.8 s and delays to a tenth."""
    column = {44: 26.2, 50: 22.5, 60: 20.8, 70: 21.2, 90: 23.4, 130: 29.3}
    for cycle, delay in column.items():
        assert reference.crossing_delay(480.0, 720.0, cycle) == pytest.approx(delay, rel=0.02)
    with pytest.raises(ValueError, match="degree of saturation"):
        reference.webster_delay(1000.0, 10.0, 60.0)


@pytest.mark.parametrize("cycle", [70.0, 130.0])
def test_a_fixed_plan_agrees_with_sumo_and_webster(cycle: float) -> None:
    found = float(np.mean([reference.fixed(seed, cycle=cycle) for seed in range(8)]))
    assert found == pytest.approx(reference.SUMO_DELAY[cycle], rel=0.06)
    assert found == pytest.approx(reference.crossing_delay(480.0, 720.0, cycle), rel=0.05)


def test_another_demand_agrees_with_the_formula() -> None:
    row = reference.webster_row(range(6), ns=300.0, ew=500.0, cycle=60.0)
    assert row.passed
    assert row.replications == 6
    assert row.low < row.mean < row.high


def test_rows_tell_whether_they_passed() -> None:
    row = reference.Row("case", 10.0, 10.4, 10.1, 10.7, 5, 0.05)
    assert row.passed
    assert row.difference == pytest.approx(0.04)
    assert not reference.Row("case", 10.0, 10.4, 10.1, 10.7, 5, math.nan).passed


@pytest.mark.slow
def test_every_cycle_and_every_plan_of_sumo() -> None:
    rows = [*reference.cycle_rows(range(20)), *reference.plan_rows(range(20)), reference.metering_row(range(20))]
    assert [row.case for row in rows if not row.passed] == []
    losses = [row.mean for row in rows if row.tolerance == 0.08]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ns", "ew", "cycle"), [(300, 500, 40), (600, 800, 90), (200, 900, 60), (700, 700, 100), (400, 400, 35), (500, 900, 120)]
)  # fmt: skip
def test_any_demand_agrees_with_the_formula(ns: float, ew: float, cycle: float) -> None:
    assert reference.webster_row(range(12), ns=ns, ew=ew, cycle=cycle).passed
