"""Signalised crossings against Webster, SUMO's figures and M/D/1; the side-by-side with SUMO where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from twin.lab.validate.cases import CASES, crossing, sumo, sumo_program
from twin.lab.validate.theory.crossing import delay, green


def test_the_formula_gives_the_published_column() -> None:
    """Within what its inputs' rounding leaves: REFERENCES states delays to a tenth."""
    column = {44: 26.2, 50: 22.5, 60: 20.8, 70: 21.2, 90: 23.4, 130: 29.3}
    for cycle, published in column.items():
        assert crossing.formula(480.0, 720.0, cycle) == pytest.approx(published, rel=0.02)
    assert green(480.0, 1200.0, 60.0, 13.66) == pytest.approx(18.536)
    with pytest.raises(ValueError, match="degree of saturation"):
        delay(flow=1000.0, green=10.0, cycle=60.0, saturation=1998.0)


@pytest.mark.parametrize("cycle", [70.0, 130.0])
def test_a_fixed_plan_agrees_with_sumo_and_webster(cycle: float) -> None:
    found = float(np.mean([crossing.Fixed(cycle=cycle)(seed)["control delay"] for seed in range(8)]))
    (check,) = crossing.sumo_cycles({"cycle": cycle}, 0.01)
    for target in check.targets:
        assert found == pytest.approx(target.reference, rel=target.tolerance)


def test_numbers_that_do_not_go_together_are_told() -> None:
    with pytest.raises(ValueError, match=r"degree of saturation 1.0\d must be <= 0.9"):
        crossing.webster({"ns": 700.0, "ew": 900.0, "cycle": 60.0}, 0.01)
    with pytest.raises(ValueError, match="cycle = 61: was not measured"):
        crossing.sumo_cycles({"cycle": 61.0}, 0.01)


@pytest.mark.slow
def test_every_plan_of_sumo_in_its_order() -> None:
    runs = [crossing.Plans()(seed) for seed in range(20)]
    means = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
    assert list(means.values()) == sorted(means.values(), reverse=True)
    for name, measured in crossing.SUMO_LOSS.items():
        assert means[name] == pytest.approx(measured, rel=0.08)


@pytest.mark.slow
@pytest.mark.parametrize("cycle", list(crossing.SUMO_DELAY))
def test_every_cycle_of_sumo(cycle: float) -> None:
    found = float(np.mean([crossing.Fixed(cycle=cycle)(seed)["control delay"] for seed in range(60)]))
    (check,) = crossing.sumo_cycles({"cycle": cycle}, 0.01)
    for target in check.targets:
        assert found == pytest.approx(target.reference, rel=target.tolerance)


def test_sumo_is_given_the_very_vehicles_of_the_plant() -> None:
    plant = crossing.crossing(5, cycle=60.0)
    plant.advance(3000.0)
    coming = sumo_program.arrivals(5, {"n": 480.0, "s": 480.0, "e": 720.0, "w": 720.0}, 3000.0)
    assert plant.figures()["vehicles_arrived"] == len(coming)
    assert coming == sorted(coming)


def test_without_sumo_its_case_is_left_out_and_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sumo_program, "find_spec", lambda _: None)
    assert not CASES["sumo_crossing"].ready()
    with pytest.raises(ValueError, match="SUMO is not installed"):
        CASES["sumo_crossing"].checks({}, None)


@pytest.mark.slow
@pytest.mark.skipif(not sumo_program.available(), reason="the extra sumo is not installed")
def test_side_by_side_with_sumo() -> None:
    found = sumo.discharge()
    assert found.saturation == pytest.approx(1998.0, rel=0.02)
    assert found.lost == pytest.approx(6.83, abs=0.2)
    ratios = [sumo.SideBySide(480.0, 720.0, 90.0)(seed)["time loss, plant / SUMO"] for seed in range(4)]
    assert float(np.mean(ratios)) == pytest.approx(1.0, abs=0.08)
