"""Discharge, saturation flow, spill-back."""

from __future__ import annotations

import pytest

from sim.road.lanes import PATIENCE
from tests.sim.road.networks import QUIET, TrafficNetwork, road, signalled


def flow_at(green: float, cycle: float, cycles: int = 400) -> float:
    """Vehicles per cycle of an approach that never runs empty."""
    links = {name: {"length": 500.0, "flow": 1998.0, "demand": 3000.0} for name in ("a", "b")}
    stages = {"a": {"links": ["a"], "split": green}, "b": {"links": ["b"], "split": cycle - 10.0 - green}}
    plant = signalled(stages, links, cycle=cycle)
    plant.advance(20 * cycle)
    before = plant._roads.links["a"].passed
    plant.advance((20 + cycles) * cycle)
    return (plant._roads.links["a"].passed - before) / cycles


@pytest.mark.parametrize("green", [10.0, 13.7, 22.5, 31.1])
def test_a_saturated_green_serves_its_effective_length_times_the_saturation_flow(green: float) -> None:
    """The half-headway rule: on average g / h vehicles, not up to one more; g = green - 3.83 + 2 s."""
    expected = (green - 1.83) * 1998.0 / 3600.0
    assert flow_at(green, 60.0) == pytest.approx(expected, abs=0.08)


def test_nobody_passes_before_the_start_up_or_after_the_yellow() -> None:
    plant = signalled({"a": {"links": ["a"]}, "b": {"links": ["b"]}}, {n: {"demand": 900.0} for n in ("a", "b")})
    lanes, signal = plant._roads.lanes["a.all"], plant._roads.signals["J"]
    plant.advance(600.0)
    passed = lanes.passed
    for step in range(4000):
        plant.advance(600.0 + 0.25 * step)
        if lanes.passed > passed:
            passed = lanes.passed
            began = lanes.opens
            assert lanes.last >= began
            assert signal.current == 0
            assert signal.phase < 2
    assert passed > 100


def test_a_platoon_keeps_its_headway() -> None:
    plant = road(flow=1200.0, demand=1100.0, length=500.0)
    lanes, before = plant._roads.lanes["road.all"], 0.0
    for second in range(1, 4000):
        last = lanes.last
        plant.advance(float(second))
        if lanes.last > last > 0:
            assert lanes.last - last >= 3.0 - 1e-9
            before += 1
    assert before > 500


def chain(ways: dict[str, float], **end: float) -> TrafficNetwork:
    """`first` leads to `full`, which nobody may leave: the signal at its end stays with a stage of `other`."""
    links = {
        "first": {"length": 300.0, "demand": 900.0, "to": ways},
        "full": {"length": 75.0},
        "other": {"length": 75.0},
        "free": {"length": 75.0},
    }
    stages = {"cross": {"links": ["other"], **end}, "main": {"links": ["full"]}}
    plant = signalled(stages, links)
    plant._roads.signals["J"].freeze()
    return plant


def test_a_full_link_holds_up_the_one_before_it() -> None:
    plant = chain({"full": 1.0})
    plant.advance(1800.0)
    truth = plant.truth()
    assert truth["vehicles"]["full"] == truth["storage"]["full"] == 10
    assert truth["vehicles"]["first"] == truth["storage"]["first"] == 40
    assert plant.figures()["vehicles_outside"] > 300
    assert plant.figures()["trips"] == 0


def test_who_waits_too_long_for_room_goes_another_way() -> None:
    plant = chain({"full": 0.9, "free": 0.1})
    plant.advance(PATIENCE + 100.0)
    early = plant.figures()["trips"]
    plant.advance(3600.0)
    lanes = plant._roads.lanes["first.all"]
    assert plant.figures()["trips"] > early
    assert lanes.diverted > 20
    assert plant.truth()["vehicles"]["full"] == 10


def test_room_is_taken_at_once_when_it_appears() -> None:
    plant = chain({"full": 1.0})
    plant.advance(1800.0)
    passed = plant._roads.links["first"].passed
    plant._roads.signals["J"].recover()
    plant.advance(1800.0 + 600.0)
    assert plant._roads.links["first"].passed - passed > 60
    assert plant.figures()["trips"] > 60


def test_shares_of_the_ways_are_kept() -> None:
    plant = TrafficNetwork(
        seed=3,
        links={"in": {"demand": 1200.0, "to": {"left": 0.25, "right": 0.6, "out": 0.15}}, "left": {}, "right": {}},
        **QUIET,
    )
    plant.advance(36_000.0)
    links = plant._roads.links
    assert links["left"].entered / links["in"].passed == pytest.approx(0.25, abs=0.015)
    assert links["right"].entered / links["in"].passed == pytest.approx(0.6, abs=0.015)
