"""The transformer: what it may look at, what must not matter, and that it learns a known plant."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from tests.twin.toy import ToyFleet, toy_spec
from twin.forecast import QUANTILES
from twin.lab.running.archive import decode, encode
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.sensing.features import Inputs
from twin.surrogates.base import Shape
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.optimizer import Optimizer
from twin.surrogates.transformer.model import Transformer
from twin.surrogates.transformer.tokens import FED, FEEDS, OTHER, SELF, PlantIndex, bucket
from twin.twin import Twin

SMALL: dict[str, Any] = {
    "horizons": (1, 6, 36),
    "edges": (1, 6, 36),
    "leads": (6,),
    "memory": {"capacity": 512},
    "learner": {"start": 20},
}
PLACES = {"vibration": 58, "power": 38, "mill": 40}
MODEL = partial(Transformer, context=24, patch=6, windows=4)


def twin(assets: int = 3, surrogate: Any = MODEL, seed: int = 0) -> Twin:
    return Twin(spec=toy_spec(assets), surrogate=surrogate, policy=RunToFailure, seed=seed, **SMALL)


def shape(assets: int = 3) -> Shape:
    return twin(assets).shape


def stirred(model: Transformer, seed: int = 0) -> Transformer:
    """With weights everywhere, so that nothing is zero by initialisation."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in [*model.net.parameters(), *model.served.parameters()]:
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        for parameter, served in zip(model.net.parameters(), model.served.parameters(), strict=True):
            served.copy_(parameter)
    model.quantile_head.scale += 1.0
    model._size += 1.0
    return model


def model(assets: int = 3, **options: Any) -> Transformer:
    return stirred(MODEL(shape=shape(assets), seed=1, **options))


def look(like: Shape, seed: int = 0, **changes: Any) -> Inputs:
    assert like.layout is not None
    random = np.random.default_rng(seed)
    channels = len(like.layout.slots) + 5 + len(like.layout.setpoints)
    history = random.normal(0, 1, (24, like.assets, channels)).astype(np.float32)
    return replace(
        Inputs(
            random.normal(0, 1, (like.assets, like.features)),
            np.zeros((like.assets, len(like.targets), 1)),
            np.zeros((like.assets, len(like.targets))),
            np.ones(like.assets),
            np.full(like.assets, 0.01),
            history=history,
        ),
        **changes,
    )


def plans(like: Shape, count: int = 1, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (count, like.assets, like.plan)).astype(np.float32)


LARGE = [pytest.param(tier, million, marks=pytest.mark.slow) for tier, million in (("l", 50.0), ("xl", 200.0))]


@pytest.mark.parametrize(("tier", "million"), [("nano", 0.1), ("s", 1.0), ("m", 5.0), *LARGE])
def test_tiers_have_the_size_that_they_are_named_for(tier: str, million: float) -> None:
    one = MODEL(shape=shape(), seed=0, tier=tier)
    assert sum(p.numel() for p in one.net.parameters()) / 1e6 == pytest.approx(million, rel=0.25)
    assert np.isfinite(one.forecast(look(one._shape), plans(one._shape)).quantiles).all()


