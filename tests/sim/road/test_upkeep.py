"""Wear, failures, work orders and what they do to the road."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from sim.contract import Action
from sim.plants.traffic_network import TrafficNetwork
from sim.road.decay import Decay
from tests.sim.road.networks import QUIET


def fast(seed: int = 1, **changes: object) -> TrafficNetwork:
    """One crossing whose parts last an hour or so."""
    usual: dict[str, object] = {
        "grid": {"rows": 1, "columns": 1, "demand": 500.0},
        "detectors": {"life": 4000.0},
        "controllers": {"life": 5000.0},
        "pavement": {"life": 600.0},
        "tick": 60.0,
        "sample": 60.0,
    }
    return TrafficNetwork(seed=seed, **{**usual, **changes})  # type: ignore[arg-type]


def test_lives_follow_level_over_rate() -> None:
    decay = Decay(seed=1, name="x", life=100.0, modes={"a": 1.0, "b": 3.0}, rate_cv=0.3, level_sd=0.1)
    lives, modes = [], []
    decay.renew()
    for _ in range(2000):
        expected = 100.0 * decay.level / decay.rate
        modes.append(decay.mode)
        steps = 0
        while not decay.bear(expected / 50):
            steps += 1
        lives.append(decay.worked)
        assert expected * (1 - 1e-9) <= decay.worked <= expected * 1.05
        decay.renew()
    assert np.mean([mode == "b" for mode in modes]) == pytest.approx(0.75, abs=0.03)
    assert np.std(lives) / np.mean(lives) == pytest.approx(np.hypot(0.3, 0.1), abs=0.05)


def test_hazard_is_the_chance_of_failing_given_the_wear() -> None:
    """Kolmogorov-Smirnov: the integrated hazard at failure is a unit exponential (random time change)."""
    sums = []
    decay = Decay(seed=2, name="x", life=100.0, modes={"a": 1.0}, rate_cv=0.3, level_sd=0.12)
    for _ in range(300):
        decay.renew()
        total = 0.0
        while True:
            total += decay.hazard * 0.2
            if decay.bear(0.2):
                break
        sums.append(total)
    assert scipy.stats.kstest(sums, "expon").pvalue > 0.001


def test_events_of_a_life_come_in_order() -> None:
    plant = fast()
    plant.advance(40_000.0)
    events = plant.journal()
    kinds = dict.fromkeys(("failed", "repair_started", "repaired"), 0)
    for asset in {event.asset for event in events}:
        own = [e.kind for e in events if e.asset == asset and e.kind in kinds]
        assert own == [list(kinds)[i % 3] for i in range(len(own))]
        for kind in own:
            kinds[kind] += 1
    assert kinds["failed"] > 20
    assert plant.figures()["maintenance_corrective"] == kinds["failed"]


def test_an_order_renews_and_is_refused_twice() -> None:
    plant = fast(detectors={"life": 1e6}, controllers={"life": 1e6}, pavement={"life": 1e6})
    plant.advance(600.0)
    asset = "west1_A1"
    plant.apply(Action(600.0, f"{asset}.resurface"))
    plant.apply(Action(600.0, f"{asset}.resurface"))
    plant.advance(700.0)
    link = plant._roads.links[asset]
    assert link.works
    assert link.lanes[0].headway > 2 * 3600.0 / 1900.0  # the only lane is narrowed to two fifths
    plant.advance(3600.0)
    assert not link.works
    assert plant.truth()["wear"][asset] < 0.01
    assert [e.kind for e in plant.journal() if e.asset == asset] == [
        "command_applied",
        "maintenance_started",
        "command_refused",
        "maintained",
    ]
    assert plant.figures()["maintenance_cost"] == 60.0


def test_worn_pavement_lowers_the_saturation_flow() -> None:
    plant = TrafficNetwork(seed=1, grid={"rows": 1, "columns": 1}, pavement={"effect": 0.2}, **QUIET)
    plant._pavements["west1_A1"].wear_to(0.5)
    assert plant._roads.links["west1_A1"].lanes[0].headway == pytest.approx(3600.0 / 1900.0 / 0.9)


def test_maintenance_pays_for_itself_somewhere() -> None:
    """Signals that nobody mends are dearer than signals that somebody does."""
    sound = {"detectors": {"life": 1e9}, "pavement": {"life": 1e9}, "grid": {"rows": 1, "columns": 1, "demand": 650.0}}
    kept, left = (fast(seed=3, travel=travel, **sound) for travel in (None, 1e6))
    for plant in (kept, left):
        plant.advance(20_000.0)
    assert kept.figures()["delay_hours"] < 0.8 * left.figures()["delay_hours"]


def test_a_reseeded_fork_meets_other_failures() -> None:
    plant = fast(seed=4)
    plant.advance(1000.0)
    fork = plant.fork(reseed=7)
    now = plant.truth()
    assert fork.truth()["wear"] == now["wear"]
    assert fork.truth()["threshold"] != now["threshold"]
    assert all(level > fork.truth()["wear"][name] for name, level in fork.truth()["threshold"].items())
