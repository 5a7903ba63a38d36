"""The line under command: what is applied, refused, late or sent twice."""

from __future__ import annotations

import math

import pytest

from sim import contract
from sim.contract import Action
from tests.sim.line.lines import serial, shop


def test_a_setpoint_is_applied_and_speeds_the_station_up() -> None:
    slow, fast = serial([10.0]), serial([10.0])
    fast.apply(Action(0.0, "s0.speed", 1.25))
    slow.advance(10_000.0)
    fast.advance(10_000.0)
    assert [e.kind for e in fast.journal()] == [contract.COMMAND_APPLIED]
    assert (slow.kpis()["good_parts"], fast.kpis()["good_parts"]) == (1000.0, 1250.0)  # the first cycle begins after it


@pytest.mark.parametrize(
    ("actuator", "value", "says"),
    [
        ("a.speed", 9.0, "value = 9: must be in"),
        ("a.speed", math.nan, "value = nan"),
        ("nowhere.speed", 1.0, "no such actuator"),
    ],
)
def test_an_impossible_command_is_refused_with_an_event(actuator: str, value: float, says: str) -> None:
    plant = shop()
    plant.apply(Action(0.0, actuator, value))
    (event,) = [e for e in plant.journal() if e.kind == contract.COMMAND_REFUSED]
    assert says in event.detail
    assert event.detail.startswith(actuator)
    assert plant.kpis()["commands_refused"] == 1.0


def test_work_is_refused_on_an_asset_that_is_down_ordered_or_under_maintenance() -> None:
    plant = shop()
    plant.advance(1000.0)
    plant.apply(Action(1000.0, "a.maintain"))
    plant.apply(Action(1000.0, "a.maintain"))
    assert [e.kind for e in plant.journal() if "command" in e.kind] == [
        contract.COMMAND_APPLIED,
        contract.COMMAND_REFUSED,
    ]
    while plant.truth()["state"]["a"] != "maintenance":
        plant.advance(plant.now + 5.0)
    plant.apply(Action(plant.now, "a.maintain"))
    assert "maintenance" in plant.journal()[-1].detail
    while "down" not in plant.truth()["state"].values():
        plant.advance(plant.now + 5.0)
    down = next(name for name, state in plant.truth()["state"].items() if state == "down")
    plant.apply(Action(plant.now, f"{down}.maintain"))
    assert "down" in plant.journal()[-1].detail


def test_a_late_command_is_told() -> None:
    plant = shop(network={"downlink": {"latency": 700.0}})
    plant.apply(Action(0.0, "a.speed", 1.1))
    plant.advance(1000.0)
    late = [e for e in plant.journal() if e.kind == contract.COMMAND_LATE]
    assert [(e.time, e.value, e.detail) for e in late] == [(700.0, 700.0, "a.speed")]
    assert plant.kpis()["commands_late"] == 1.0


def test_a_command_that_arrives_twice_is_carried_out_once() -> None:
    plant = shop(network={"downlink": {"duplicate": 1.0, "latency": 5.0}})
    plant.apply(Action(0.0, "a.maintain"))
    plant.advance(100.0)
    commands = [e.kind for e in plant.journal() if "command" in e.kind]
    assert commands == [contract.COMMAND_APPLIED]


# Common random numbers
