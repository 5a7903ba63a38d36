"""Wear: lives, modes, hazard, reseeding."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.line.wear import Wear
from tests.sim.line.lines import load


def lives(wear: Wear, count: int, speed: float = 1.0, cycle: float = 10.0) -> list[tuple[float, str]]:
    """(processing seconds, mode) of `count` lives run to failure."""
    ended: list[tuple[float, str]] = []
    while len(ended) < count:
        lasts, mode = wear.work(cycle, speed)
        if mode:
            assert lasts <= cycle
            ended.append((wear.worked, mode))
            wear.renew(perfect=True)
    return ended


def test_mean_life_is_as_stated_and_speed_shortens_it() -> None:
    for speed in (1.0, 1.3):
        wear = Wear(seed=1, name="a", life=2000.0, noise_cv=1.0, level_sd=0.1, speed_exponent=2.0)
        ended = [time for time, _ in lives(wear, 400, speed)]
        assert np.mean(ended) == pytest.approx(2000.0 / speed**2, rel=0.03)


def test_a_harder_material_wears_in_proportion_and_the_truth_says_so() -> None:
    soft, hard = (Wear(seed=1, name="a", life=2000.0, noise_cv=1.0, level_sd=0.1) for _ in range(2))
    hard.harden(1.5)
    ended = [[time for time, _ in lives(wear, 50, cycle=1.0)] for wear in (soft, hard)]
    assert np.mean(ended[1]) == pytest.approx(np.mean(ended[0]) / 1.5, rel=0.03)
    assert hard.law(10.0) == soft.law(10.0)
    plant = load("cells", material={"times": [0.0, 7200.0], "values": [1.0, 1.5]})
    rates = []
    for hours in (1, 3):
        plant.advance(hours * 3600.0)
        rates.append(plant.truth()["rate"]["saw_1"])
    assert rates[1] == pytest.approx(1.5 * rates[0])


def test_rate_differs_from_life_to_life_so_that_age_tells_little() -> None:
    wear = Wear(seed=1, name="a", life=2000.0, rate_cv=0.5, noise_cv=1.0, level_sd=0.1)
    ended = [time for time, _ in lives(wear, 600)]
    assert np.std(ended) / np.mean(ended) == pytest.approx(0.5, rel=0.2)


def test_shocks_are_exponential_and_compete_with_wear() -> None:
    wear = Wear(seed=1, name="a", life=math.inf, shock_life=500.0)
    ended = lives(wear, 1500)
    assert {mode for _, mode in ended} == {"shock"}
    assert np.mean([time for time, _ in ended]) == pytest.approx(500.0, rel=0.1)
    both = lives(Wear(seed=1, name="a", life=1000.0, shock_life=1000.0), 600)
    assert np.mean([mode == "shock" for _, mode in both]) == pytest.approx(1 - math.exp(-1), abs=0.08)


def test_the_hazard_accounts_for_the_failures() -> None:
    """Doob-Meyer: failures minus the integral of the hazard is a martingale."""
    wear = Wear(seed=1, name="a", life=2000.0, rate_cv=0.3, noise_cv=0.2, level_sd=0.15, shock_life=6000.0)
    failures, expected = 0, 0.0
    while failures < 1500:
        before, worked = wear.hazard(1.0), wear.worked
        _, mode = wear.work(5.0, 1.0)
        expected += 0.5 * (before + wear.hazard(1.0)) * (wear.worked - worked)
        if mode:
            failures += 1
            wear.renew(perfect=True)
    assert failures == pytest.approx(expected, abs=3.5 * math.sqrt(failures))


def test_imperfect_maintenance_leaves_a_part_of_the_wear() -> None:
    wear = Wear(seed=1, name="a", life=1000.0, imperfect=0.5)
    left = []
    for _ in range(300):
        wear.wear = 0.8
        wear.renew(perfect=False)
        left.append(wear.wear)
    assert min(left) >= 0.0
    assert max(left) <= 0.4
    assert np.mean(left) == pytest.approx(0.2, rel=0.1)
    wear.renew(perfect=True)
    assert wear.wear == 0.0


def test_a_life_has_its_own_luck() -> None:
    """The fifth life is the same whatever happened in the four before."""
    early, late = Wear(seed=1, name="a", life=1000.0, rate_cv=0.4), Wear(seed=1, name="a", life=1000.0, rate_cv=0.4)
    for n in range(4):
        for _ in range(7 * n):
            late.work(10.0, 1.1)
        early.renew(perfect=True)
        late.renew(perfect=True)
    assert (early.rate, early.level, early.shock_left) == (late.rate, late.level, late.shock_left)
    assert [early.work(10.0, 1.0) for _ in range(50)] == [late.work(10.0, 1.0) for _ in range(50)]
    assert early.wear == late.wear


def test_reseeding_draws_level_and_shock_again_given_survival() -> None:
    levels, shocks = [], []
    for seed in range(2, 1500):
        wear = Wear(seed=1, name="a", life=1000.0, level_sd=0.1, shock_life=300.0)
        wear.wear = 1.05
        wear.reseed(seed)
        levels.append(wear.level)
        shocks.append(wear.shock_left)
    assert min(levels) > 1.05
    truncated = 1.0 + 0.1 * math.exp(-0.125) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(0.5 / math.sqrt(2)))
    assert np.mean(levels) == pytest.approx(truncated, rel=0.005)
    assert np.mean(shocks) == pytest.approx(300.0, rel=0.1)


def test_work_not_done_is_taken_back() -> None:
    wear, same = (Wear(seed=1, name="a", life=1000.0, shock_life=5000.0) for _ in range(2))
    wear.work(10.0, 1.0)
    same.work(10.0, 1.0)
    wear.take_back(0.25)
    assert wear.worked == 7.5
    assert wear.wear == pytest.approx(0.75 * same.wear)
    assert wear.shock_left == pytest.approx(same.shock_left + 2.5)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"life": 0.0}, "life = 0.0"),
        ({"level_sd": 0.9}, "level_sd = 0.9"),
        ({"imperfect": 2.0}, "imperfect = 2.0"),
        ({"noise_cv": -1.0}, "noise_cv = -1.0"),
        ({"shock_life": -1.0}, "shock_life = -1.0"),
    ],
)
def test_a_bad_number_is_named(changes: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=f"a.wear.{says}"):
        Wear(seed=1, name="a", **({"life": 1.0} | changes))
