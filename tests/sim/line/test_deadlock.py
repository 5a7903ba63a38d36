"""A line that can never move again is found, and who waits for whom is named."""

from __future__ import annotations

from typing import Any

from sim import contract
from sim.plants.production_line import ProductionLine


def line(stations: dict[str, dict[str, Any]], **plant: Any) -> ProductionLine:
    return ProductionLine(**({"seed": 1, "tick": 10.0, "sample": 1e9, "stations": stations} | plant))


LOOP: dict[str, dict[str, Any]] = {
    "a": {"cycle": 1.0, "to": "b"},
    "b": {"cycle": 1.0, "buffer": 2, "to": ["c", "out"], "routing": "share", "shares": [1, 1]},
    "c": {"cycle": 3.0, "buffer": 2, "to": "b"},
    "out": {"cycle": 0.5, "buffer": 1},
}


def test_a_full_loop_is_named() -> None:
    plant = line(LOOP)
    plant.advance(1000.0)
    told = [event for event in plant.journal() if event.kind == contract.DEADLOCK]
    assert len(told) == 1
    assert told[0].asset == "line"
    assert told[0].detail == "a waits for b; b waits for c; c waits for b; out waits for b"
    assert plant.kpis()["deadlocked_stations"] == 4
    before = plant.kpis()["good_parts"]
    plant.advance(5000.0)
    assert plant.kpis()["good_parts"] == before


def test_part_of_a_line_may_be_in_deadlock() -> None:
    plant = line(LOOP | {"x": {"cycle": 2.0, "to": "y"}, "y": {"cycle": 3.0}})
    plant.advance(1000.0)
    assert set(plant.deadlock()) == {"a", "b", "c", "out"}
    assert plant.truth()["state"]["y"] == "busy"


def test_an_assembly_that_waits_for_cards_that_its_own_parts_hold() -> None:
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 1.0, "to": "j"},
        "b": {"cycle": 1.0, "to": "b2"},
        "b2": {"cycle": 1.0, "buffer": 9, "to": "j"},
        "j": {"cycle": 1.0, "buffer": 9, "assemble": True},
    }
    plant = line(stations, conwip=1)
    plant.advance(100.0)
    assert "j" in plant.deadlock()
    assert "b" in plant.deadlock()["j"] or "b2" in plant.deadlock()["j"] or "a" in plant.deadlock()["j"]


def test_stations_that_wait_in_the_ordinary_way_are_not_in_deadlock() -> None:
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 1.0, "to": "b"},
        "b": {"cycle": 50.0, "to": "c"},
        "c": {"cycle": 1.0, "buffer": 1, "transit": 30.0},
        "z": {"cycle": 1.0, "arrivals": 500.0, "buffer": 1},
    }
    common = {"maintenance": {"preventive": 90.0, "corrective": 90.0, "plan": {"every": 200.0}}}
    plant = line(stations, common=common, operators={})
    for time in range(1, 300):
        plant.advance(time * 3.1)
        assert plant.deadlock() == {}


def test_a_deadlock_lasts_while_one_of_its_stations_is_maintained_and_is_told_once() -> None:
    kept = {"preventive": 30.0, "corrective": 5.0, "plan": {"every": 200.0}}
    plant = line(LOOP | {"c": LOOP["c"] | {"maintenance": kept}})
    plant.advance(1000.0)
    plant.journal()
    assert plant.truth()["state"]["c"] == "maintenance"
    assert set(plant.deadlock()) == {"a", "b", "c", "out"}
    plant.advance(3000.0)
    assert not [event for event in plant.journal() if event.kind == contract.DEADLOCK]
