"""Damage paths: what a life is worth, whatever is done with it."""

from __future__ import annotations

import numpy as np
import pytest

from sim.power.ageing import Ageing


def lives(count: int, **fields: float) -> np.ndarray:
    ageing = Ageing(seed=3, name="x", **fields)
    found = []
    for _ in range(count):
        found.append(ageing.left)
        ageing.renew()
    return np.array(found)


def test_without_scatter_every_life_is_the_same() -> None:
    assert lives(5, life=100.0, rate_cv=0.0, noise_cv=1e-4, level_sd=0.0) == pytest.approx(100.0, rel=1e-3)


def test_a_gamma_process_reaches_its_level_after_the_mean_life_and_spreads_as_told() -> None:
    """Renewal theory: damage of mean 1 and cv c per life crosses 1 after a mean of life (1 + c^2 / 2), about."""
    found = lives(1500, life=100.0, rate_cv=0.0, noise_cv=0.3, level_sd=0.0)
    assert found.mean() == pytest.approx(100.0 * (1 + 0.3**2 / 2), abs=3 * found.std() / 1500**0.5)
    assert found.std() / found.mean() == pytest.approx(0.3, abs=0.03)


def test_shocks_come_at_a_constant_rate() -> None:
    found = lives(2000, shock_life=50.0)
    assert found.mean() == pytest.approx(50.0, abs=3 * 50.0 / 2000**0.5)


def test_damage_grows_with_exposure_and_fails_at_its_level() -> None:
    ageing = Ageing(seed=5, name="x", life=100.0, rate_cv=0.5, noise_cv=0.3)
    end, seen = ageing.left, []
    for share in np.linspace(0, 1, 40):
        ageing.exposure = share * end
        seen.append(ageing.wear)
    assert np.all(np.diff(seen) >= 0)
    assert seen[-1] == pytest.approx(ageing.level)
    assert ageing.left == pytest.approx(0.0)


def test_acting_differently_does_not_change_the_luck_of_the_next_life() -> None:
    early, late = Ageing(seed=7, name="x", life=80.0), Ageing(seed=7, name="x", life=80.0)
    late.exposure = 60.0
    for ageing in (early, late):
        ageing.renew()
    assert (early.rate, early.level, early.left) == (late.rate, late.level, late.left)


def test_another_future_has_the_same_present() -> None:
    ageing, other = (Ageing(seed=7, name="x", life=80.0, shock_life=900.0) for _ in range(2))
    for one in (ageing, other):
        one.exposure = 0.6 * one.left
    before = other.wear
    other.reseed(8)
    assert other.wear == before
    assert other.left > 0
    assert other.left != ageing.left


@pytest.mark.parametrize(("field", "value"), [("life", 0.0), ("rate_cv", -1.0), ("level_sd", 0.9), ("shock", 1.0)])
def test_bad_fields_are_named(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=field):
        Ageing(seed=1, name="x", **{field: value})
