import numpy as np
import pytest

from twin.sensing.features import Inputs
from twin.sensing.tuned_ewma import LEVEL_SPANS
from twin.surrogates.base import Shape
from twin.surrogates.batch import Batch
from twin.surrogates.smoothing import EWMA, Persistence

SHAPE = Shape(
    assets=2,
    features=3,
    plan=5,
    orders=4,
    condition=(0,),
    targets=("x",),
    horizons=(1, 6),
    edges=(0.0, 1.0, 6.0),
    modes=2,
)


def batch(random: np.random.Generator, size: int = 200) -> Batch:
    """Truth = slow level + noise; the last reading carries noise of its own, a long mean does not."""
    level = random.normal(0, 5, size)
    noisy = level[:, None] + random.normal(0, 1, (size, len(LEVEL_SPANS))) / np.sqrt(np.asarray(LEVEL_SPANS))
    target = level[:, None, None] + random.normal(0, 0.5, (size, 2, 1))
    zeros = np.zeros((size, 2), dtype=np.float32)
    return Batch(zeros, zeros, noisy[:, None, :], zeros, target, zeros, zeros.astype(int), np.ones(size, np.float32))


def test_it_chooses_the_span_that_errs_least_and_its_quantiles_cover() -> None:
    random, surrogate = np.random.default_rng(0), EWMA(shape=SHAPE)
    for _ in range(300):
        surrogate.learn(batch(random))
    fresh = batch(random, 5000)
    levels = fresh.levels.astype(float)
    inputs = Inputs(np.zeros((5000, 3)), levels, np.zeros((5000, 1)), np.ones(5000), np.full(5000, 0.01))
    forecast = surrogate.forecast(inputs, np.zeros((1, 5000, 5), np.float32))
    truth, bands = fresh.target[..., 0], forecast.quantiles[0, :, :, 0]
    assert np.mean((truth >= bands[..., 0]) & (truth <= bands[..., -1])) == pytest.approx(0.9, abs=0.03)
    assert np.abs(truth - bands[..., 2]).mean() < 0.45 < np.abs(truth - levels[:, :, 0]).mean()


def test_persistence_is_the_last_level_and_plans_change_nothing() -> None:
    surrogate = Persistence(shape=SHAPE)
    levels = np.arange(2 * len(LEVEL_SPANS), dtype=float).reshape(2, 1, -1)
    inputs = Inputs(np.zeros((2, 3)), levels, np.zeros((2, 1)), np.ones(2), np.full(2, 0.01))
    forecast = surrogate.forecast(inputs, np.random.default_rng(0).random((4, 2, 5)).astype(np.float32))
    assert (forecast.median[..., 0] == levels[:, :, 0]).all()
    assert forecast.failure_within(6.0) == pytest.approx(1 - np.exp(-0.06), abs=1e-9)


def test_a_span_that_is_not_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="spans"):
        EWMA(shape=SHAPE, spans=(3,))
