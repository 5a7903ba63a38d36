from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from twin.sensing.features import Inputs
from twin.surrogates.base import Shape
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.hazard_head import pool_with_paths
from twin.surrogates.gradient.linear import Linear
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.gradient.optimizer import OPTIMIZERS, SCHEDULES, Optimizer
from twin.surrogates.gradient.surrogate import GradientSurrogate

SHAPE = Shape(
    assets=4,
    features=3,
    plan=5,
    orders=4,
    condition=(0, 1),
    targets=("x",),
    horizons=(1, 6),
    edges=(0.0, 1.0, 3.0, 6.0),
    modes=2,
)
KINDS = [Linear, MLP]


def batch(random: np.random.Generator, size: int = 256) -> Batch:
    """x ~ N(2 f0 + jump under an order, 1); the asset fails in mode 0 within each bin with chance sigmoid(3 f1 - 2)."""
    features = random.normal(0, 1, (size, 3)).astype(np.float32)
    plan = np.zeros((size, 5), np.float32)
    plan[:, 0] = random.random(size) < 0.5
    target = 2 * features[:, :1, None] + 4.0 * plan[:, :1, None] + random.normal(0, 1, (size, 2, 1))
    chance = 1 / (1 + np.exp(2 - 3 * features[:, 1]))
    fails = random.random((size, 3)) < chance[:, None]
    before = np.cumsum(fails, 1) - fails
    return Batch(
        features,
        plan,
        np.zeros((size, 1, 1), np.float32),
        np.zeros((size, 1), np.float32),
        target.astype(np.float32),
        (before == 0).astype(np.float32),
        fails.astype(int),
        np.ones(size, np.float32),
    )


def inputs(features: np.ndarray) -> Inputs:
    count = len(features)
    return Inputs(features, np.zeros((count, 1, 1)), np.zeros((count, 1)), np.ones(count), np.full(count, 0.01))


def make(kind: type[GradientSurrogate], **options: Any) -> GradientSurrogate:
    return kind(shape=SHAPE, seed=1, **options)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def trained(request: pytest.FixtureRequest) -> GradientSurrogate:
    surrogate = make(request.param, optimizer=Optimizer(lr=2e-2, schedule="cosine", period=2500, weight_decay=0.0))
    random = np.random.default_rng(0)
    for _ in range(2500):
        surrogate.learn(batch(random))
    return surrogate


def test_the_conditional_quantiles_of_a_known_distribution_are_recovered(trained: GradientSurrogate) -> None:
    features = np.array([[-1.0, 0, 0], [0, 0, 0], [1.0, 0, 0]])
    bands = trained.forecast(inputs(features), np.zeros((1, 3, 5), np.float32)).quantiles[0, :, 0, 0]
    np.testing.assert_allclose(
        bands - 2 * features[:, :1], np.tile([-1.645, -0.674, 0, 0.674, 1.645], (3, 1)), atol=0.35
    )


def test_plans_matter_to_signals_and_orders_do_not_matter_to_the_hazard(trained: GradientSurrogate) -> None:
    plans = np.zeros((2, 1, 5), np.float32)
    plans[1, 0, 0] = 1.0
    forecast = trained.forecast(inputs(np.zeros((1, 3))), plans)
    assert forecast.median[1, 0, 0, 0] - forecast.median[0, 0, 0, 0] == pytest.approx(4.0, abs=0.4)
    assert (forecast.hazard[0] == forecast.hazard[1]).all()


def test_the_hazard_of_a_known_process_is_recovered(trained: GradientSurrogate) -> None:
    features = np.array([[0, -0.5, 0], [0, 0.5, 0], [0, 1.0, 0]])
    hazard = trained.forecast(inputs(features), np.zeros((1, 3, 5), np.float32)).hazard[0].sum(-1)
    expected = 1 / (1 + np.exp(2 - 3 * features[:, 1]))
    np.testing.assert_allclose(hazard, np.tile(expected[:, None], (1, 3)), atol=0.08)