def test_one_plan_or_many_is_the_same_forecast() -> None:
    one = model()
    like = one._shape
    many = plans(like, 5)
    together = one.forecast(look(like), many)
    for i in range(5):
        alone = one.forecast(look(like), many[i : i + 1])
        np.testing.assert_allclose(together.quantiles[i], alone.quantiles[0], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(together.hazard[i], alone.hazard[0], rtol=1e-4, atol=1e-6)


def test_a_horizon_knows_nothing_of_what_is_planned_beyond_it() -> None:
    one = model()
    like = one._shape
    before = plans(like)
    after = before.copy()
    horizons, orders = len(like.horizons), like.orders
    later = [part * horizons + horizons - 1 for part in range(3)]  # the orders of the longest horizon
    after[..., later] += 3.0
    first, second = one.forecast(look(like), before), one.forecast(look(like), after)
    assert np.array_equal(first.quantiles[:, :, :-1], second.quantiles[:, :, :-1], equal_nan=True)
    assert not np.array_equal(first.quantiles[:, :, -1], second.quantiles[:, :, -1], equal_nan=True)
    assert np.array_equal(first.hazard, second.hazard)  # the hazard is that of an asset left alone
    after = before.copy()
    after[..., orders:] += 1.0  # setpoints
    assert not np.array_equal(first.hazard, one.forecast(look(like), after).hazard)


def test_what_comes_later_changes_no_forecast_of_now() -> None:
    """Two fleets that part ways at tick 60: until then every forecast is the same to the bit, afterwards it is not."""
    fleets, twins = [ToyFleet(0), ToyFleet(0)], [twin(), twin()]
    told: list[list[bytes]] = [[], []]
    for tick in range(80):
        if tick == 60:
            fleets[1].wear += 3.0
        for fleet, one, said in zip(fleets, twins, told, strict=True):
            for message in fleet.advance():
                one.observe(message)
            one.decide(fleet.now)
            said.append(one.ledger._entries[tick + 1].quantiles.tobytes())
            one.ledger.drain()
    assert told[0][:60] == told[1][:60]
    assert told[0][60:] != told[1][60:]


def permuted(one: Transformer, order: list[int]) -> Transformer:
    for net in (one.net, one.served):
        plant: PlantIndex = net.plant  # type: ignore[assignment]
        plant.has, plant.type = plant.has[order], plant.type[order]
        plant.relation = plant.relation[order][:, order]
    return one


def test_the_order_of_the_assets_does_not_matter() -> None:
    order = [2, 0, 3, 1]
    one, other = model(), permuted(model(), order)
    like = one._shape
    now, many = look(like), plans(like, 2)
    moved = replace(now, features=now.features[order], history=now.history[:, order])  # type: ignore[index]
    first = one._run(one.served, *tensors(now, many))
    second = other._run(other.served, *tensors(moved, many[:, order]))
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a.unflatten(0, (2, 4))[:, order], b.unflatten(0, (2, 4)), rtol=1e-4, atol=1e-5)


def tensors(now: Inputs, many: np.ndarray) -> list[torch.Tensor]:
    assert now.history is not None
    return [torch.as_tensor(x, dtype=torch.float32)[None] for x in (now.history, now.features, many)]


