"""Dispatch of storage: the programme against results worked out by hand, the policies on a spec without a plant."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract import Actuator, Asset, Message, Objective, PlantSpec, Schedule, Signal
from tests.twin.toy import toy_spec
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.policies.storage.deferral import Deferral, marginal_price
from twin.policies.storage.linear_programme import DispatchProgram
from twin.policies.storage.mpc import MPC
from twin.policies.storage.net_load import DayPersistence
from twin.policies.storage.self_consumption import SelfConsumption
from twin.policies.storage.site import Storage, StorageSite
from twin.policies.storage.time_of_use import TimeOfUse
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

HOUR = 3600.0
STORAGE = Storage(capacity=10.0, power=5.0, efficiency=0.9)
CHEAP_THEN_DEAR = Schedule("tariff", "price", "EUR/kWh", (0.0, 12 * HOUR), (0.1, 0.5), 24 * HOUR)


def spec(**changes: Any) -> PlantSpec:
    """A house with a battery, panels and a meter."""
    plate = {"capacity": 10.0, "power": 5.0, "efficiency": 0.9}
    plain = PlantSpec(
        assets=(
            Asset("cells", "battery", plate),
            Asset("roof", "solar"),
            Asset("house", "load"),
            Asset("home", "site"),
        ),
        links=(),
        signals=(
            Signal("roof", "power", "power", "kW", 900.0),
            Signal("house", "power", "power", "kW", 900.0),
            Signal("cells", "stored", "stored_energy", "kWh", 900.0),
        ),
        actuators=(
            Actuator("cells", "power", "setpoint", "kW", -5.0, 5.0, 0.0),
            Actuator("cells", "follow", "setpoint", "", 0.0, 1.0, 1.0),
            Actuator("cells", "reserve", "setpoint", "kWh", 0.0, 10.0, 1.0),
        ),
        objective=Objective("", "EUR", -1, {"carbon": 0.1}),
        tick=HOUR,
        known_future=(CHEAP_THEN_DEAR, Schedule("carbon", "carbon", "kg/kWh", (0.0,), (0.2,))),
    )
    return replace(plain, **changes)


def window(hour: int, house: float, roof: float, stored: float, of: PlantSpec | None = None) -> Window:
    """After hour number `hour`, in which these were measured."""
    of = of or spec()
    result = Window(spec=of, cleaner=Cleaner(spec=of))
    add(result, hour, house, roof, stored)
    return result


def add(to: Window, hour: int, house: float, roof: float, stored: float) -> None:
    values = np.array([roof, house, stored])
    times = np.full(3, hour * HOUR)
    to.add(Message("telemetry", hour, hour * HOUR, hour * HOUR, np.arange(3, dtype=np.int32), times, values))
    to.close(hour * HOUR)


def wanted(policy: Any, seen: Window) -> dict[str, float]:
    return {action.actuator.removeprefix("cells."): action.value for action in policy.act(seen, None)}


def test_arbitrage_by_hand() -> None:
    """Two hours at 0.1, two at 0.5, a load of 2 kW: 4 kWh are needed late, 4 / 0.81 bought early for them."""
    program = DispatchProgram(steps=4, hours=1.0, storage=STORAGE)
    price = np.array([0.1, 0.1, 0.5, 0.5])
    plan = program.solve(net=np.full(4, 2.0), price=price, export_price=np.zeros(4), stored=0.0)
    assert plan.cost == pytest.approx(0.1 * (4.0 + 4.0 / 0.81))
    assert plan.imported[2:] == pytest.approx(0.0)
    assert plan.stored[1] == pytest.approx(4.0 / 0.9)


def test_a_spread_below_the_losses_is_left_alone() -> None:
    program = DispatchProgram(steps=2, hours=1.0, storage=STORAGE)
    plan = program.solve(net=np.ones(2), price=np.array([0.41, 0.5]), export_price=np.zeros(2), stored=0.0)
    assert plan.battery == pytest.approx(0.0)


def test_what_is_sold_earns() -> None:
    program = DispatchProgram(steps=1, hours=0.5, storage=STORAGE)
    plan = program.solve(net=np.array([-1.0]), price=np.array([0.3]), export_price=np.array([0.2]), stored=10.0)
    assert plan.cost == pytest.approx(-0.2 * 0.5 * 6.0)


def test_a_peak_that_costs_is_shaved_to_where_it_pays() -> None:
    """One hour of 4 kW among four: 3 kWh in store take it down to the 1 kW of the others."""
    program = DispatchProgram(steps=4, hours=1.0, storage=replace(STORAGE, efficiency=1.0), peaks=True)
    net, price = np.array([1.0, 1.0, 4.0, 1.0]), np.full(4, 0.2)
    plan = program.solve(net=net, price=price, export_price=np.zeros(4), stored=3.0, peak=0.5, peak_price=50.0)
    assert plan.imported.max() == pytest.approx(1.0)
    assert plan.cost == pytest.approx(4 * 0.2 + 0.5 * 50.0)
    free = program.solve(net=net, price=price, export_price=np.zeros(4), stored=3.0, peak=9.0, peak_price=50.0)
    assert free.cost == pytest.approx(4 * 0.2)


def carried_out(net: np.ndarray, price: np.ndarray, power: np.ndarray) -> float:
    stored, cost = 3.0, 0.0
    for load, paid, asked in zip(net, price, power, strict=True):
        given_ = float(np.clip(asked, -min(5.0, (10.0 - stored) / 0.9), min(5.0, stored * 0.9)))
        stored -= given_ / 0.9 if given_ > 0 else given_ * 0.9
        cost += max(load - given_, 0.0) * paid
    return cost


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(-6, 6), st.floats(0.01, 1), st.floats(-5, 5)), min_size=8, max_size=8))
def test_nothing_is_cheaper_than_the_programme_and_its_plan_costs_what_it_says(steps: Any) -> None:
    net, price, power = np.array(steps).T
    program = DispatchProgram(steps=8, hours=1.0, storage=STORAGE)
    plan = program.solve(net=net, price=price, export_price=np.zeros(8), stored=3.0)
    assert plan.cost <= carried_out(net, price, power) + 1e-7
    assert carried_out(net, price, plan.battery) == pytest.approx(plan.cost, abs=1e-6)


def test_prices_ahead_hold_carbon() -> None:
    price, export = StorageSite(spec=spec()).prices(11 * HOUR, 3)
    assert price == pytest.approx([0.12, 0.52, 0.52])
    assert export == pytest.approx(0.0)


def test_net_load_is_what_loads_draw_beyond_what_the_sun_gives() -> None:
    assert StorageSite(spec=spec()).net(window(1, house=3.0, roof=2.0, stored=1.0)) == 1.0
    assert np.isnan(StorageSite(spec=spec()).net(window(1, np.nan, np.nan, np.nan)))


def test_self_consumption_changes_only_what_is_not_so() -> None:
    policy, seen = SelfConsumption(spec=spec()), window(1, 3.0, 0.0, 5.0)
    assert wanted(policy, seen) == {}
    seen.setpoints[0, :] = [0.0, 2.0, 4.0]  # follow, power, reserve
    assert wanted(policy, seen) == {"follow": 1.0, "power": 0.0, "reserve": 1.0}


def test_the_clock_rule_is_city_learns() -> None:
    policy = TimeOfUse(spec=spec())
    assert wanted(policy, window(8, 1.0, 0.0, 5.0)) == {"follow": 0.0, "power": pytest.approx(-0.91)}
    assert wanted(policy, window(9, 1.0, 0.0, 5.0)) == {"follow": 0.0, "power": pytest.approx(0.8)}
    assert wanted(policy, window(22, 1.0, 0.0, 5.0))["power"] < 0


def test_mpc_charges_before_the_dear_hours_and_follows_in_them() -> None:
    policy = MPC(spec=spec(), horizon=12)
    assert wanted(policy, window(11, 3.0, 0.0, 1.0)) == {"follow": 0.0, "power": pytest.approx(-5.0)}
    assert wanted(policy, window(12, 3.0, 0.0, 9.0)) == {}


def test_mpc_keeps_what_it_has_for_dearer_hours() -> None:
    """At hour 10 the store is full and 0.1 is paid: it is kept for noon, but what is left over may come in."""
    assert wanted(MPC(spec=spec(), horizon=12), window(10, 3.0, 0.0, 10.0)) == {"reserve": 10.0}


def test_mpc_without_tracking_commands_the_planned_power() -> None:
    policy = MPC(spec=spec(), horizon=12, tracking=False)
    assert wanted(policy, window(12, 3.0, 0.0, 9.0)) == {"follow": 0.0, "power": pytest.approx(3.0)}


def test_mpc_waits_until_something_is_known() -> None:
    assert wanted(MPC(spec=spec()), window(1, np.nan, np.nan, np.nan)) == {}


def test_persistence_repeats_the_day_and_moves_it_by_the_last_deviation() -> None:
    site = StorageSite(spec=spec())
    plain, moved = DayPersistence(site=site), DayPersistence(site=site, memory=1e9)
    seen = window(1, 1.0, 0.0, 0.0)
    for policy in (plain, moved):
        assert policy.next(seen, None, 3) == pytest.approx(1.0)  # type: ignore[arg-type]
    for hour in range(2, 26):
        add(seen, hour, float(hour % 24 + (hour == 25)), 0.0, 0.0)
        ahead = [policy.next(seen, None, 2) for policy in (plain, moved)]  # type: ignore[arg-type]
    assert ahead[0] == pytest.approx([2.0, 3.0])
    assert ahead[1] == pytest.approx([3.0, 4.0])


def test_jobs_wait_while_a_cheaper_hour_is_coming() -> None:
    base = spec()
    defer = Actuator("car", "defer", "setpoint", "h", 0.0, 4.0, 0.0)
    can_wait = replace(base, assets=(*base.assets, Asset("car", "jobs")), actuators=(*base.actuators, defer))
    seen, deferral = window(1, 1.0, 0.0, 5.0, can_wait), Deferral(spec=can_wait)
    cheap_later, too_late = np.array([0.5, 0.5, 0.5, 0.2]), np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.2])
    assert [action.value for action in deferral.act(seen, cheap_later)] == [4.0]
    assert deferral.act(seen, too_late) == []
    assert Deferral(spec=base).act(seen, cheap_later) == []
    price = marginal_price(np.array([0.4, 0.4]), np.array([0.1, 0.1]), np.array([0.0, 2.0]))
    assert price.tolist() == [0.4, 0.1]


def test_work_orders_go_beside_dispatch() -> None:
    class Always(RunToFailure):
        def act(self, window: Window, predict: Any) -> list[Any]:
            return ["order"]

    for make in (SelfConsumption, TimeOfUse, partial(MPC, horizon=3)):
        policy: Any = make(spec=spec(), upkeep=Always)  # type: ignore[operator]
        assert policy.act(window(1, 1.0, 0.0, 5.0), None)[-1] == "order"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SelfConsumption(spec=toy_spec()), "no asset of type battery; it has pump, site"),
        (lambda: StorageSite(spec=spec(actuators=())), "needs a nameplate and setpoints"),
        (lambda: StorageSite(spec=spec(signals=spec().signals[:2])), "no signal of kind 'stored_energy'"),
        (lambda: TimeOfUse(spec=spec(), begin=20, end=9), "begin = 20"),
        (lambda: TimeOfUse(spec=spec(), charge=2.0), "charge = 2.0"),
        (lambda: MPC(spec=spec(), horizon=0), "horizon = 0"),
        (lambda: Deferral(spec=spec(), margin=-1.0), "margin = -1"),
        (lambda: DayPersistence(site=StorageSite(spec=spec()), memory=-1.0), "memory = -1"),
        (lambda: DispatchProgram(steps=0, hours=1.0, storage=STORAGE), "steps = 0"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
