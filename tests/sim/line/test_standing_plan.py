"""Standing plans of maintenance: by age, by the calendar, by wear, by opportunity."""

from __future__ import annotations

from typing import Any

import pytest

from sim import contract
from sim.plants.production_line import ProductionLine


def line(common: dict[str, Any] | None = None, **stations: dict[str, Any]) -> ProductionLine:
    return ProductionLine(seed=1, stations=stations, common=common, technicians=5, tick=1e9, sample=1e9)


def started(plant: ProductionLine) -> list[tuple[str, float]]:
    return [(e.asset, e.time) for e in plant.journal() if e.kind == contract.MAINTENANCE_STARTED]


def test_age_counts_work_since_the_last_renewal_and_waits_for_the_end_of_the_cycle() -> None:
    plant = line(a={"cycle": 10.0, "maintenance": {"preventive": 7.0, "corrective": 1.0, "plan": {"age": 35.0}}})
    plant.advance(150.0)
    assert started(plant) == [("a", 40.0), ("a", 87.0), ("a", 134.0)]


def test_work_that_interrupts_begins_in_the_middle_and_the_rest_is_done_afterwards() -> None:
    upkeep = {"preventive": 7.0, "corrective": 1.0, "interrupts": True, "plan": {"age": 35.0}}
    plant = line(a={"cycle": 10.0, "maintenance": upkeep})
    plant.advance(47.0)
    assert started(plant) == [("a", 35.0)]
    assert plant.cycles()["a"] == 4
    assert plant._stations["a"].worked == pytest.approx(50.0)  # the fifth cycle is under way, to its end


def test_every_goes_by_the_calendar() -> None:
    plant = line(a={"cycle": 10.0, "maintenance": {"preventive": 7.0, "corrective": 1.0, "plan": {"every": 100.0}}})
    plant.advance(250.0)
    assert started(plant) == [("a", 107.0 - 7.0), ("a", 207.0)]


def test_wear_is_looked_at_when_a_cycle_ends() -> None:
    upkeep = {"preventive": 4.0, "corrective": 10.0, "plan": {"wear": 0.75}}
    plant = line(a={"cycle": 1.0, "wear": {"states": 5, "step": 1.0}, "maintenance": upkeep})
    plant.advance(15.0)
    assert started(plant) == [("a", 3.0), ("a", 10.0)]
    assert plant.kpis()["maintenance_corrective"] == 0


def test_an_opportunity_is_taken_from_a_share_of_the_age_on() -> None:
    plan = {"age": 1000.0, "opportunistic": 0.5}
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 10.0, "to": "b", "failures": {"x": {"time": {"scipy": "uniform", "loc": 400.0, "scale": 1e-9}}}},
        "b": {"cycle": 10.0, "buffer": 5, "maintenance": {"plan": plan}},
    }
    plant = line({"maintenance": {"preventive": 20.0, "corrective": 50.0}}, **stations)
    plant.advance(2000.0)
    begun = dict(reversed(started(plant)))
    assert begun == {"b": pytest.approx(850.0, abs=11.0)}  # a's second failure; at the first b was too young


def test_a_repair_restarts_the_age() -> None:
    upkeep = {"preventive": 7.0, "corrective": 5.0, "interrupts": True, "plan": {"age": 35.0}}
    plant = line(a={"cycle": 10.0, "maintenance": upkeep, "failures": {"x": {"time": 20.0, "clock": "time"}}})
    plant.advance(400.0)
    assert started(plant) == []


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ({"age": -1.0}, "a.maintenance.plan.age = -1.0: must be a number > 0"),
        ({"opportunistic": 0.5}, "must have one of age, every, wear"),
        ({"age": 5.0, "opportunistic": 1.5}, "opportunistic = 1.5"),
        ({"wear": 0.5}, "the station has no wear"),
        ({"moon": 1.0}, "'moon' is unknown"),
    ],
)
def test_bad_plans_are_named(plan: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        line(a={"cycle": 1.0, "maintenance": {"preventive": 1.0, "corrective": 1.0, "plan": plan}})