def test_padding_does_not_matter() -> None:
    """Assets that are none, and ticks before the first."""
    one, other = model(), model()
    like = one._shape
    now, many = look(like), plans(like, 2)
    plant: PlantIndex = other.served.plant  # type: ignore[assignment]
    plant.has = torch.cat([plant.has, torch.zeros_like(plant.has[:2])])
    plant.type = torch.cat([plant.type, plant.type[:2]])
    relation = torch.full((6, 6), -1)
    relation[:4, :4] = plant.relation
    relation[4:, 0] = OTHER  # padding must look at something
    plant.relation = relation
    history, features, plan = tensors(now, many)
    wide = [
        torch.cat([x, 7 * torch.ones_like(x.narrow(axis, 0, 2))], axis)
        for x, axis in ((history, 2), (features, 1), (plan, 2))
    ]
    first, second = one._run(one.served, history, features, plan), other._run(other.served, *wide)
    for a, b in zip(first, second, strict=True):
        torch.testing.assert_close(a.unflatten(0, (2, 4)), b.unflatten(0, (2, 6))[:, :4], rtol=1e-4, atol=1e-5)
    nothing = torch.full_like(history[:, :12], float("nan"))
    short = one._run(one.served, torch.cat([nothing, history[:, 12:]], 1), features, plan)
    longer = one._run(one.served, torch.cat([nothing, nothing, history[:, 12:]], 1), features, plan)
    for a, b in zip(short, longer, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("assets", [1, 2, 7])
def test_the_same_weights_serve_any_number_of_assets(assets: int) -> None:
    one, other = model(3), model(assets)
    other.net.load_state_dict(one.net.state_dict())
    forecast = other.forecast(look(other._shape), plans(other._shape, 2))
    assert forecast.quantiles.shape == (2, assets + 1, 3, 2, len(QUANTILES))
    assert np.isfinite(forecast.quantiles).all()
    assert (np.diff(forecast.quantiles, axis=-1) >= 0).all()
    assert ((forecast.hazard >= 0) & (forecast.hazard <= 1)).all()


def test_links_are_seen() -> None:
    like = shape(3)
    assert like.layout is not None
    relation = PlantIndex(like.layout, torch.device("cpu")).relation
    assert relation[1].tolist() == [FED, SELF, FEEDS, OTHER]
    one, other = model(), model()
    other.served.plant.relation = relation.T.contiguous()  # type: ignore[union-attr]
    with torch.no_grad():
        for block in (*one.served.blocks, *other.served.blocks):  # type: ignore[misc]
            block.assets.bias += torch.arange(4.0)[:, None]
    first, second = (m.forecast(look(like), plans(like)).quantiles for m in (one, other))
    assert not np.allclose(first, second)


def test_names_keep_their_place() -> None:
    """A vocabulary that moved would make saved weights worthless."""
    assert {name: bucket(name) for name in PLACES} == PLACES
    assert len({bucket(name) for name in ("vibration", "temperature", "power", "count", "profit", "level")}) == 6


def lesson(like: Shape, random: np.random.Generator, moments: int = 16) -> Batch:
    """The first target is the mean of the asset's last patch, plus 3 under an order, and noise; it fails by history."""
    rows = moments * like.assets
    now = [look(like, seed=int(random.integers(1 << 30))) for _ in range(moments)]
    history = np.stack([one.history for one in now])  # type: ignore[arg-type]
    push = random.normal(0, 2, (moments, 1, like.assets)).astype(np.float32)
    history[:, -6:, :, 0] = push + 0.1 * history[:, -6:, :, 0]
    plan = np.zeros((rows, like.plan), np.float32)
    ordered = random.random(rows) < 0.5
    plan[:, : 2 * len(like.horizons)] = ordered[:, None]
    mean = history[:, -6:, :, 0].mean(1).ravel() + 3.0 * ordered
    target = mean[:, None, None] + random.normal(0, 1, (rows, len(like.horizons), len(like.targets)))
    return Batch(
        features=np.zeros((rows, like.features), np.float32),
        plan=plan,
        levels=np.zeros((rows, len(like.targets), 1), np.float32),
        anchor=np.zeros((rows, len(like.targets)), np.float32),
        target=target.astype(np.float32),
        at_risk=np.zeros((rows, like.bins), np.float32),
        outcome=np.zeros((rows, like.bins), dtype=np.int64),
        weight=np.ones(rows, np.float32),
        history=history,
    )


def test_rows_of_their_own_come_before_the_moments() -> None:
    like = shape(2)
    moments = lesson(like, np.random.default_rng(0), moments=4)
    rows = replace(lesson(like, np.random.default_rng(1)), history=None)
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
    one.learn(lesson(like, np.random.default_rng(0)))
    assert not np.array_equal(one.forecast(now, plans(like, 3)).quantiles, first)
    assert asked == [one.served, one.net, one.served]


@pytest.mark.slow
def test_a_known_conditional_distribution_is_recovered() -> None:
    like, random = shape(2), np.random.default_rng(0)
    one = MODEL(shape=like, seed=1, optimizer=Optimizer(lr=5e-3, schedule="cosine", period=900, weight_decay=0.0))
    for _ in range(900):
        one.learn(lesson(like, random))
    gaps = []
    for _ in range(60):
        test = lesson(like, random, moments=1)
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
    blank = replace(lesson(like, random), target=np.full((16 * like.assets, 3, len(like.targets)), np.nan, np.float32))
    before = [p.clone() for p in one.net.parameters()]
    losses = one.learn(blank)
    assert losses == {"train.signal": 0.0, "train.hazard": 0.0}
    assert all(torch.equal(a, b) for a, b in zip(before, one.net.parameters(), strict=True))


def test_it_goes_on_where_it_was_and_learns_the_same_twice() -> None:
    def play(one: Twin, fleet: ToyFleet, ticks: int) -> list[Any]:
        said = []
        for _ in range(ticks):
            for message in fleet.advance():
                one.observe(message)
            one.decide(fleet.now)
            one.window.delivered_events.clear()
            said.append((one.ledger.drain(), dict(one.learner.losses)))
        return said

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
    losses = [one.learn(lesson(like, random))["train.signal"] for _ in range(60)]
    assert losses[-1] < losses[0]
    assert np.isfinite(one.forecast(look(like), plans(like, 3)).quantiles).all()


@pytest.mark.filterwarnings("default:.*deterministic.*")  # what has no fixed order on CUDA is told of, and computed
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_the_same_seed_on_the_same_gpu_gives_the_same_weights() -> None:
    from twin.lab.core.build import device

    like, found = shape(2), []
    try:
        for _ in range(2):
            random, one = np.random.default_rng(0), MODEL(shape=like, seed=1, device=device("cuda"))
            for _ in range(20):
                one.learn(lesson(like, random))
            found.append(one.forecast(look(like), plans(like, 3)).quantiles.tobytes())
    finally:
        torch.use_deterministic_algorithms(False)
    assert found[0] == found[1]
