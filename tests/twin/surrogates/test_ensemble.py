from functools import partial

import numpy as np
import pytest

from tests.twin.surrogates.test_gradient import SHAPE, batch, inputs
from twin.forecast import Forecast
from twin.lab.running.archive import decode, encode
from twin.surrogates.ensemble import Ensemble
from twin.surrogates.gradient.linear import Linear
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.gradient.optimizer import Optimizer

MEMBER = partial(Linear, optimizer=Optimizer(lr=2e-2))
PLAN = np.zeros((1, 2, 5), np.float32)
LOOK = inputs(np.array([[0.5, 0.2, 0.0], [-1.0, 0.0, 1.0]]))


def trained(size: int = 3) -> Ensemble:
    ensemble, random = Ensemble(shape=SHAPE, seed=1, member=MEMBER, size=size), np.random.default_rng(0)
    for _ in range(300):
        losses = ensemble.learn(batch(random))
    assert losses["train.signal"] > 0
    return ensemble


def test_members_differ_and_their_mean_is_the_forecast() -> None:
    ensemble = trained()
    members = [member.forecast(LOOK, PLAN) for member in ensemble.members]
    assert not np.array_equal(members[0].quantiles, members[1].quantiles)
    forecast = ensemble.forecast(LOOK, PLAN)
    np.testing.assert_allclose(forecast.quantiles, np.mean([m.quantiles for m in members], 0))
    np.testing.assert_allclose(forecast.hazard, np.mean([m.hazard for m in members], 0))
    assert (np.diff(forecast.quantiles, axis=-1) >= 0).all()


def test_it_learns_what_its_members_learn() -> None:
    band = trained().forecast(LOOK, PLAN).quantiles[0, :, 0, 0]
    np.testing.assert_allclose(band[:, 2], [1.0, -2.0], atol=0.4)


def test_an_ensemble_goes_on_where_it_was() -> None:
    first = trained()
    second = Ensemble(shape=SHAPE, seed=9, member=MEMBER)
    second.load(decode(encode(first.state())))
    for ensemble, random in ((first, np.random.default_rng(5)), (second, np.random.default_rng(5))):
        ensemble.learn(batch(random))
    assert np.array_equal(first.forecast(LOOK, PLAN).quantiles, second.forecast(LOOK, PLAN).quantiles)


def test_bad_ensembles_are_refused() -> None:
    with pytest.raises(ValueError, match="size = 0"):
        Ensemble(shape=SHAPE, seed=1, member=MLP, size=0)
    with pytest.raises(ValueError, match="has 2 members: must have 3"):
        Ensemble(shape=SHAPE, seed=1, member=MEMBER).load(Ensemble(shape=SHAPE, seed=1, member=MEMBER, size=2).state())


class Remembering(MLP):
    """A surrogate that keeps what it issued."""

    issued: list[Forecast]

    def note_issued(self, forecast: Forecast) -> None:
        self.issued = [*getattr(self, "issued", []), forecast]


def test_asking_changes_nothing_and_each_member_is_told_its_own_part_of_what_is_issued() -> None:
    ensemble = Ensemble(shape=SHAPE, seed=1, member=Remembering, size=2)
    before = encode(ensemble.state())
    forecast = ensemble.forecast(LOOK, PLAN)
    assert encode(ensemble.state()) == before
    ensemble.note_issued(forecast)
    for member in ensemble.members:
        (part,) = member.issued
        assert np.array_equal(part.quantiles, member.forecast(LOOK, PLAN).quantiles)