def test_two_opinions_of_a_hazard_are_averaged_as_chances_and_learned_apart() -> None:
    both = make(MLP, optimizer=Optimizer(name="sgd", lr=0.1, weight_decay=0.0, warmup=0, clip=1e9))
    with torch.no_grad():
        for parameter in both.served.hazard[-1].parameters():  # type: ignore[union-attr, index]
            parameter.fill_(0.3)
        both.served.straight.bias.fill_(-0.5)  # type: ignore[union-attr]
    both.net.load_state_dict(both.served.state_dict())
    rows = batch(np.random.default_rng(0), 8)
    features, plan = torch.as_tensor(rows.features), torch.as_tensor(rows.plan)
    raw = both.served(features, plan)[1]
    alone = [both.hazard_head.logits(part).softmax(-1)[:, 0] for part in raw.chunk(2, -1)]
    served = both.forecast(inputs(rows.features), rows.plan[None]).hazard[0]
    np.testing.assert_allclose(served, ((alone[0] + alone[1]) / 2)[..., 1:].detach().numpy(), rtol=1e-5)
    assert (alone[0] - alone[1]).abs().max() > 0.1
    outcome, risk = torch.as_tensor(rows.outcome)[..., None], torch.as_tensor(rows.at_risk)
    each = [(-chance.log().gather(-1, outcome)[..., 0] * risk).sum() / len(risk) for chance in alone]
    tested = both._row_losses(both.served, both.on_device(rows))[1]  # a shadow test is about what is served
    together = -((alone[0] + alone[1]) / 2).log().gather(-1, outcome)[..., 0]
    np.testing.assert_allclose(
        tested.detach().numpy(), torch.where(risk > 0, together, torch.nan).detach().numpy(), rtol=1e-5
    )
    assert both.learn(rows)["train.hazard"] == pytest.approx(float(each[0] + each[1]) / 2, rel=1e-5)
    groups = both._optimizer.param_groups
    assert [len(group["params"]) for group in groups][1:] == [2]
    assert groups[1]["weight_decay"] == 0.0


def test_what_an_assets_path_says_is_one_more_opinion_of_its_hazard() -> None:
    one = make(MLP)
    rows = batch(np.random.default_rng(0), 8)
    with torch.no_grad():
        one.served.straight.bias.normal_(generator=one.generator)  # type: ignore[union-attr]
    asked = inputs(rows.features)
    learned = one.forecast(asked, rows.plan[None]).hazard
    path = np.full(learned.shape[1:], np.nan)
    silent = one.forecast(replace(asked, path=path), rows.plan[None])
    assert silent.hazard.tobytes() == learned.tobytes()
    path[0, :, 0], path[1, :, 0] = 0.9, 0.0
    heard = one.forecast(replace(asked, path=path), rows.plan[None]).hazard
    np.testing.assert_allclose(heard[0, :2, :, 0], (2 * learned[0, :2, :, 0] + path[:2, :, 0]) / 3, rtol=1e-6)
    assert np.array_equal(heard[0, 1:, :, 1:], learned[0, 1:, :, 1:])
    assert np.array_equal(heard[0, 2:], learned[0, 2:])


def test_chances_of_all_modes_fill_a_bin_at_most() -> None:
    chance, path = np.array([[[[0.3, 0.5, 0.1]]]]), np.array([[[1.0, np.nan, np.nan]]])
    pooled = pool_with_paths(chance, path, 0.5)
    assert pooled[0, 0, 0] == pytest.approx([0.65, 0.5 * 0.35 / 0.6, 0.1 * 0.35 / 0.6])
    assert pool_with_paths(chance, np.zeros((0, 0, 0)), 0.5) is chance


