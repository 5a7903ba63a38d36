"""Weights are loaded by name: order does not matter, and what is new retains its weights."""

from __future__ import annotations

import pytest
import torch

from tests.twin.surrogates.small_transformer import shape
from twin.surrogates.transformer import column_names as columns
from twin.surrogates.transformer.named_linear import NamedLinear


def layer(inputs: list[str], outputs: list[str], seed: int = 0) -> NamedLinear:
    one = NamedLinear(inputs=inputs, outputs=outputs, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        one.bias.copy_(torch.arange(len(outputs)))
    return one


def test_the_same_names_in_another_order_say_the_same() -> None:
    one, other = layer(["a", "b", "c"], ["x", "y"]), layer(["c", "a", "b"], ["y", "x"], seed=1)
    other.load_state_dict(one.state_dict())
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(one(x), other(x[:, [2, 0, 1]])[:, [1, 0]])


def test_what_the_state_does_not_know_keeps_its_own() -> None:
    one, other = layer(["a", "b"], ["x"]), layer(["b", "new"], ["x", "z"], seed=1)
    drawn = other.weight.detach().clone()
    other.load_state_dict(one.state_dict())
    assert other.weight[0, 0] == one.weight[0, 1]
    assert torch.equal(other.weight[:, 1], drawn[:, 1])
    assert torch.equal(other.weight[1], drawn[1])
    assert other.bias.tolist() == [0.0, 1.0]


def test_an_input_has_no_say_beyond_its_reach() -> None:
    one = NamedLinear(
        inputs=["a", "b"], outputs=2, generator=torch.Generator(), reach=torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    )
    first, second = one(torch.tensor([[1.0, 2.0], [1.0, 5.0]]))
    assert first[0] == second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize("assets", [1, 3])
def test_every_column_has_one_name(assets: int) -> None:
    like = shape(assets)
    plan_columns = columns.plan_columns(like)
    features, plan, outputs = like.feature_names, plan_columns.names, columns.output_names(like)
    assert (len(features), len(plan), len(plan_columns.first_horizons)) == (like.features, like.plan, like.plan)
    assert len(outputs) == len(like.horizons) * len(like.targets) * 5
    for names in (features, plan, outputs):
        assert len(set(names)) == len(names)
    assert set(features) == set(shape(2).feature_names)
