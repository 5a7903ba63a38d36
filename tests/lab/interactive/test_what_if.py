"""what_if: what it answers, and that asking leaves everything as it was."""

from __future__ import annotations

from typing import Any

import pytest

from twin.forecast import Plan
from twin.lab import make, step, what_if
from twin.lab.errors import UserError
from twin.lab.running.archive import encode

PLANS = {"go on": {}, "renew": {"mill.maintain": 0}, "slow": {"mill.speed": 0.8, "press.speed": 0.9}}


def made(ticks: int = 40, **options: Any) -> tuple[Any, Any]:
    plant, twin = make(plant="line_small", twin={"learner.start": 16}, **({"surrogate": "linear"} | options))
    for _ in range(ticks):
        step(plant, twin)
    return plant, twin


def test_every_plan_has_a_row_for_each_target_and_horizon() -> None:
    _, twin = made()
    table = what_if(twin, PLANS)
    assert list(table.columns) == [
        "plan", "asset", "target", "ticks", "hours", "q05", "q25", "q50", "q75", "q95", "failure",
    ]  # fmt: skip
    mill = table[(table.plan == "slow") & (table.asset == "mill") & (table.target == "vibration")]
    assert list(mill.ticks) == [1, 6, 36, 144]
    assert list(mill.hours) == [1 / 6, 1.0, 6.0, 24.0]
    assert (mill.q05 <= mill.q95).all()
    assert mill.failure.is_monotonic_increasing
    assert table.failure.between(0, 1).all()
    assert set(table.plan) == set(PLANS)
    assert set(table.asset) == {"cutter", "mill", "press", "line"}


def test_the_answer_is_that_of_predict() -> None:
    _, twin = made()
    hold = twin.window.hold()
    moved = hold.with_setpoint(0, 0, 0.75).with_order(1, 6.0)
    by_plan = what_if(twin, [Plan("both", moved.orders, moved.setpoints)])
    by_key = what_if(twin, {"both": {"cutter.speed": 0.75, "mill.maintain": 6}})
    assert by_plan.equals(by_key)
    forecast = twin.predict(twin.latest, [moved])
    row = by_key[(by_key.asset == "mill") & (by_key.target == "vibration") & (by_key.ticks == 36)].iloc[0]
    assert row.q50 == forecast.median[0, 1, 2, forecast.targets.index("vibration")]
    assert row.failure == forecast.failure_within(36)[0, 1]


@pytest.mark.parametrize("surrogate", ["mlp", "transformer"])
def test_asking_changes_nothing(surrogate: str) -> None:
    """State, plant and all that follows are the same bytes with what-ifs and without."""
    ends = []
    for asks in (0, 2):
        plant, twin = made(17, surrogate=surrogate)
        for _ in range(3):
            for _ in range(asks):
                before = encode(twin.state()), plant.snapshot()
                what_if(twin, PLANS)
                assert (encode(twin.state()), plant.snapshot()) == before
            step(plant, twin)
        ends.append((encode(twin.state()), plant.snapshot()))
    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("plans", "message"),
    [
        ({"a": {"mill.sped": 1.0}}, "what_if: a: mill.sped is no actuator; there are cutter.speed"),
        ({"a": {"mill.speed": 9.0}}, "what_if: a: mill.speed = 9.0: must be in "),
        ({"a": {"mill.maintain": -1}}, "what_if: a: mill.maintain = -1: must be a number of ticks >= 0"),
        ({"a": {"mill.maintain": "now"}}, "what_if: a: mill.maintain = 'now': must be a number of ticks >= 0"),
        ({"a": {"mill.speed": None}}, "what_if: a: mill.speed = None: must be in "),
        ({"a": 3}, "what_if: a = 3: must be values by actuator"),
        (["a"], "what_if: plans = ['a']: must be plans by name"),
        ("go on", "what_if: plans = 'go on': must be plans by name"),
        (None, "what_if: plans = None: must be plans by name"),
        ({}, "what_if: no plans"),
    ],
)
def test_mistakes_are_told_in_one_line(plans: Any, message: str) -> None:
    _, twin = made(1, surrogate="ewma")
    with pytest.raises(UserError) as refused:
        what_if(twin, plans)
    assert str(refused.value).startswith(message)


def test_a_twin_that_has_seen_nothing_cannot_be_asked() -> None:
    with pytest.raises(UserError, match="has seen no tick yet"):
        what_if(made(0, surrogate="ewma")[1], PLANS)
