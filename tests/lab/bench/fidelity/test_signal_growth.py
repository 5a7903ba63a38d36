"""Ageing from how signals grow: the slope is found again, and a signal that does not grow says nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from twin.lab.bench.fidelity.accelerated_life import SLOPES
from twin.lab.bench.fidelity.signal_growth import BLOCK, FEWEST, SignalGrowth, profile
from twin.sensing.lives import DOWN, UP

ASSETS, TARGETS = 3, 2
LAYOUT: Any = SimpleNamespace(targets=(0, 1), setpoints=("speed",))


def grown(
    slope: float,
    seed: int,
    *,
    ticks: int = 4000,
    jump: float = 0.0,
    growth: float = 0.004,
    moving: bool = True,
    gain: float = 1.0,
    echo: bool = False,
) -> SignalGrowth:
    """Lives of about 300 ticks whose first signal is exp(wear + jump u + noise), at a pace that differs between lives.

    The second signal is noise around 0. gain: of the first asset's first sensor, in the second half. echo: the second
    signal shows the first.
    """
    random = np.random.default_rng(seed)
    found = SignalGrowth(layout=LAYOUT, assets=range(ASSETS), slopes=SLOPES)
    age, wear, moved, renewed = np.zeros(ASSETS), np.zeros(ASSETS), np.zeros((ASSETS, 1)), np.zeros(ASSETS)
    pace, end = random.lognormal(0, 0.4, ASSETS), random.integers(200, 400, ASSETS)
    for tick in range(ticks):
        if moving and random.random() < 0.02:
            moved[random.integers(ASSETS), 0] = random.uniform(-0.5, 0.5)
        down = age >= end
        age, wear = (
            np.where(down, 0.0, age + 1),
            np.where(down, 0.0, wear + growth * pace * np.exp(slope * moved[:, 0])),
        )
        pace, end = (
            np.where(down, random.lognormal(0, 0.4, ASSETS), pace),
            np.where(down, random.integers(200, 400, ASSETS), end),
        )
        value = np.stack(
            [np.exp(wear + jump * moved[:, 0] + random.normal(0, 0.1, ASSETS)), random.normal(0, 1, ASSETS)], 1
        )
        value[0, 0] *= gain if tick > ticks // 2 else 1.0
        if echo:
            value[:, 1] = 2.0 * value[:, 0]
        renewed = np.where(down, tick + 1.0, renewed)
        frame = SimpleNamespace(value=value)
        lives = SimpleNamespace(state=np.where(down, DOWN, UP), renewed=renewed)
        found.observe(SimpleNamespace(frame=frame, lives=lives), moved)  # type: ignore[arg-type]
    return found


def mean(found: SignalGrowth) -> tuple[float, float]:
    """Posterior mean and deviation under a flat prior."""
    logs = found.likelihood()[0]
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    middle = float(weight @ SLOPES)
    return middle, float(np.sqrt(weight @ SLOPES**2 - middle**2))


@pytest.mark.parametrize("slope", [-1.0, 0.0, 1.5])
@pytest.mark.parametrize("jump", [0.0, 0.5])
def test_the_slope_is_found_again_whatever_the_setpoint_does_at_once(slope: float, jump: float) -> None:
    found = [mean(grown(slope, seed, jump=jump)) for seed in range(4)]
    assert np.mean([middle for middle, _ in found]) == pytest.approx(slope, abs=0.25)
    assert max(deviation for _, deviation in found) < 0.5


def test_a_signal_that_does_not_grow_says_nothing() -> None:
    logs = grown(1.0, 0, growth=0.0).likelihood()
    assert np.ptp(logs) < 5.0  # a few lives' chance; growth as above tells hundreds
    assert np.ptp(grown(1.0, 0).likelihood()) > 50.0


def test_setpoints_that_stand_and_too_few_steps_say_nothing() -> None:
    assert not grown(1.0, 0, moving=False).likelihood().any()
    assert not grown(1.0, 0, ticks=BLOCK * (FEWEST // ASSETS)).likelihood().any()


def test_a_wear_that_two_signals_show_is_told_once() -> None:
    once, twice = grown(1.0, 0).likelihood(), grown(1.0, 0, echo=True).likelihood()
    assert np.ptp(twice) == pytest.approx(np.ptp(once), rel=0.1)


def test_a_signal_that_only_follows_its_setpoint_says_nothing() -> None:
    random = np.random.default_rng(0)
    by = random.uniform(-0.5, 0.5, 200)
    pace = np.exp(SLOPES * np.cumsum(by)[:, None] / 10)
    assert not profile(3.0 * by, pace, by, np.repeat(np.arange(20.0), 10)).any()


def test_a_renewal_that_is_heard_of_late_ends_a_life_all_the_same() -> None:
    found = SignalGrowth(layout=LAYOUT, assets=range(ASSETS), slopes=SLOPES)
    for tick in range(20 * BLOCK):
        renewed = np.full(ASSETS, 0.0 if tick < 10 * BLOCK else 9.0 * BLOCK)  # it has been standing again for a block
        lives = SimpleNamespace(state=np.full(ASSETS, UP), renewed=renewed)
        frame = SimpleNamespace(value=np.full((ASSETS, TARGETS), 1.0 + (tick >= 10 * BLOCK)))
        found.observe(SimpleNamespace(frame=frame, lives=lives), np.zeros((ASSETS, 1)))  # type: ignore[arg-type]
    assert found._life.tolist() == [1] * ASSETS
    assert all(row[1] == row[1 + (len(row) - 1) // 2] for row in found._steps)


def test_no_step_spans_two_lives() -> None:
    found = grown(0.0, 0)
    lives = np.array([row[0] for row in found._steps])
    assert len(np.unique(lives)) > 20
    first = np.array([row[1] for row in found._steps])
    after = np.array([row[1 + (len(found._steps[0]) - 1) // 2] for row in found._steps])
    assert np.log(after / first).min() > -0.3  # a renewal would be a fall by about 1.2


def test_a_sensor_that_jumps_is_no_growth() -> None:
    found = [mean(grown(1.0, seed, gain=5.0))[0] for seed in range(4)]
    assert np.mean(found) == pytest.approx(1.0, abs=0.25)


def test_it_goes_on_from_its_state() -> None:
    one = grown(1.0, 0, ticks=1000)
    again = SignalGrowth(layout=LAYOUT, assets=range(ASSETS), slopes=SLOPES)
    again.load(one.state())
    frame = SimpleNamespace(value=np.ones((ASSETS, TARGETS)))
    lives = SimpleNamespace(state=np.full(ASSETS, UP), renewed=one._renewed.copy())
    window: Any = SimpleNamespace(frame=frame, lives=lives)
    for found in (one, again):
        for _ in range(3 * BLOCK):
            found.observe(window, np.full((ASSETS, 1), 0.2))
    assert np.array_equal(one.likelihood(), again.likelihood())
    assert one._steps == again._steps
