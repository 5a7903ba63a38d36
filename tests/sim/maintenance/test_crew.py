"""Technicians and spare parts: who is served when."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim import contract
from sim.contract import Action
from sim.plants.production_line import ProductionLine


def machines(count: int = 2, **plant: Any) -> ProductionLine:
    """Machines side by side that never fail by themselves; planned work takes 100 s, repair 300 s."""
    stations = {f"m{i}": {"cycle": 10.0, "priority": float(i)} for i in range(count)}
    common = {"maintenance": {"preventive": 100.0, "corrective": 300.0}}
    given: dict[str, Any] = {"seed": 1, "technicians": 1, "tick": 1e9, "sample": 1e9}
    return ProductionLine(stations=stations, **(given | {"common": common} | plant))


def times(plant: ProductionLine, kind: str) -> dict[str, float]:
    return {event.asset: event.time for event in plant.journal() if event.kind == kind}


def test_planned_work_waits_for_the_end_of_the_cycle_and_for_a_technician() -> None:
    plant = machines()
    plant.advance(15.0)
    plant.apply(Action(15.0, "m0.maintain"))
    plant.apply(Action(15.0, "m1.maintain"))
    plant.advance(15.0)
    assert plant.truth()["state"] == {"m0": "busy", "m1": "busy"}
    plant.advance(400.0)
    assert times(plant, contract.MAINTENANCE_STARTED) == {"m0": 20.0, "m1": 120.0}
    assert plant.truth()["state_seconds"]["m0"]["maintenance"] == 100.0


def test_failures_go_first_and_then_the_higher_priority() -> None:
    plant = machines(4)
    for name in ("m0", "m1", "m2"):
        plant.apply(Action(0.0, f"{name}.maintain"))
    plant.advance(5.0)
    plant._stations["m3"].break_down("wear", None)
    plant.advance(2000.0)
    events = plant.journal()
    started = [e.asset for e in events if e.kind in (contract.MAINTENANCE_STARTED, contract.REPAIR_STARTED)]
    assert started == ["m0", "m3", "m2", "m1"]


def test_nobody_comes_before_the_shift_begins_and_a_job_begun_is_finished() -> None:
    plant = machines(shifts={"times": [0.0, 1000.0, 1050.0], "values": [0.0, 1.0, 0.0], "repeat": 5000.0})
    plant.apply(Action(0.0, "m0.maintain"))
    plant.apply(Action(0.0, "m1.maintain"))
    plant.advance(10_000.0)
    events = plant.journal()
    assert [(e.asset, e.kind, e.time) for e in events if e.kind.startswith("maint")] == [
        ("m1", contract.MAINTENANCE_STARTED, 1000.0),
        ("m1", contract.MAINTAINED, 1100.0),
        ("m0", contract.MAINTENANCE_STARTED, 6000.0),
        ("m0", contract.MAINTAINED, 6100.0),
    ]
    assert [schedule.name for schedule in plant.spec.known_future] == ["tariff", "shifts"]


def test_technicians_are_never_more_than_there_are() -> None:
    plant = machines(6, technicians=2)
    for i in range(6):
        plant.apply(Action(0.0, f"m{i}.maintain"))
    plant.advance(1000.0)
    at_work = most = 0
    for event in plant.journal():
        at_work += (event.kind == contract.MAINTENANCE_STARTED) - (event.kind == contract.MAINTAINED)
        most = max(most, at_work)
    assert (most, at_work) == (2, 0)
    assert plant._crews[0].busy_seconds == pytest.approx(600.0, abs=6 * 10.0)  # and the wait for the cycle's end


def test_a_job_waits_for_its_spare_part() -> None:
    common = {"maintenance": {"preventive": 100.0, "corrective": 300.0, "spare": "bearing"}}
    plant = machines(3, technicians=3, common=common, spares={"bearing": {"stock": 1, "lead_time": 505.0}})
    for i in range(3):
        plant.apply(Action(0.0, f"m{i}.maintain"))
    plant.advance(3000.0)
    assert times(plant, contract.MAINTENANCE_STARTED) == {"m0": 0.0, "m1": 510.0, "m2": 510.0}
    (shelf,) = [c for c in plant.kernel.components.values() if c.name == "spares.bearing"]
    assert shelf.on_hand == shelf.stock == 1  # type: ignore[attr-defined]


def test_lines_with_shifts_and_spares_fork_alike() -> None:
    common = {
        "wear": {"life": math.inf, "shock_life": 400.0},
        "maintenance": {"preventive": 100.0, "corrective": 300.0, "spare": "bearing"},
    }
    plant = machines(
        4,
        technicians=2,
        common=common,
        spares={"bearing": {"stock": 1, "lead_time": {"law": "exponential", "mean": 200.0}}},
        shifts={"times": [0.0, 2000.0], "values": [2.0, 1.0], "repeat": 4000.0},
    )
    plant.advance(3333.0)
    fork = plant.fork()
    plant.advance(20_000.0)
    fork.advance(20_000.0)
    assert plant.kpis() == fork.kpis()
    assert plant.kpis()["maintenance_corrective"] > 20


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"shifts": {"times": [0.0], "values": [0.0]}}, "someone must be on duty"),
        ({"shifts": {"times": 3, "values": [0.0]}}, "shifts.times = 3"),
        ({"shifts": {"times": [0.0], "values": [-1.0]}}, "shifts.values = -1.0"),
        ({"spares": {"belt": {"stock": -1, "lead_time": 3.0}}}, "spares.belt.stock = -1"),
        ({"spares": {"belt": {"stock": 1}}}, "spares.belt.lead_time: mean = None"),
        ({"common": {"maintenance": {"preventive": 1.0, "corrective": 1.0, "spare": "bolt"}}}, "spare = 'bolt'"),
    ],
)
def test_bad_crews_and_spares_are_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        machines(**changes)