def test_the_hazard_of_one_opinion() -> None:
    one = make(MLP, straight_hazard=False)
    assert one.forecast(inputs(np.ones((2, 3))), np.zeros((1, 2, 5), np.float32)).hazard.shape == (1, 2, 3, 2)
    assert len(one._optimizer.param_groups) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_quantiles_never_cross_and_chances_are_chances(kind: type[GradientSurrogate]) -> None:
    surrogate = make(kind)
    with torch.no_grad():
        for parameter in surrogate.served.parameters():
            parameter.normal_(0, 3, generator=torch.Generator().manual_seed(5))
    surrogate.quantile_head.scale += 1.0
    forecast = surrogate.forecast(
        inputs(np.random.default_rng(1).normal(0, 3, (50, 3))), np.zeros((2, 50, 5), np.float32)
    )
    assert (np.diff(forecast.quantiles, axis=-1) >= 0).all()
    assert (forecast.hazard >= 0).all()
    assert (forecast.hazard.sum(-1) <= 1 + 1e-6).all()


@pytest.mark.parametrize("kind", KINDS)
def test_an_untrained_network_forecasts_its_anchor(kind: type[GradientSurrogate]) -> None:
    forecast = make(kind).forecast(inputs(np.ones((2, 3))), np.zeros((1, 2, 5), np.float32))
    assert (forecast.median == 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bits_and_state_goes_on_where_it_was(kind: type[GradientSurrogate]) -> None:
    first, second = make(kind), make(kind)
    random = np.random.default_rng(0)
    for _ in range(3):
        rows = batch(random)
        assert first.learn(rows) == second.learn(rows)
    third = kind(shape=SHAPE, seed=99)
    third.load(first.state())
    rows = batch(random)
    assert third.learn(rows) == first.learn(rows)


@pytest.mark.parametrize("kind", KINDS)
def test_censored_bins_and_unknown_targets_teach_nothing(kind: type[GradientSurrogate]) -> None:
    surrogate, rows = (
        make(kind, optimizer=Optimizer(name="sgd", lr=1.0, weight_decay=0.0, warmup=0)),
        batch(np.random.default_rng(0)),
    )
    blank = Batch(
        rows.features,
        rows.plan,
        rows.levels,
        rows.anchor,
        np.full_like(rows.target, np.nan),
        np.zeros_like(rows.at_risk),
        rows.outcome,
        rows.weight,
    )
    before = [p.clone() for p in surrogate.net.parameters()]
    losses = surrogate.learn(blank)
    assert losses == {"train.signal": 0.0, "train.hazard": 0.0}
    assert all(torch.equal(a, b) for a, b in zip(before, surrogate.net.parameters(), strict=True))


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("loss", ["pinball", "mse"])
def test_every_optimiser_and_loss_learns(name: str, loss: str) -> None:
    surrogate = make(
        Linear, loss=loss, optimizer=Optimizer(name=name, lr=0.05 if name in ("sgd", "momentum") else 1e-2)
    )
    random = np.random.default_rng(0)
    losses = [surrogate.learn(batch(random))["train.signal"] for _ in range(200)]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:5])


def test_schedules_begin_warm_and_end_where_they_should() -> None:
    for name in SCHEDULES:
        recipe = Optimizer(lr=1.0, schedule=name, warmup=10, period=100, floor=0.1)
        assert recipe.rate(0) == pytest.approx(0.1)
        assert recipe.rate(1000) == pytest.approx(
            {"constant": 1.0, "cosine": 0.1, "inverse_sqrt": 0.1**0.5, "step": 0.1}[name]
        )


@pytest.mark.parametrize(
    "wrong", [{"name": "newton"}, {"schedule": "x"}, {"lr": 0.0}, {"momentum": 2.0}, {"warmup": -1}]
)
def test_bad_recipes_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Optimizer(**wrong)


@pytest.mark.parametrize(
    "wrong", [{"loss": "l3"}, {"ema": 1.0}, {"hazard_weight": -1.0}, {"width": 0}, {"dropout": 1.0}]
)
def test_bad_surrogates_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make(MLP, **wrong)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_it_learns_on_cuda_as_on_the_cpu() -> None:
    random = np.random.default_rng(0)
    surrogate = make(MLP, device="cuda")
    losses = [surrogate.learn(batch(random))["train.signal"] for _ in range(200)]
    assert np.mean(losses[-20:]) < 0.8 * np.mean(losses[:5])
