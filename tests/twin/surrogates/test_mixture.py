"""Experts are believed by what their forecasts were worth, and no sooner than that is known."""

from __future__ import annotations

import numpy as np
import pytest

from twin.lab.running.archive import decode, encode
from twin.surrogates.transformer.mixture import Mixture

LEVELS = np.array([-1.645, -0.674, 0.0, 0.674, 1.645])  # of a standard normal


def made(count: int, **options: float) -> Mixture:
    return Mixture(experts=count, horizons=(1, 3), targets=1, **options)  # type: ignore[arg-type]


def play(one: Mixture, shifts: list[float], ticks: int, start: int = 1, seed: int = 0) -> Mixture:
    """The truth is standard normal; each expert's quantiles are off by its shift."""
    random = np.random.default_rng(seed)
    truth = random.normal(0, 1, (start + ticks, 4, 1))
    quantiles = np.stack([np.broadcast_to(LEVELS + shift, (4, 2, 1, 5)) for shift in shifts]).astype(np.float32)
    for tick in range(start, start + ticks):
        one.learn_outcomes(tick, [(tick - ahead, i, truth[tick]) for i, ahead in enumerate((1, 3)) if tick > ahead])
        one.note(quantiles)
    return one


def test_the_last_is_believed_until_something_is_known() -> None:
    one = made(3)
    assert one.weights[..., -1].min() == 1.0
    play(one, [0.0, 5.0, 5.0], ticks=1)
    assert one.weights[..., -1].min() == 1.0


def test_what_teaches_nothing_is_forgotten_all_the_same() -> None:
    one = play(made(2), [0.0, 2.0], ticks=20)
    weights, held = one.weights, len(one._issued)
    truth = np.zeros((4, 1))
    for tick in range(21, 60):
        one.learn_outcomes(tick, [(tick - 1, 0, truth), (tick - 3, 1, truth)], learns=False)
        one.note(np.zeros((2, 4, 2, 1, 5), np.float32))
        assert len(one._issued) == held
    np.testing.assert_array_equal(one.weights, weights)


def test_the_best_is_found() -> None:
    one = play(made(3), [0.0, 2.0, 3.0], ticks=300)
    assert one.weights[..., 0].min() > 0.95
    np.testing.assert_allclose(one.weights.sum(-1), 1.0)


def test_errors_that_cancel_are_mixed() -> None:
    """Neither expert is right, their mean is."""
    one = play(made(2), [-1.0, 1.0], ticks=2000)
    np.testing.assert_allclose(one.weights, 0.5, atol=0.1)


def test_another_expert_takes_over_when_the_plant_changes() -> None:
    one = play(made(2, memory=0.99), [0.0, 2.0], ticks=200)
    before = one.weights[..., 0].min()
    play(one, [2.0, 0.0], ticks=300, start=201)
    assert before > 0.95
    assert one.weights[..., 1].min() > 0.95


def test_unknown_truths_teach_nothing() -> None:
    one = made(2)
    one.learn_outcomes(1, [])
    one.note(np.zeros((2, 4, 2, 1, 5), np.float32))
    one.learn_outcomes(2, [(1, 0, np.full((4, 1), np.nan))])
    assert not one.regret.any()


@pytest.mark.parametrize("ticks", [0, 1, 20])
def test_it_is_taken_up_where_it_was(ticks: int) -> None:
    one, other = play(made(2), [0.0, 1.0], ticks=ticks), made(2)
    other.load(decode(encode(one.state())))
    for mixture in (one, other):
        play(mixture, [1.0, 0.0], ticks=20, start=ticks + 1, seed=1)
    assert encode(one.state()) == encode(other.state())
