"""Plans, actuation, requests, pedestrians, faults."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.contract import Action
from sim.plants.traffic_network import TrafficNetwork
from sim.road.signal import GREEN, TrafficSignal
from tests.sim.road.networks import pair


def signal_of(plant: TrafficNetwork) -> TrafficSignal:
    return plant._roads.signals["J"]


def onsets(plant: TrafficNetwork, until: float, stage: int = 0) -> list[float]:
    """When greens of a stage began, to a tenth of a second."""
    signal, seen, time = signal_of(plant), [], plant.now
    while time < until:
        time = round(time + 0.1, 1)
        count = signal.stages[stage].greens
        plant.advance(time)
        if signal.stages[stage].greens > count:
            seen.append(time)
    return seen


def test_a_plan_keeps_its_cycle_and_offset() -> None:
    plant = pair(cycle=70.0, offset=13.0)
    plant.advance(400.0)
    seen = onsets(plant, 1200.0)
    assert all(b - a == pytest.approx(70.0, abs=0.11) for a, b in pairwise(seen))
    assert seen[0] % 70.0 == pytest.approx(13.0, abs=0.11)


def test_a_new_offset_comes_in_without_a_long_wait() -> None:
    plant = pair(cycle=60.0)
    plant.advance(300.0)
    plant.apply(Action(300.0, "J.offset", 30.0))
    seen = onsets(plant, 1500.0)
    assert max(b - a for a, b in pairwise(seen)) < 60.0 * 1.25
    assert seen[-1] % 60.0 == pytest.approx(30.0, abs=0.11)


def test_splits_share_the_green() -> None:
    plant = pair(cycle=80.0)
    assert [stage.split for stage in signal_of(plant).stages] == [0.5, 0.5]
    plant.apply(Action(0.0, "J_a.split", 0.9))
    plant.apply(Action(0.0, "J_b.split", 0.3))
    assert signal_of(plant).greens() == pytest.approx([52.5, 17.5])
    plant.apply(Action(0.0, "J_b.min_green", 25.0))
    assert signal_of(plant).greens() == pytest.approx([52.5, 25.0])


def test_pedestrians_get_their_least_green() -> None:
    short = pair(demand=20.0, cycle=30.0)
    long = pair(demand=20.0, cycle=30.0, pedestrians=2000.0, walk=25.0)
    for plant in (short, long):
        plant.advance(3600.0)
    mean = [s.green_seconds / s.greens for p in (short, long) for s in signal_of(p).stages]
    assert mean[:2] == pytest.approx([10.0, 10.0], abs=0.2)
    assert mean[2:] == pytest.approx([25.0, 25.0], abs=0.8)


def test_actuated_greens_follow_demand_between_their_bounds() -> None:
    idle, busy = pair(demand=10.0, extension=3.0), pair(demand=1500.0, extension=3.0)
    for plant in (idle, busy):
        plant.advance(7200.0)
    calm = [s.green_seconds / s.greens for s in signal_of(idle).stages]
    full = [s.green_seconds / s.greens for s in signal_of(busy).stages]
    assert max(calm) < 6.5
    assert min(full) > 55.0
    assert max(full) <= 60.0 + 1e-6


def test_a_stage_that_is_asked_for_comes_after_the_minimum_and_stays() -> None:
    plant = pair(cycle=120.0)
    plant.advance(1.0)
    plant.apply(Action(1.0, "J_b.request", 1.0))
    plant.advance(9.9)
    assert signal_of(plant).current == 0
    plant.advance(10.1)  # 5 s of minimum green, 5 s between
    assert (signal_of(plant).current, signal_of(plant).phase) == (1, GREEN)
    plant.advance(59.0)
    assert signal_of(plant).current == 1
    plant.advance(130.0)  # nobody asked again within the hold: the plan goes on
    assert signal_of(plant).stages[0].greens > 1


def test_a_request_can_be_withdrawn() -> None:
    plant = pair(cycle=40.0)
    plant.apply(Action(0.0, "J_a.request", 1.0))
    plant.advance(30.0)
    assert signal_of(plant).current == 0
    plant.apply(Action(30.0, "J_a.request", 0.0))
    plant.advance(36.0)
    assert signal_of(plant).current == 1


def test_a_dark_signal_is_an_all_way_stop_and_recovers() -> None:
    plant = pair(demand=400.0)
    plant.advance(600.0)
    signal_of(plant).black_out()
    before = [link.passed for link in plant._roads.links.values()]
    plant.advance(600.0 + 1800.0)
    passed = [link.passed - b for link, b in zip(plant._roads.links.values(), before, strict=True)]
    assert passed == pytest.approx([200.0, 200.0], abs=45.0)  # both flow at once, each below 3600 / 7 per hour
    refused = plant.kpis()["commands_refused"]
    plant.apply(Action(plant.now, "J.cycle", 60.0))
    assert plant.kpis()["commands_refused"] == refused + 1
    signal_of(plant).recover()
    greens = signal_of(plant).stages[0].greens
    plant.advance(3600.0)
    assert signal_of(plant).stages[0].greens > greens + 5


def test_a_frozen_signal_stays_in_its_stage() -> None:
    plant = pair()
    plant.advance(100.0)
    signal_of(plant).freeze()
    stage = signal_of(plant).current
    plant.advance(2000.0)
    assert (signal_of(plant).current, signal_of(plant).phase) == (stage, GREEN)


def test_bounds_of_a_green_cannot_cross() -> None:
    plant = pair()
    plant.apply(Action(0.0, "J_a.min_green", 100.0))
    assert plant.kpis()["commands_refused"] == 1
    assert any("must be at most max_green = 60" in event.detail for event in plant.journal())
