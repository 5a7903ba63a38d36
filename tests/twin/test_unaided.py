"""A policy without a twin decides what it decides beside one, can be saved, and refuses to forecast."""

from __future__ import annotations

from typing import Any

import pytest

from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.core.build import connect, pair
from twin.lab.core.closed_loop import Turn, step
from twin.lab.errors import UserError
from twin.lab.running.archive import decode, encode
from twin.unaided import Unaided

SHORT_LIVES = [
    "plant=line_small",
    "network=lossy",
    "plant.common.wear.life=6000",
    "plant.stations.mill.wear.life=5000",
    "plant.common.maintenance.corrective.mean=2000",
]
ALONE = [
    ("condition_based", [*SHORT_LIVES, "policy.threshold=1.3"], 90),
    ("age_based", [*SHORT_LIVES, "policy.enough=2"], 140),
    ("run_to_failure", SHORT_LIVES, 40),
    ("privileged_threshold", SHORT_LIVES, 90),
    ("mpc", ["scenario=energy"], 30),
    ("self_consumption", ["scenario=energy"], 30),
    ("actuated", ["scenario=traffic"], 40),
]


def both(policy: str, overrides: list[str], surrogate: str) -> tuple[Any, Any]:
    config = resolved(compose("run", [*overrides, f"policy={policy}", f"surrogate={surrogate}", "seed=3"]))
    return pair(config, "cpu")


def turns(plant: Any, twin: Any, ticks: int) -> list[Turn]:
    begin, tick = round(plant.now / plant.spec.tick), plant.spec.tick
    return [step(plant, twin, (begin + number) * tick)[0] for number in range(1, ticks + 1)]


@pytest.mark.parametrize(("policy", "overrides", "ticks"), ALONE, ids=[policy for policy, _, _ in ALONE])
def test_a_policy_decides_the_same_with_a_twin_and_without(policy: str, overrides: list[str], ticks: int) -> None:
    plants = both(policy, overrides, "none"), both(policy, overrides, "persistence")
    assert isinstance(plants[0][1], Unaided)
    alone, aided = ([turn.actions for turn in turns(*each, ticks)] for each in plants)
    assert alone == aided
    assert any(alone) == (policy not in ("run_to_failure", "self_consumption"))
    assert plants[0][0].kpis() == plants[1][0].kpis()
    assert plants[0][1].counts().items() <= plants[1][1].counts().items()


def test_saved_and_taken_up_it_goes_on_the_same() -> None:
    plant, alone = both("age_based", SHORT_LIVES, "none")
    before = turns(plant, alone, 60)
    assert not any((turn.forecasts, turn.hazards) != ([], []) for turn in before)
    saved, state = plant.snapshot(), encode(alone.state())
    fresh, again = both("age_based", SHORT_LIVES, "none")
    fresh = type(fresh).restore(saved)
    again.load(decode(state))
    connect(fresh, again)
    assert [t.actions for t in turns(plant, alone, 60)] == [t.actions for t in turns(fresh, again, 60)]
    assert alone.window.lives.maintenance_starts == []


def test_a_policy_that_asks_is_told_in_one_line() -> None:
    plant, alone = both("predictive", [*SHORT_LIVES, "policy.enough=1"], "none")
    with pytest.raises(
        UserError, match=r"^surrogate = none: policy Predictive asks for forecasts; give it a surrogate"
    ):
        turns(plant, alone, 60)
