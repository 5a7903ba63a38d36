"""The reference of assets that wear: its probabilities are the plant's, its costs those of renewal theory."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from sim.contract import Action
from tests.sim.line.lines import load, serial
from twin.forecast import Forecast, Plan
from twin.lab.core.privileged.condition import TrueCondition, cost_rates
from twin.lab.core.privileged.full_state import PrivilegedFullState
from twin.lab.core.privileged.speeds import SpeedRules
from twin.policies.base import WorkOrders
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

WEAR = {"life": 40_000.0, "rate_cv": 0.5, "noise_cv": 4.0, "level_sd": 0.15, "shock_life": 600_000.0}
UPKEEP = {"preventive": 600.0, "corrective": 6000.0, "preventive_cost": 100.0, "corrective_cost": 900.0}


def never(plans: Sequence[Plan]) -> Forecast:
    raise AssertionError(f"asked about {len(plans)} plans")


def test_failing_within_is_what_forks_of_the_plant_do() -> None:
    plant = serial([60.0] * 6, common={"wear": WEAR, "maintenance": UPKEEP})
    plant.advance(25_000.0)
    truth = plant.truth()
    names = [name for name, state in truth["state"].items() if state == "busy"]
    condition = TrueCondition(truth, names=names, now=plant.now)
    condition.busy[:] = 1.0
    told, failed = condition.fails_within(6000.0, np.ones(len(names))), np.zeros(len(names))
    for seed in range(150):
        fork = plant.fork(reseed=seed)
        fork.advance(fork.now + 6000.0)
        lives = fork.truth()["life"], fork.truth()["state"]
        failed += [lives[0][n] > truth["life"][n] or lives[1][n] == "down" for n in names]
    np.testing.assert_allclose(told, failed / 150, atol=0.13)
    assert told.max() > 0.3 > 0.05 > told.min()


def test_the_cost_rate_of_wear_without_grain_is_that_of_age_replacement() -> None:
    """A rate without spread and a normal level: the best limit of wear is the best age."""
    plant = load("cells")
    orders = WorkOrders(spec=plant.spec)
    names = [plant.spec.assets[a].name for a in orders.assets]
    condition = TrueCondition(plant.truth(), names=names, now=0.0)
    condition.laws.rate_cv[:], condition.laws.shock_life[:] = 0.0, np.inf
    told = cost_rates(condition, orders, np.ones(len(names)))
    sd = condition.laws.level_sd
    for i in range(len(names)):
        ages = np.linspace(0.01, 1.5, 3000)
        survival = 0.5 * (1 - np.array([math.erf(x) for x in (ages - 1) / sd[i] / 2**0.5]))
        time = np.cumsum(survival) * (ages[1] - ages[0]) * condition.laws.life[i] / condition.busy[i]
        best = ((orders.preventive[i] * survival + orders.corrective[i] * (1 - survival)) / time).min()
        assert told[i] == pytest.approx(best, rel=0.03)


def at(hour: float) -> Window:
    spec = load("cells").spec
    window = Window(spec=spec, cleaner=Cleaner(spec=spec))
    window.close(hour * 3600.0)
    return window


def test_speeds_follow_tariff_shift_and_state() -> None:
    window = at(12.0)
    rules = SpeedRules(spec=window.spec, peak=0.5, night=1.1, partner=1.2, cautious=0.6)
    base = {"saw_1.speed": 0.8}

    def speeds(hour: float, **state: bool) -> list[float]:
        wanted = rules.wanted(at(hour), base, alone=state.get("alone", False), at_risk={"saw_1"})
        return [round(wanted[key], 6) for key in ("saw_1.speed", "mill_1.speed")]

    assert speeds(12.0) == [0.8, 1.0]
    assert speeds(18.0) == [0.4, 0.5]  # the tariff's peak; .4 is the lower bound
    assert speeds(23.0, alone=True) == [0.528, 1.1]
    with pytest.raises(ValueError, match="peak = 0"):
        SpeedRules(spec=window.spec, peak=0.0)


def test_work_is_ordered_by_true_condition_and_reaches_over_the_night() -> None:
    plant = load("cells")
    policy = PrivilegedFullState(spec=plant.spec)
    with pytest.raises(ValueError, match="does not see"):
        policy.act(at(12.0), never)
    policy.connect(plant.truth)
    assert policy.act(at(12.0), never) == []
    worn = plant.truth()
    worn["wear"]["mill_1"] = 0.55
    worn["rate"] = dict.fromkeys(worn["rate"], 1.0)
    worn["state_seconds"]["mill_1"]["busy"] = 0.75 * 21.5 * 3600.0
    policy.connect(lambda: worn)
    noon, dusk = policy.act(at(12.0), never), policy.act(at(21.5), never)
    assert noon == []
    assert [action.actuator for action in dusk] == ["mill_1.maintain"]
    assert isinstance(dusk[0], Action)
