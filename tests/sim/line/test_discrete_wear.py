"""Wear in discrete states."""

from __future__ import annotations

import numpy as np
import pytest

from sim.line.discrete_wear import DiscreteWear
from sim.plants.production_line import ProductionLine


def lives(wear: DiscreteWear, count: int) -> list[int]:
    """Cycles in each of `count` lives run to failure."""
    ended = []
    for _ in range(count):
        cycles = 1
        while not wear.end_cycle(1.0):
            cycles += 1
        ended.append(cycles)
        wear.renew(perfect=True)
    return ended


def test_a_life_is_a_sum_of_geometric_stays() -> None:
    found = lives(DiscreteWear(seed=1, name="a", cycle=1.0, states=5, step=0.1), 3000)
    assert np.mean(found) == pytest.approx(4 / 0.1, rel=0.02)
    assert np.var(found) == pytest.approx(4 * 0.9 / 0.1**2, rel=0.08)


def test_it_fails_at_the_end_of_a_cycle_whose_part_is_done() -> None:
    upkeep = {"preventive": 1.0, "corrective": 10.0}
    plant = ProductionLine(
        seed=1,
        tick=1e9,
        sample=1e9,
        stations={"a": {"cycle": 2.0, "wear": {"states": 3, "step": 1.0}, "maintenance": upkeep}},
    )
    plant.advance(27.0)
    assert [(e.kind, e.time) for e in plant.journal() if e.kind == "failed"] == [("failed", 4.0), ("failed", 18.0)]
    assert plant.kpis()["good_parts"] == 4


def test_only_the_last_state_is_at_risk() -> None:
    wear = DiscreteWear(seed=1, name="a", cycle=4.0, states=3, step=0.2)
    assert wear.hazard(1.0) == 0.0
    wear.state = 1
    assert wear.hazard(1.0) == pytest.approx(0.05)
    assert wear.wear == 0.5


def test_maintenance_may_leave_some_of_it() -> None:
    wear = DiscreteWear(seed=1, name="a", cycle=1.0, states=11, step=0.1, imperfect=0.6)
    left = set()
    for _ in range(200):
        wear.state = 10
        wear.renew(perfect=False)
        left.add(wear.state)
    assert left == {0, 1, 2, 3, 4, 5}
    wear.renew(perfect=True)
    assert wear.state == 0


@pytest.mark.parametrize(
    ("fields", "says"), [({"states": 1, "step": 0.1}, "states = 1"), ({"states": 3, "step": 0.0}, "step = 0.0")]
)
def test_bad_numbers_are_named(fields: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        DiscreteWear(seed=1, name="a", cycle=1.0, **fields)  # type: ignore[arg-type]
