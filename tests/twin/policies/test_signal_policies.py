"""Signal-control policies: what they read from the contract, what they order, and how they meet failed detectors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from sim.contract import Action
from sim.plants.traffic_network import TrafficNetwork
from tests.sim.road.networks import load
from tests.twin.toy import ToyFleet
from twin.policies.base import Policy
from twin.policies.crossings.actuated import Actuated
from twin.policies.crossings.delay_based import DelayBased
from twin.policies.crossings.fixed_time import FixedTime
from twin.policies.crossings.layout import crossings
from twin.policies.crossings.max_pressure import MaxPressure
from twin.policies.crossings.webster import Webster, cycle_of
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

POLICIES: dict[str, Callable[..., Policy]] = {
    "fixed_time": FixedTime,
    "webster": Webster,
    "actuated": Actuated,
    "delay_based": DelayBased,
    "max_pressure": MaxPressure,
}


def drive(plant: TrafficNetwork, policy: Policy, hours: float) -> list[Action]:
    """Let a policy decide every tick; returns all that it ordered."""
    window, tick, sent = Window(spec=plant.spec, cleaner=Cleaner(spec=plant.spec)), plant.spec.tick, []
    for number in range(1, round(hours * 3600 / tick) + 1):
        for message in plant.advance(number * tick):
            window.add(message)
        window.close(number * tick)
        window.final()
        actions = policy.act(window, no_forecast)
        for action in actions:
            plant.apply(action)
        sent += actions
    return sent


def no_forecast(_: Any) -> Any:
    raise AssertionError("a baseline asks for no forecast")


def day(seed: int = 1, **changes: Any) -> TrafficNetwork:
    """The corridor from the morning's demand on."""
    return load("corridor", seed, **{"wear": False, "profile": [1.3], "incidents": {}, **changes})


def test_crossings_are_read_from_types_and_links() -> None:
    plant = day()
    network = crossings(plant.spec)
    assert [crossing.name for crossing in network] == ["A1", "B1", "C1", "D1"]
    names = [asset.name for asset in plant.spec.assets]
    stage = network[1].stages[0]
    assert (stage.name, stage.lost_time, stage.intergreen) == ("B1_ew", pytest.approx(6.83), 5.0)
    assert [names[a.link] for a in stage.approaches] == ["A1_B1", "C1_B1"]
    assert [names[a.detector] for a in stage.approaches] == ["A1_B1_loop", "C1_B1_loop"]
    assert stage.approaches[0].saturation == 3800.0
    assert [names[link] for link in stage.approaches[0].downstream] == ["B1_C1"]


@pytest.mark.parametrize("name", POLICIES)
def test_a_plant_without_signals_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="the plant has no signals"):
        POLICIES[name](spec=ToyFleet(seed=1).spec)


def test_websters_cycle() -> None:
    assert cycle_of(2 * 6.83, 1200.0 / 1998.0) == pytest.approx(63.8, abs=0.05)
    with pytest.raises(ValueError, match="load = 1"):
        cycle_of(10.0, 1.0)


def test_webster_sends_the_plan_that_the_formula_gives() -> None:
    plant = load(
        "crossing",
        3,
        tick=10.0,
        grid={
            "rows": 1,
            "columns": 1,
            "entry": 500.0,
            "flow": 1998.0,
            "demand": {"ew": 720.0, "ns": 480.0},
        },
    )
    sent = drive(plant, Webster(spec=plant.spec, span=3600.0), 3.0)
    last = {action.actuator: action.value for action in sent}
    assert last["A1.cycle"] == pytest.approx(63.8, rel=0.06)
    effective = last["A1.cycle"] - 13.66
    assert last["A1_ew.split"] == pytest.approx((0.6 * effective + 1.83) / (effective + 3.66), abs=0.02)


def test_measured_plans_beat_the_wrong_one() -> None:
    wrong = {"cycle": 120.0, "splits": [0.5, 0.5]}
    delays = {}
    for name, make in {**POLICIES, "wrong": partial(FixedTime, **wrong)}.items():
        plant = day()
        drive(plant, make(spec=plant.spec), 2.0)
        delays[name] = plant.figures()["control_delay"]
    assert max(delays[name] for name in ("webster", "actuated", "max_pressure")) < 0.8 * delays["wrong"]


@pytest.mark.parametrize("name", ["webster", "actuated", "delay_based", "max_pressure"])
@pytest.mark.parametrize("failed", [0.3, 1.0])
def test_failed_detectors_starve_nobody(name: str, failed: float) -> None:
    """No queue outgrows its link where nobody sees it, from the first tick on."""
    plant = day(detectors={"failed": failed, "life": 1e9})
    drive(plant, POLICIES[name](spec=plant.spec), 3.0)
    figures = plant.figures()
    assert figures["vehicles_outside"] < 20
    assert figures["control_delay"] < 45


def test_actuated_falls_back_on_flows_and_comes_back() -> None:
    plant = day(
        detectors={"life": 4000.0, "corrective": 600.0, "notice": 60.0},
        wear=True,
        pavement={"life": 1e9},
        controllers={"life": 1e9},
    )
    sent = drive(plant, Actuated(spec=plant.spec), 3.0)
    changes = [action.value for action in sent if action.actuator == "B1_ew.min_green"]
    assert changes[0] == 5.0
    assert max(changes) > 10.0  # the main road's share of a cycle
    assert 5.0 in changes[changes.index(max(changes)) :]  # repaired: taken off again


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (partial(Webster, every=0.0), "every = 0.0"),
        (partial(Webster, least=90.0, most=50.0), "least = 90.0"),
        (partial(Actuated, extension=0.0), "extension = 0.0"),
        (partial(Actuated, cover=0.0), "cover = 0.0"),
        (partial(Actuated, min_green=70.0), "min_green = 70.0"),
        (partial(DelayBased, max_green=3.0), "max_green = 3.0"),
        (partial(MaxPressure, stay=0.5), "stay = 0.5"),
        (partial(MaxPressure, cover=0.0), "cover = 0.0"),
        (partial(FixedTime, splits=[1.0]), "A1 has 2 stages"),
    ],
)
def test_bad_numbers_are_told(make: Callable[..., Policy], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(spec=day().spec)
