"""Arrivals follow their profile, recorded ones too."""

from __future__ import annotations

import numpy as np
import pytest

from sim.road.demand import DemandProfile, make_profile
from tests.sim.road.networks import QUIET, TrafficNetwork, road


def test_arrivals_are_poisson_around_the_profile() -> None:
    counts = np.zeros((30, 4))
    for seed in range(30):
        plant = TrafficNetwork(seed=seed, links={"road": {"demand": 600.0}}, profile=[0.5, 1.5, 0.0, 2.0], **QUIET)
        before = 0
        for hour in range(4):
            plant.advance(3600.0 * (hour + 1))
            born = plant._roads.demands[0].born
            counts[seed, hour], before = born - before, born
    assert counts.mean(0) == pytest.approx([300.0, 900.0, 0.0, 1200.0], rel=0.03, abs=0.1)
    dispersion = counts[:, [0, 1, 3]].var(0, ddof=1) / counts[:, [0, 1, 3]].mean(0)
    assert dispersion.mean() == pytest.approx(1.0, abs=0.4)


def test_more_demand_keeps_the_luck() -> None:
    """The same unit exponentials: the n-th vehicle of twice the rate comes in half the time."""
    one, two = road(demand=300.0), road(demand=600.0)
    one.advance(7200.0)
    two.advance(3600.0)
    assert one._roads.demands[0].born == two._roads.demands[0].born


def test_the_integral_and_its_inverse_agree() -> None:
    profile = DemandProfile([0.0, 2.0, 1.0], 100.0)
    times = profile.times(np.array([50.0, 250.0, 299.0, 650.0]))
    assert [profile.area(time) for time in times] == pytest.approx([50.0, 250.0, 299.0, 650.0])
    assert times[0] == pytest.approx(125.0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "at least one factor"),
        ([0.0], "at least one factor"),
        ([-1.0], "profile = -1.0"),
        (3, "must be a list"),
        ({"file": "nowhere.csv"}, "profile.file = nowhere.csv"),
        ({"factor": [1]}, "'factor' is unknown"),
        ({"factors": [1.0], "step": 0}, "profile.step = 0"),
    ],
)
def test_bad_profiles_are_told(given: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        make_profile(given)


def test_reseeding_changes_what_comes() -> None:
    plant = road(demand=800.0)
    plant.advance(1000.0)
    same, other = plant.fork(), plant.fork(reseed=5)
    for each in (plant, same, other):
        each.advance(5000.0)
    born = [each._roads.demands[0].born for each in (plant, same, other)]
    assert born[0] == born[1] != born[2]
