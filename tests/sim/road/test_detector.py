"""What a detector says when it is good, worn, dead, stuck or chatters."""

from __future__ import annotations

import pytest

from sim.plants.traffic_network import TrafficNetwork
from tests.sim.road.networks import QUIET, pair


def busy(**changes: float) -> TrafficNetwork:
    return TrafficNetwork(
        seed=2, links={"road": {"demand": 900.0, "length": 2000.0}}, detectors=changes, **{**QUIET, "sample": 10.0}
    )


def test_a_good_one_counts_everybody_and_sees_who_waits() -> None:
    plant = pair(demand=700.0, sample=7.0)
    plant.advance(3605.0)
    plant._roads.signals["J"].freeze()
    plant.advance(4200.0)
    for name, detector in plant._roads.detectors.items():
        link = plant._roads.links[name]
        counted, _, queue = detector.sample()
        assert (counted, queue) == (link.entered, link.standing())


def test_occupancy_is_the_share_of_time_with_somebody_at_the_stop_line() -> None:
    plant = pair(demand=1700.0, cycle=60.0)
    plant.advance(3600.0)
    detector = plant._roads.detectors["a"]
    detector.sample()
    plant.advance(7100.0)
    assert detector.sample()[1] > 0.97  # oversaturated: there is always somebody


def test_a_worn_one_overlooks_a_share() -> None:
    plant = busy(miss=0.3)
    detector = plant._roads.detectors["road"]
    detector.wear_to(1.0)
    plant.advance(36_000.0)
    assert detector.counted / plant._roads.links["road"].entered == pytest.approx(0.7, abs=0.02)
    detector.renew()
    counted = detector.counted
    entered = plant._roads.links["road"].entered
    plant.advance(40_000.0)
    assert detector.counted - counted == pytest.approx(plant._roads.links["road"].entered - entered, abs=8)


def test_failures_lie_each_in_its_way() -> None:
    plant = busy()
    detector = plant._roads.detectors["road"]
    plant.advance(3600.0)
    counted = detector.counted
    detector.fail("dead")
    plant.advance(5400.0)
    assert detector.sample() == (counted, 0.0, 0.0)
    assert not detector.sees(5.0)
    detector.fail("stuck")
    plant.advance(7200.0)
    assert detector.sample()[:2] == (counted, 1.0)
    assert detector.sees(0.0)
    detector.fail("chatter")
    seen = detector.counted
    entered = plant._roads.links["road"].entered
    plant.advance(10_800.0)
    assert detector.counted - seen > plant._roads.links["road"].entered - entered + 300


def test_some_are_out_of_order_for_good_and_known_to_be() -> None:
    plant = TrafficNetwork(seed=5, grid={"rows": 1, "columns": 4}, detectors={"failed": 0.3, "life": 1e9})
    failed = [event.asset for event in plant.journal() if event.kind == "failed"]
    assert len(failed) == 5  # of 16
    plant.advance(3600.0)
    assert sorted(n for n, mode in plant.truth()["detector"].items() if mode == "dead") == sorted(failed)
    assert not any(order.asset in failed for order in plant.spec.objective.orders)
