"""What a plan is worth: closed-form cases of orders, setpoints and fresh assets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from sim.contract import OrderCost, PlantSpec
from tests.twin.toy import TICK, toy_spec
from twin.forecast import QUANTILES, Forecast, Plan
from twin.lab.bench.fidelity.accelerated_life import AcceleratedLife
from twin.lab.bench.fidelity.fresh_hazard import fresh_hazard
from twin.lab.bench.fidelity.plan_value import PlanValue, objective_mean, order_gain, shrunk
from twin.lab.bench.fidelity.setpoint_history import SetpointHistory
from twin.layout import Layout
from twin.sensing.cleaning import Cleaner
from twin.sensing.lives import DOWN, Life, Lives
from twin.sensing.window import Window

H = 12
COST = OrderCost("pump_0", "pump_0.maintain", 100.0, 900.0, 0.0, 0.0, 0.0)
FOREVER = np.ones((1, H + 1))
SECOND = 0.05  # of standstill, EUR


def doomed(at: int) -> np.ndarray:
    """[1, H + 1] survival of an asset that fails for certain within this tick."""
    return (np.arange(H + 1) < at).astype(float)[None]


def predict(spec: PlantSpec, hazard: float, slope: float = 0.0, spread: float = 1.0):  # type: ignore[no-untyped-def]
    """A forecast of 10 per tick plus `slope` times the first asset's speed above 1, and a hazard per tick for all."""
    layout = Layout(spec)

    def told(plans: Sequence[Plan]) -> Forecast:
        assert all(np.isinf(plan.orders).all() for plan in plans)  # what orders do is no question to the surrogate
        quantiles = np.full((len(plans), len(spec.assets), 2, 2, len(QUANTILES)), np.nan)
        moved = np.array([plan.setpoints[0, 0] - 1.0 for plan in plans])
        levels = spread * (np.array(QUANTILES) - 0.5)
        quantiles[:, -1, :, layout.target_names.index("profit")] = (10 + slope * moved)[:, None, None] + levels
        chance = np.full((len(plans), len(spec.assets), H, 1), hazard)
        return Forecast((1, H), layout.target_names, tuple(np.arange(H + 1.0)), quantiles, chance)

    return told


def scene(spec: PlantSpec, ticks: int = 1000) -> Window:
    window = Window(spec=spec, cleaner=Cleaner(spec=spec))
    window.close(ticks * spec.tick)
    return window


def moved(spec: PlantSpec, times: int = 4000) -> PlanValue:
    """A worth that has seen the first asset's speed at 0.5 and at 1.5 in turn, for a tick each."""
    worth, window = PlanValue(spec=spec), scene(spec)
    for tick in range(times):
        window.setpoints[0, 0] = 0.5 + tick % 2
        worth.observe(window)
    return worth


def test_an_asset_sure_to_fail_is_worth_the_difference() -> None:
    assert order_gain(COST, doomed(7), FOREVER, ticks=3, tick=TICK) == pytest.approx([800.0])


def test_one_that_cannot_fail_costs_the_planned_work() -> None:
    assert order_gain(COST, FOREVER, FOREVER, ticks=3, tick=TICK) == pytest.approx([-100.0])
    assert order_gain(COST, FOREVER, FOREVER, ticks=np.inf, tick=TICK) == pytest.approx([0.0])
    assert order_gain(COST, FOREVER, FOREVER, ticks=H, tick=TICK) == pytest.approx([0.0])


def test_an_order_after_the_failure_is_in_vain() -> None:
    assert order_gain(COST, doomed(3), FOREVER, ticks=8, tick=TICK) == pytest.approx([-100.0])  # it is up again
    slow = replace(COST, corrective_time=20 * TICK)
    assert order_gain(slow, doomed(3), FOREVER, ticks=8, tick=TICK) == pytest.approx([0.0])  # it is refused


def test_standstill_counts_as_far_as_the_horizon() -> None:
    cost = replace(COST, preventive_time=2 * TICK, corrective_time=4 * TICK, downtime_cost=SECOND)
    tick = SECOND * TICK
    assert order_gain(cost, doomed(7), FOREVER, ticks=3, tick=TICK) == pytest.approx([800 + 2 * tick])
    assert order_gain(cost, doomed(11), FOREVER, ticks=3, tick=TICK) == pytest.approx([800 - 0.5 * tick])
    assert order_gain(cost, FOREVER, FOREVER, ticks=11, tick=TICK) == pytest.approx([-100 - tick])


