"""Named streams and the laws drawn from them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.distribution import Distribution
from sim.engine.streams import BLOCK, Stream


def test_a_name_is_a_stream_of_its_own() -> None:
    first, same, other = Stream(1, "a"), Stream(1, "a"), Stream(1, "b")
    draws = [first.draw() for _ in range(10)]
    assert draws == [same.draw() for _ in range(10)]
    assert draws != [other.draw() for _ in range(10)]
    assert draws != [Stream(2, "a").draw() for _ in range(10)]


@given(st.integers(0, 3 * BLOCK))
def test_a_copy_draws_the_same_future(position: int) -> None:
    stream = Stream(1, "a", "exponential", (2.0,))
    for _ in range(position):
        stream.draw()
    copy = pickle.loads(pickle.dumps(stream))
    assert (
        [stream.draw() for _ in range(5)]
        == [copy.draw() for _ in range(5)]
        == [stream.at(position + i) for i in range(5)]
    )


def test_a_pickled_stream_is_small() -> None:
    stream = Stream(1, "press_2.repair")
    stream.draw()
    assert len(pickle.dumps(stream)) < 150


def test_reseeding_changes_what_is_yet_to_come() -> None:
    stream, other = Stream(1, "a"), Stream(1, "a")
    assert stream.draw() == other.draw()
    other.reseed(2)
    assert stream.draw() != other.draw()


def test_again_lasts_longer_than_it_has() -> None:
    stream = Stream(1, "a", "exponential", (10.0,))
    draws = [stream.again(str(i), 25.0) for i in range(400)]
    assert all(draw is not None and draw > 25.0 for draw in draws)
    assert 34.0 < float(np.mean([draw for draw in draws if draw is not None])) < 36.5  # memoryless: 25 + 10
    assert Stream(1, "a", "deterministic", (10.0,)).again("", 10.0) is None


@pytest.mark.parametrize(
    ("spec", "mean", "cv", "law"),
    [
        (5.0, 5.0, 0.0, None),
        ({"law": "uniform", "mean": 4.0, "cv": 0.3}, 4.0, 0.3, scipy.stats.uniform(4 - 1.2 * 3**0.5, 2.4 * 3**0.5)),
        ({"law": "exponential", "mean": 3.0}, 3.0, 1.0, scipy.stats.expon(scale=3)),
        ({"law": "gamma", "mean": 6.0, "cv": 0.5}, 6.0, 0.5, scipy.stats.gamma(4, scale=1.5)),
        ({"law": "lognormal", "mean": 6.0, "cv": 0.5}, 6.0, 0.5, None),
        ({"law": "weibull", "mean": 6.0, "cv": 0.5}, 6.0, 0.5, None),
        ({"law": "weibull", "mean": 6.0, "cv": 1.5}, 6.0, 1.5, None),
        ({"scipy": "triang", "c": 0.5, "loc": 2.0, "scale": 4.0}, 4.0, 6**-0.5 / 2, scipy.stats.triang(0.5, 2, 4)),
    ],
)
def test_a_distribution_has_its_mean_and_cv(spec: Any, mean: float, cv: float, law: Any) -> None:
    distribution = Distribution(spec, seed=1, field="x")
    draws = np.array([distribution.draw() for _ in range(40_000)])
    assert distribution.mean == pytest.approx(mean)
    assert draws.mean() == pytest.approx(mean, rel=4 * max(cv, 1e-9) / 200)
    assert draws.std() == pytest.approx(cv * mean, rel=0.05)
    if law is not None:
        assert scipy.stats.kstest(draws, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"law": "gama", "mean": 1.0}, "law = 'gama': must be one of deterministic"),
        ({"law": "gamma", "mean": -1.0, "cv": 0.1}, "mean = -1.0: must be a number > 0"),
        ({"law": "gamma", "mean": 1.0, "cv": -0.1}, "cv = -0.1"),
        ({"law": "uniform", "mean": 1.0, "cv": 0.9}, "at most 0.577"),
        ({"law": "gamma", "mean": 1.0, "sd": 0.1}, "'sd' is unknown"),
        ({"law": "gamma"}, "mean = None"),
        (-3.0, "mean = -3.0"),
        ("fast", "mean = 'fast'"),
        ({"scipy": "nosuch"}, "scipy = 'nosuch'"),
        ({"scipy": "norm"}, "must be positive"),
        ({"scipy": "gamma", "shape": 2}, "scipy = 'gamma'"),
    ],
)
def test_a_bad_distribution_is_named(spec: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        Distribution(spec, seed=1, field="saw.cycle")
    assert str(caught.value).startswith("saw.cycle")
    assert "\n" not in str(caught.value)
