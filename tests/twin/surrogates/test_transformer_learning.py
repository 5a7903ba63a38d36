"""What the transformer learns, from which rows, and that it goes on where it was."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.twin.surrogates.small_transformer import MODEL, batch_of_moments, look, model, plans, shape, twin
from tests.twin.toy import ToyFleet
from twin.lab.running.archive import decode, encode
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.optimizer import Optimizer
from twin.twin import Twin


def test_rows_of_their_own_come_before_the_moments() -> None:
    like = shape(2)
    moments = batch_of_moments(like, np.random.default_rng(0), moments=4)
    rows = replace(batch_of_moments(like, np.random.default_rng(1)), history=None)
    turned = replace(rows, **{f.name: getattr(rows, f.name)[::-1] for f in fields(Batch) if f.name != "history"})
    joined = [some.followed_by(moments) for some in (rows, turned)]
    assert joined[0].history is moments.history
    assert len(joined[0].target) == len(rows.target) + len(moments.target)
    first, second = (model(2).learn(batch) for batch in joined)
    assert first["train.signal"] == pytest.approx(second["train.signal"], rel=1e-4)


def test_the_past_is_encoded_once_for_all_that_is_asked_at_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    one, asked = model(2), []
    like, encode = one._shape, one._encode
    monkeypatch.setattr(one, "_encode", lambda net, history: asked.append(net) or encode(net, history))
    now = look(like)
    first = one.forecast(now, plans(like, 3)).quantiles
    assert np.array_equal(one.forecast(now, plans(like, 3)).quantiles, first)
    assert len(asked) == 1
    one.learn(batch_of_moments(like, np.random.default_rng(0)))
    assert not np.array_equal(one.forecast(now, plans(like, 3)).quantiles, first)
    assert asked == [one.served, one.net, one.served]


@pytest.mark.slow
def test_a_known_conditional_distribution_is_recovered() -> None:
    like, random = shape(2), np.random.default_rng(0)
    one = MODEL(shape=like, seed=1, optimizer=Optimizer(lr=5e-3, schedule="cosine", period=900, weight_decay=0.0))
    for _ in range(900):
        one.learn(batch_of_moments(like, random))
    gaps = []
    for _ in range(60):
        test = batch_of_moments(like, random, moments=1)
        assert test.history is not None
        now = look(like, history=test.history[0], features=np.zeros((like.assets, like.features)))
        quantiles = one.forecast(now, test.plan[None]).quantiles[0, 0, :, 0]
        mean = test.history[0, -6:, 0, 0].mean() + 3.0 * test.plan[0, 0]  # type: ignore[index]
        gaps.append(quantiles - mean)
    np.testing.assert_allclose(np.mean(gaps, axis=(0, 1)), [-1.645, -0.674, 0, 0.674, 1.645], atol=0.25)
    assert np.abs(np.mean(gaps, axis=1)[:, 2]).mean() < 0.5


def test_censored_bins_and_unknown_targets_teach_nothing() -> None:
    like = shape(2)
    one, random = model(2, optimizer=Optimizer(weight_decay=0.0)), np.random.default_rng(0)
    blank = replace(
        batch_of_moments(like, random), target=np.full((16 * like.assets, 3, len(like.targets)), np.nan, np.float32)
    )
    before = [p.clone() for p in one.net.parameters()]
    losses = one.learn(blank)
    assert losses == {"train.signal": 0.0, "train.hazard": 0.0}
    assert all(torch.equal(a, b) for a, b in zip(before, one.net.parameters(), strict=True))


def test_it_goes_on_where_it_was_and_learns_the_same_twice() -> None:
    def play(one: Twin, fleet: ToyFleet, ticks: int) -> list[Any]:
        rows = []
        for _ in range(ticks):
            for message in fleet.advance():
                one.observe(message)
            one.decide(fleet.now)
            one.window.delivered_events.clear()
            rows.append((one.ledger.drain(), dict(one.learner.losses)))
        return rows

    first, again, fleets = twin(seed=4), twin(seed=4), [ToyFleet(2), ToyFleet(2)]
    assert str(play(first, fleets[0], 60)) == str(play(again, fleets[1], 60))
    taken_up = twin(seed=4)
    taken_up.load(decode(encode(first.state())))
    assert encode(taken_up.state()) == encode(first.state())
    assert str(play(taken_up, fleets[1], 10)) == str(play(first, fleets[0], 10))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tier": "giant"}, "tier = 'giant'"),
        ({"context": 25}, "context = 25"),
        ({"patch": 0}, "patch = 0"),
        ({"windows": 0}, "windows = 0"),
        ({"hazard_width": 0}, "hazard_width = 0"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"blindness": -0.1}, "blindness = -0.1"),
    ],
)
def test_bad_transformers_are_refused_by_name(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MODEL(shape=shape(), seed=0, **wrong)
    with pytest.raises(ValueError, match="no layout"):
        MODEL(shape=replace(shape(), layout=None), seed=0)


def test_linear_maps_do_not_decay_and_a_hazard_has_two_opinions() -> None:
    one = MODEL(shape=shape(2), seed=1)
    rest, straight = one._optimizer.param_groups
    linear = [*one.net.straight.parameters(), *one.net.alone.straight.parameters()]  # type: ignore[union-attr]
    assert {id(weights) for weights in straight["params"]} == {id(weights) for weights in linear}
    assert straight["weight_decay"] == 0.0 < rest["weight_decay"]
    like = shape(2)
    _, hazard = one.predict_raw(one.served.eval(), look(like), plans(like, 3))
    assert one.hazard_head.logits(hazard).shape[:2] == (3 * like.assets, 2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_cuda_learns_and_forecasts() -> None:
    like, random = shape(2), np.random.default_rng(0)
    one = MODEL(shape=like, seed=1, device="cuda")
    losses = [one.learn(batch_of_moments(like, random))["train.signal"] for _ in range(60)]
    assert losses[-1] < losses[0]
    assert np.isfinite(one.forecast(look(like), plans(like, 3)).quantiles).all()


@pytest.mark.filterwarnings(
    "default:.*deterministic.*"
)  # PyTorch warns of what has no fixed order on CUDA, and computes it
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_the_same_seed_on_the_same_gpu_gives_the_same_weights() -> None:
    from twin.lab.core.build import device

    like, forecasts = shape(2), []
    try:
        for _ in range(2):
            random, one = np.random.default_rng(0), MODEL(shape=like, seed=1, device=device("cuda"))
            for _ in range(20):
                one.learn(batch_of_moments(like, random))
            forecasts.append(one.forecast(look(like), plans(like, 3)).quantiles.tobytes())
    finally:
        torch.use_deterministic_algorithms(False)
    assert forecasts[0] == forecasts[1]


def test_a_question_changes_no_state_and_an_issued_forecast_is_remembered_once() -> None:
    one, like = model(), shape()
    before = encode(one.state())
    forecast = one.forecast(look(like), plans(like, 3))
    assert encode(one.state()) == before
    one.note_issued(forecast)
    one.note_issued(forecast)
    assert list(one.mixture._issued) == [one.mixture.tick]
    assert one.mixture._issued[one.mixture.tick].shape == (3, like.assets, *forecast.quantiles.shape[2:])