def test_a_memoryless_asset_gains_nothing_by_being_renewed() -> None:
    survival = np.exp(-0.01 * np.arange(H + 1))
    gain = order_gain(COST, survival[None], survival[None], ticks=0, tick=TICK)
    again = 900 * sum(
        0.01 * (1 - np.exp(-0.01 * n)) for n in range(H)
    )  # second failures, which only left alone are counted
    assert gain == pytest.approx([-100.0 + again], rel=0.01)


def test_orders_add_up_whatever_the_order_of_assets() -> None:
    spec = toy_spec()
    turned = replace(
        spec,
        assets=(*spec.assets[2::-1], spec.assets[3]),
        objective=replace(spec.objective, orders=spec.objective.orders[::-1]),
    )
    found = []
    for one in (spec, turned):
        hold = scene(one).hold()
        plans = [hold, *(hold.with_order(one.asset_index[f"pump_{i}"], 2.0 * i) for i in (0, 2))]
        plans.append(plans[1].with_order(one.asset_index["pump_2"], 4.0))
        found.append(PlanValue(spec=one).of(plans, scene(one), predict(one, 0.1)))
    assert found[0] == pytest.approx(found[1])
    assert found[0][0] == pytest.approx(10.0 * H)
    assert found[0][3] - found[0][0] == pytest.approx(found[0][1] + found[0][2] - 2 * found[0][0])


def test_a_cost_is_reversed_and_an_order_still_costs() -> None:
    spec = toy_spec()
    costly = replace(spec, objective=replace(spec.objective, sense=-1))
    window = scene(costly)
    plans = [window.hold(), window.hold().with_order(0)]
    left, ordered = PlanValue(spec=costly).of(plans, window, predict(costly, 0.0))
    assert left == pytest.approx(-10.0 * H)
    fresh = np.exp(-fresh_hazard(window.lives, [0, 1, 2], now=window.now, ages=TICK * np.arange(H + 1.0)))[:1]
    alone = order_gain(spec.objective.orders[0], FOREVER, fresh, ticks=0, tick=TICK)[0]
    assert ordered - left == pytest.approx(alone)
    assert alone < -106.0  # 100 and 600 s at 0.01


def test_setpoints_alone_are_learned_as_far_as_they_stand_out() -> None:
    spec = toy_spec()
    window = scene(spec)
    plans = [window.hold(), window.hold().with_setpoint(0, 0, 1.5)]
    sure = moved(spec).of(plans, window, predict(spec, 0.1, slope=4.0, spread=1e-6))
    assert sure == pytest.approx([10.0 * H, 12.0 * H])
    vague = moved(spec).of(plans, window, predict(spec, 0.1, slope=4.0, spread=1000.0))
    assert vague == pytest.approx([10.0 * H, 10.0 * H])
    for spread in (0.0, 1e-6):
        never = PlanValue(spec=spec).of(plans, window, predict(spec, 0.1, slope=4.0, spread=spread))
        assert never == pytest.approx([10.0 * H, 10.0 * H])


def test_the_error_of_a_setpoints_effect_is_that_of_a_regression() -> None:
    random, horizon, blocks = np.random.default_rng(0), 6, 400
    level = random.normal(0, [1.0, 2.0], (blocks, 2))
    by, found = np.array([1.5, -1.0]), []
    for _ in range(500):
        label = random.normal(0, 1, blocks)
        found.append(float(by @ np.linalg.lstsq(np.c_[level, np.ones(blocks)], label, rcond=None)[0][:2]))
    moves = SetpointHistory(assets=1, slots=2)
    for row in np.repeat(level, horizon, 0):  # moved as often as labels follow one another
        moves.observe(row[None])
    told = moves.leverage(np.array([by[None], 0 * by[None]]), horizon)
    assert told == pytest.approx([np.std(found), 0.0], rel=0.1)
    often = moves.leverage(by[None, None], 1)  # more labels do not help where there are few moves
    assert often == pytest.approx(told[:1], rel=0.01)
    assert np.isinf(SetpointHistory(assets=1, slots=2).leverage(by[None, None], horizon)).all()


def test_shrinking_keeps_sign_and_order() -> None:
    effect = np.array([-5.0, -1.0, 0.0, 0.5, 2.0, 4.0])
    assert shrunk(effect, np.ones(6)) == pytest.approx([-4.8, 0.0, 0.0, 0.0, 1.5, 3.75])
    assert shrunk(effect, np.zeros(6)) == pytest.approx(effect)
    assert shrunk(effect, np.full(6, np.inf)) == pytest.approx(np.zeros(6))


