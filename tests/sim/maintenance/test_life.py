"""The luck of one life: its laws, from the draws handed in."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.line.wear import Wear
from sim.maintenance.life import LOWEST_LEVEL, FailureShares, failure_level, life_rate, life_spread
from sim.power.ageing import Ageing
from sim.road.decay import Decay

NORMALS = np.random.default_rng(1).standard_normal(20_000)


@pytest.mark.parametrize("cv", [0.2, 0.5])
def test_rates_are_lognormal_around_one(cv: float) -> None:
    rates = np.array([life_rate(normal, cv) for normal in NORMALS])
    assert rates.mean() == pytest.approx(1.0, abs=4 * cv / math.sqrt(len(rates)))
    assert rates.std() == pytest.approx(cv, rel=0.05)
    assert np.corrcoef(np.log(rates), NORMALS)[0, 1] == pytest.approx(1.0)


def test_without_spread_every_life_is_the_mean_life() -> None:
    assert life_rate(-1.7, 0.0) == 1.0
    assert failure_level(2.3, 0.0) == 1.0


def test_levels_are_normal_around_one_and_cut_below() -> None:
    levels = np.array([failure_level(normal, 0.3) for normal in NORMALS])
    assert levels.mean() == pytest.approx(1.0, abs=0.01)
    assert levels.min() == LOWEST_LEVEL
    assert failure_level(1.0, 0.3) == 1.3


def test_modes_come_up_as_often_as_their_shares_say() -> None:
    shares = FailureShares("x.modes", {"a": 1.0, "b": 3.0, "never": 0.0})
    modes = [shares.mode(uniform) for uniform in (np.arange(1000) + 0.5) / 1000]
    assert shares.modes == ("a", "b", "never")
    assert modes.count("a") == 250
    assert modes.count("b") == 750


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: life_spread("x", -0.1, 0.1), "x.rate_cv = -0.1: must be a number >= 0"),
        (lambda: life_spread("x", 0.1, 0.6), "x.level_sd = 0.6: must be a number >= 0 and <= 0.5"),
        (lambda: FailureShares("x.modes", {"a": -1.0}), "x.modes.a = -1.0: must be a number >= 0"),
        (lambda: FailureShares("x.modes", {"a": 0.0}), "x.modes = {'a': 0.0}: must name a mode with a share > 0"),
    ],
)
def test_a_bad_value_is_refused_by_name(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("{", r"\{").replace(".", r"\.")):
        call()


def test_stations_machines_and_roads_draw_their_lives_alike() -> None:
    """The n-th life's rate and level are the same functions of draws of its own streams."""
    station = Wear(seed=3, name="x", life=100.0, rate_cv=0.3, level_sd=0.2)
    machine = Ageing(seed=3, name="x", life=100.0, rate_cv=0.3, level_sd=0.2)
    road = Decay(seed=3, name="x", life=100.0, modes={"a": 1.0}, rate_cv=0.3, level_sd=0.2)
    for number in range(3):
        assert station.rate == machine.rate == life_rate(station._normals.at(2 * number), 0.3)
        assert station.level == machine.level == failure_level(station._normals.at(2 * number + 1), 0.2)
        assert road.rate == life_rate(road._rates.at(number), 0.3)
        assert road.level == failure_level(road._levels.at(number), 0.2)
        station.renew(perfect=True)
        machine.renew()
        road.renew()
