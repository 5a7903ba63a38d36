"""How setpoints speed up ageing: slopes are found again, and nothing is claimed where nothing was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.twin.toy import toy_spec
from twin.lab.bench.fidelity.accelerated_life import AcceleratedLife
from twin.sensing.cleaning import Cleaner
from twin.sensing.lives import Life
from twin.sensing.window import Window


def lived(slope: float, seed: int, lives: int = 60, moving: bool = True) -> tuple[AcceleratedLife, Window]:
    """Three assets, each wearing exp(slope u) as fast; lives Weibull of shape 3, a fifth of them maintained."""
    spec = toy_spec()
    random, window = np.random.default_rng(seed), Window(spec=spec, cleaner=Cleaner(spec=spec))
    ageing = AcceleratedLife(spec=spec)
    level, wear, start = 40 * random.weibull(3.0, 3), np.zeros(3), np.zeros(3)
    while len(window.lives.finished) < lives:
        window.close(window.now + spec.tick)
        window.final()
        if moving and random.random() < 0.1:
            window.setpoints[random.integers(3), 0] = random.uniform(0.5, 1.5)
        wear += np.exp(slope * (window.setpoints[:3, 0] - 1.0))
        for asset in np.flatnonzero(wear >= level):
            mode = -1 if random.random() < 0.2 else 0
            window.lives.finished.append(Life(int(asset), float(start[asset]), window.now, mode))
            start[asset], wear[asset], level[asset] = window.now, 0.0, 40 * random.weibull(3.0)
        ageing.observe(window)
    return ageing, window


@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.5])
def test_slopes_are_found_again(slope: float) -> None:
    found = [ageing.slopes(window)[0] for ageing, window in (lived(slope, seed, 300) for seed in range(4))]
    assert np.mean(found) == pytest.approx(slope, abs=0.35)


def test_setpoints_that_stand_tell_nothing() -> None:
    ageing, window = lived(1.5, 0, moving=False)
    assert ageing.slopes(window) == pytest.approx([0.0], abs=1e-9)


def test_nothing_is_known_before_a_life_has_ended() -> None:
    ageing, window = lived(1.5, 0, lives=0)
    assert ageing.slopes(window) == pytest.approx([0.0])


def test_it_goes_on_from_its_state() -> None:
    ageing, window = lived(1.0, 0)
    again = AcceleratedLife(spec=toy_spec())
    again.load(ageing.state())
    assert again._growth._ticks.tolist() == ageing._growth._ticks.tolist() != [-3, -3, -3]
    for one in (ageing, again):
        one.observe(window)
    assert again.slopes(window) == pytest.approx(ageing.slopes(window), abs=0)


def test_a_plant_without_orders_has_no_slopes() -> None:
    spec = toy_spec()
    bare = replace(spec, objective=replace(spec.objective, orders=()))
    ageing, window = AcceleratedLife(spec=bare), Window(spec=bare, cleaner=Cleaner(spec=bare))
    window.close(600.0)
    window.lives.finished.append(Life(0, 0.0, 600.0, 0))
    ageing.observe(window)
    assert ageing.slopes(window) == pytest.approx([0.0])
