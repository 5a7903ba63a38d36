"""How busy people are, who waits for them, and who finds no room: exact at any time, jobs in progress included."""

from __future__ import annotations

from typing import Any

import pytest

from sim.contract import Action
from sim.plants.production_line import ProductionLine
from sim.units import HOUR
from tests.sim.maintenance.test_crew import machines
from tests.sim.road.networks import QUIET, TrafficNetwork, road, signalled


def figure(plant: Any, name: str) -> float:
    return float(plant.kpis()[name])


def test_a_failure_waits_for_a_crew_until_the_run_ends() -> None:
    plant = machines(2)  # one technician; a repair takes 300 s
    plant.advance(100.0)
    for name in ("m0", "m1"):
        plant._stations[name].break_down("wear", None)
    for time, waited in ((100.0, 0.0), (250.0, 150.0), (400.0, 300.0), (550.0, 300.0)):
        plant.advance(time)
        assert figure(plant, "downtime_waiting_hours") == pytest.approx(waited / HOUR)
    assert figure(plant, "crew_utilisation") == pytest.approx(450.0 / 550.0)


def test_planned_work_costs_from_its_beginning_on() -> None:
    plant = machines(1, common={"maintenance": {"preventive": 100.0, "corrective": 300.0, "preventive_cost": 7.0}})
    plant.apply(Action(0.0, "m0.maintain"))
    plant.advance(11.0)
    assert (figure(plant, "maintenance_cost"), figure(plant, "maintenance_preventive")) == (7.0, 0.0)
    plant.advance(111.0)
    assert (figure(plant, "maintenance_cost"), figure(plant, "maintenance_preventive")) == (7.0, 1.0)


def test_each_crew_s_utilisation_is_of_the_time_it_is_there() -> None:
    """By day one mechanic for 1000 of 2000 s; a job of 300 s begun 100 s before the end goes on in overtime."""
    shifts = {"times": [0.0, 1000.0], "values": [1.0, 0.0], "repeat": 2000.0}
    plant = machines(2, crews={"day": {"shifts": shifts, "skills": ["any"]}, "night": {"skills": ["other"]}})
    plant.advance(900.0)
    assert figure(plant, "crew_utilisation") == 0.0
    plant._stations["m0"].break_down("wear", None)
    plant.advance(1500.0)
    kpis = plant.kpis()
    assert kpis["crew_utilisation_day"] == pytest.approx(300.0 / 1200.0)
    assert kpis["crew_utilisation_night"] == 0.0
    assert kpis["crew_utilisation"] == pytest.approx(300.0 / 2700.0)


def test_operators_are_busy_with_the_cycle_in_hand() -> None:
    stations = {
        "a": {"cycle": 100.0, "operators": "hall", "arrivals": 400.0},
        "b": {"cycle": 50.0, "operators": "hall"},
    }
    plant = ProductionLine(seed=1, stations=stations, operators={"hall": 2, "spare": 2}, tick=1e9, sample=1e9)
    plant.advance(450.0)  # `b` works all the time, `a` from 400 s on
    kpis = plant.kpis()
    assert kpis["operator_utilisation_hall"] == pytest.approx((450.0 + 50.0) / 900.0)
    assert kpis["operator_utilisation_spare"] == 0.0
    assert kpis["operator_utilisation"] == pytest.approx(500.0 / 1800.0)
    assert "operator_utilisation" not in machines(1).kpis()


def test_parts_that_find_no_place_are_counted() -> None:
    """One comes every 10 s, work takes 40 s, one can wait."""
    stations = {"a": {"cycle": 40.0, "arrivals": 10.0, "buffer": 1}}
    plant = ProductionLine(seed=1, stations=stations, tick=1e9, sample=1e9)
    plant.advance(105.0)  # those of 10, 20, 50 and 90 s are let in
    assert (figure(plant, "parts_entered"), figure(plant, "arrivals_refused")) == (4.0, 6.0)
    fork, saved = plant.fork(), plant.restore(plant.snapshot())
    for each in (plant, fork, saved):
        each.advance(125.0)
        assert figure(each, "arrivals_refused") == 8.0


def test_vehicles_that_find_no_room_are_counted_and_those_that_stand_have_stopped() -> None:
    """A road of two places whose signal never opens."""
    links = {"a": {"length": 15.0, "demand": 600.0}, "b": {"length": 15.0}}
    plant = signalled({"a": {"links": ["a"], "split": 1e-9}, "b": {"links": ["b"]}}, links, cycle=1e6)
    plant._roads.signals["J"].ask(1)
    before = -1.0
    for time in (600.0, 1200.0, 1800.0):
        plant.advance(time)
        kpis = plant.kpis()
        assert kpis["vehicles_arrived"] > kpis["vehicles_outside"] > before
        assert kpis["arrivals_refused"] == kpis["vehicles_outside"]
        assert kpis["vehicles_inside"] == kpis["stops"] == 2.0
        before = kpis["vehicles_outside"]


def test_nobody_is_refused_on_a_road_with_room() -> None:
    plant: TrafficNetwork = road(demand=100.0)
    plant.advance(3600.0)
    assert figure(plant, "arrivals_refused") == figure(plant, "crew_utilisation") == 0.0
    assert QUIET["wear"] is False


def test_a_detector_that_waits_for_its_crew_counts() -> None:
    plant = TrafficNetwork(
        seed=1,
        links={"a": {"length": 500.0, "demand": 100.0}},
        signals={"J": {"stages": {"s": {"links": ["a"]}}}},
        **{**QUIET, "wear": True},
        detectors={"notice": 10.0, "corrective": 600.0},
        technicians=1,
        travel=300.0,
    )
    plant._upkeeps["a_loop"].break_down()
    for time, waited, busy in ((5.0, 0.0, 0.0), (110.0, 100.0, 100.0), (310.0, 300.0, 300.0), (1000.0, 300.0, 900.0)):
        plant.advance(time)
        assert figure(plant, "downtime_waiting_hours") == pytest.approx(waited / HOUR)
        assert figure(plant, "crew_utilisation") == pytest.approx(busy / time)
