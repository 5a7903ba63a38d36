"""tier= is short for the size of a surrogate that has several, and refused where there is one."""

from __future__ import annotations

import pytest

from twin.lab.configure import tier_option as tiers
from twin.lab.configure.compose import combinations, compose, keys
from twin.lab.errors import UserError


def test_it_is_the_tier_of_the_surrogate() -> None:
    assert compose("run", ["surrogate=transformer", "tier=s"]).surrogate.tier == "s"
    assert "tier" in keys("run")


def test_a_sweep_takes_several() -> None:
    made = combinations(["surrogate=transformer", "tier=nano,s"])
    assert [compose("run", one).surrogate.tier for one in made] == ["nano", "s"]


@pytest.mark.parametrize(("chosen", "says"), [(["surrogate=mlp"], "surrogate = mlp"), ([], "the default surrogate")])
def test_a_surrogate_of_one_size_refuses(chosen: list[str], says: str) -> None:
    with pytest.raises(UserError, match=f"tier: {says} comes in one size; surrogate=transformer has tiers"):
        compose("run", [*chosen, "tier=nano"])


def test_the_surrogates_with_tiers_are_found() -> None:
    assert tiers.tiered() == ["transformer"]
