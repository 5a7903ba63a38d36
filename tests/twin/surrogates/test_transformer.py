"""The transformer: what it may look at, what must not matter, and that it learns a known plant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.twin.surrogates.small_transformer import MODEL, PLACES, look, model, plans, shape, twin
from tests.twin.toy import ToyFleet
from twin.forecast import QUANTILES
from twin.sensing.features import Inputs
from twin.surrogates.transformer.model import Transformer
from twin.surrogates.transformer.tokens import FED, FEEDS, OTHER, SELF, PlantIndex, bucket

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
    issued: list[list[bytes]] = [[], []]
    for tick in range(80):
        if tick == 60:
            fleets[1].wear += 3.0
        for fleet, one, quantiles in zip(fleets, twins, issued, strict=True):
            for message in fleet.advance():
                one.observe(message)
            one.decide(fleet.now)
            quantiles.append(one.ledger._entries[tick + 1].quantiles.tobytes())
            one.ledger.drain()
    assert issued[0][:60] == issued[1][:60]
    assert issued[0][60:] != issued[1][60:]


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