def test_what_is_down_takes_no_order_until_it_is_back() -> None:
    spec = toy_spec()
    window = scene(spec)
    window.lives.state[0], window.lives.since[0] = DOWN, window.now - 1000.0  # of 6000 s: 8 1/3 ticks to come
    plans = [window.hold(), *(window.hold().with_order(0, ticks) for ticks in (0, 8, 9))]
    gain = PlanValue(spec=spec).of(plans, window, predict(spec, 0.1)) - 10.0 * H
    assert gain == pytest.approx([0.0, 0.0, 0.0, -106.0])


def test_chances_of_standing_are_those_of_the_forecast() -> None:
    forecast = predict(toy_spec(), 0.1)([scene(toy_spec()).hold()])
    coarse = replace(forecast, edges=(0.0, 3.0, 9.0), hazard=forecast.hazard[:, :, :2])
    found = coarse.survival_at(np.arange(H + 1.0))
    for ticks in range(1, H + 1):
        assert 1 - found[..., ticks] == pytest.approx(coarse.failure_within(ticks))


def test_an_objective_that_is_not_forecast_is_refused() -> None:
    spec = toy_spec()
    blind = replace(spec, signals=tuple(replace(s, forecast=s.kind != "profit") for s in spec.signals))
    with pytest.raises(ValueError, match="no signal that is forecast"):
        PlanValue(spec=blind)


def test_the_mean_is_that_of_the_quantiles() -> None:
    spec = toy_spec()
    found = predict(spec, 0.0, spread=4.0)([scene(spec).hold(), scene(spec).hold().with_setpoint(0, 0, 1.5)])
    assert objective_mean(found, spec, Layout(spec)) == pytest.approx([10.0, 10.0])


def test_the_fresh_hazard_is_found_again() -> None:
    random = np.random.default_rng(0)
    lives, now = Lives(toy_spec()), 1e9
    shape, scale = 3.0, 1000.0
    for asset in range(3):
        for life in scale * random.weibull(shape, 400):
            censored = random.exponential(1500.0)
            lives.finished.append(Life(asset, 0.0, min(life, censored), 0 if life < censored else -1))
    lives.renewed[:] = now
    ages = np.array([200.0, 500.0, 1000.0])
    found = fresh_hazard(lives, [0, 1, 2], now=now, ages=ages)
    assert found.shape == (3, 3)
    assert found == pytest.approx(np.tile((ages / scale) ** shape, (3, 1)), rel=0.25, abs=0.01)


def test_a_fresh_hazard_before_any_failure_is_small_and_positive() -> None:
    lives = Lives(toy_spec())
    found = fresh_hazard(lives, [0, 1, 2], now=1e6, ages=np.array([0.0, 1e4]))
    assert np.all(found[:, 0] == 0)
    assert np.all((found[:, 1] > 0) & (found[:, 1] < 0.5))


def test_faster_ageing_costs_failures_and_is_not_counted_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = toy_spec()
    monkeypatch.setattr(AcceleratedLife, "slopes", lambda *_: np.array([1.0]))
    window = scene(spec)
    plans = [window.hold(), *(window.hold().with_setpoint(0, 0, speed) for speed in (0.5, 1.5))]
    vague = PlanValue(spec=spec).of(plans, window, predict(spec, 0.02, slope=4.0, spread=1e4))
    assert vague[1] > vague[0] > vague[2]
    assert vague[0] == pytest.approx(10.0 * H)
    few = 0.02 * H * 900 * (1 - np.exp(-0.5))  # failures avoided, most of it
    assert vague[1] - vague[0] == pytest.approx(few, rel=0.25)
    sure = moved(spec).of(plans, window, predict(spec, 0.02, slope=4.0, spread=1e-6))
    assert sure == pytest.approx([10.0 * H, 8.0 * H, 12.0 * H], abs=0.01)  # learned, failures and all


def test_a_worth_goes_on_from_its_state() -> None:
    spec = toy_spec()
    window = scene(spec)
    one, again = moved(spec), PlanValue(spec=spec)
    again.load(one.state())
    plans = [window.hold(), window.hold().with_order(1, 3.0), window.hold().with_setpoint(0, 0, 1.5)]
    told = one.of(plans, window, predict(spec, 0.1, slope=4.0))
    assert np.array_equal(told, again.of(plans, window, predict(spec, 0.1, slope=4.0)))
    assert told[2] - told[0] > 1.0  # what has been learned of the setpoint is there
