"""At one instant: a part that is finished is finished, nobody loses it, `priority` decides and not the file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim import contract
from sim.contract import Action
from sim.plants.production_line import ProductionLine
from tests.sim.line.laws import Deadlocked, conserved, counts, nobody_forgotten
from tests.sim.line.lines import record
from tests.sim.line.tied import Fields, built, commands, tied_lines

STEP, STEPS = 6.0, 20  # s, and how many of them
TIED = settings(max_examples=25, deadline=None)


def history(fields: Fields, unit: float = 1.0) -> list[dict[str, Any]]:
    """Counts at every tick, and every law on the way."""
    plant, deadlocked, told = built(fields, unit=unit), Deadlocked(), []
    for step in range(1, STEPS + 1):
        plant.advance(step * STEP * unit)
        conserved(plant)
        nobody_forgotten(plant)
        deadlocked.watch(plant)
        for actuator, value in commands(fields, step):
            plant.apply(Action(plant.now, actuator, value))
        conserved(plant)
        nobody_forgotten(plant)
        told.append(counts(plant))
    return told


@TIED
@given(tied_lines(), st.sampled_from([1.0, 60.0, 0.1, 0.3]))
def test_whatever_coincides_nothing_is_lost_and_twice_as_slow_is_the_same(fields: Fields, unit: float) -> None:
    """With tenths, what would coincide is a rounding apart."""
    assert history(fields, unit) == history(fields, 2.0 * unit)


@TIED
@given(tied_lines(), st.randoms(use_true_random=False))
def test_the_order_in_the_file_decides_nothing(fields: Fields, random: Any) -> None:
    """Streams are by name, so that another order has the same luck. The first of a queue describes it: it stays."""
    names = list(fields["stations"])
    queued = [name for name in names if fields["stations"][name].get("queue")]
    others = [name for name in names if name not in queued]
    random.shuffle(others)
    shuffled = {name: fields["stations"][name] for name in [*others, *queued]}
    assert history(fields) == history(fields | {"stations": shuffled})


@TIED
@given(tied_lines(), st.integers(0, 60))
def test_a_copy_at_any_instant_goes_the_same_way(fields: Fields, at: int) -> None:
    plant = built(fields)
    plant.advance(float(at))
    name = min(fields["stations"])
    plant.apply(Action(plant.now, f"{name}.maintain"))
    fork, restored = plant.fork(), ProductionLine.restore(plant.snapshot())
    expected = record(plant, at + 60.0, STEP)
    assert record(fork, at + 60.0, STEP) == expected
    assert record(restored, at + 60.0, STEP)[0] == expected[0]
    assert repr(restored.truth()) == expected[3]


# One story for each coincidence


def line(stations: dict[str, Fields], **plant: Any) -> ProductionLine:
    return ProductionLine(**({"seed": 1, "tick": 1e9, "sample": 1e9, "stations": stations} | plant))


def jobs(plant: ProductionLine, kind: str) -> list[tuple[str, float]]:
    return [(event.asset, event.time) for event in plant.journal() if event.kind == kind]


def care(**fields: Any) -> Fields:
    return {"preventive": 5.0, "corrective": 5.0} | fields


@pytest.mark.parametrize("clock", ["time", "operation"])
def test_a_failure_at_the_end_of_a_cycle_finds_the_part_finished(clock: str) -> None:
    mode = {"time": 30.0, "clock": clock}
    plant = line({"a": {"cycle": 10.0, "failures": {"m": mode}, "maintenance": care()}})
    plant.advance(30.0)
    assert plant.kpis()["good_parts"] == 3
    assert plant.truth()["state"]["a"] == "down"
    assert plant.deadlock() == {}
    plant.advance(65.0)  # 35 … 65: three more cycles, and the next failure
    assert plant.kpis()["good_parts"] == 6
    assert jobs(plant, contract.FAILED) == [("a", 30.0), ("a", 65.0)]


@pytest.mark.parametrize("interrupts", [True, False])
def test_planned_work_at_the_end_of_a_cycle_begins_there(interrupts: bool) -> None:
    kept = care(interrupts=interrupts, plan={"every": 30.0})
    plant = line({"a": {"cycle": 10.0, "maintenance": kept}})
    plant.advance(60.0)  # 30 … 35 maintenance, then 35 … 45, 45 … 55
    assert plant.kpis()["good_parts"] == 5
    expected = [("a", 30.0), ("a", 60.0)] if interrupts else [("a", 30.0)]  # at 60 in the middle of a cycle
    assert jobs(plant, contract.MAINTENANCE_STARTED) == expected


def test_planned_work_by_age_begins_at_the_end_of_the_cycle_that_reaches_it() -> None:
    plant = line({"a": {"cycle": 10.0, "maintenance": care(plan={"age": 20.0})}})
    plant.advance(22.0)
    assert not plant._stations["a"].loaded
    plant.advance(50.0)
    assert jobs(plant, contract.MAINTENANCE_STARTED) == [("a", 20.0), ("a", 45.0)]
    assert plant.kpis()["good_parts"] == 4


def test_a_technician_who_comes_at_the_end_of_a_cycle_begins_at_once() -> None:
    plant = line({"a": {"cycle": 10.0, "maintenance": care()}}, crews={"c": {"travel": 15.0}})
    plant.advance(5.0)
    plant.apply(Action(5.0, "a.maintain"))
    plant.advance(20.0)
    assert jobs(plant, contract.MAINTENANCE_STARTED) == [("a", 20.0)]
    assert plant.kpis()["good_parts"] == 2


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("spares", [None, {"bearing": {"stock": 1, "lead_time": 100.0}}])
def test_priority_decides_who_is_repaired_first_and_not_the_file(names: tuple[str, str], spares: Any) -> None:
    kept = care() | ({"spare": "bearing"} if spares else {})
    common = {"cycle": 10.0, "failures": {"m": {"time": 20.0, "clock": "time"}}, "maintenance": kept}
    stations = {name: {"priority": 1.0 if name == "b" else 0.0} for name in names}
    plant = line(stations, common=common, spares=spares, technicians=2 if spares else 1)
    plant.advance(120.0)
    begun = jobs(plant, contract.REPAIR_STARTED)
    assert begun[0] == ("b", 20.0)
    assert next(time for name, time in begun if name == "a") == (120.0 if spares else 25.0)


def test_who_goes_home_at_the_time_of_a_failure_is_not_sent() -> None:
    shifts = {"times": [0.0, 20.0], "values": [1, 0], "repeat": 50.0}
    mode = {"time": 20.0, "clock": "time"}
    plant = line({"a": {"cycle": 10.0, "failures": {"m": mode}, "maintenance": care()}}, shifts=shifts)
    plant.advance(60.0)
    assert jobs(plant, contract.REPAIR_STARTED) == [("a", 50.0)]


def test_an_operator_who_was_called_to_a_station_without_a_part_serves_another() -> None:
    """b and c share a queue and the only operator: the one that is called finds the last part gone."""
    stations: dict[str, Fields] = {
        "a": {"cycle": 4.0, "to": "b"},
        "b": {"cycle": 2.0, "buffer": 3, "queue": "q", "operators": "hands"},
        "c": {"cycle": 2.0, "queue": "q", "operators": "hands"},
        "d": {"cycle": 2.0, "operators": "hands"},
    }
    plant = line(stations, operators={"hands": 1})
    for time in range(1, 200):
        plant.advance(float(time))
        nobody_forgotten(plant)


def test_every_card_that_comes_back_lets_somebody_in() -> None:
    """An assembly ends two cards at once, and two stations of one entry queue wait for them."""
    stations: dict[str, Fields] = {
        "a": {"cycle": 1.0, "queue": "in", "to": "j"},
        "b": {"cycle": 1.0, "queue": "in", "to": "j"},
        "j": {"cycle": 5.0, "assemble": True, "buffer": 1},
    }
    plant = line(stations, conwip=2)
    plant.advance(60.0)
    assert plant.kpis()["good_parts"] >= 9
    assert plant.deadlock() == {}


def test_arrivals_beyond_the_places_are_refused_though_a_station_waits_for_a_card() -> None:
    stations: dict[str, Fields] = {"a": {"cycle": 1.0, "buffer": 3, "arrivals": 2.0, "to": "b"}, "b": {"cycle": 50.0}}
    plant = line(stations, conwip=1)
    plant.advance(40.0)
    source = plant._accounts._sources[0]
    assert source.level == 3
    assert source.refused == 20 - 1 - 3


def test_an_assembled_part_is_as_old_as_its_oldest_and_no_time_counts_twice() -> None:
    stations: dict[str, Fields] = {
        "a": {"cycle": 7.0, "buffer": 2, "to": "j"},
        "b": {"cycle": 2.0, "to": "j"},
        "j": {"cycle": 1.0, "assemble": True, "buffer": 5},
    }
    plant = line(stations)
    plant.advance(70_000.0)
    figures = plant.kpis()
    in_line = plant._wip.left / plant.now * figures["lead_time_minutes"] * 60.0
    assert figures["wip_mean"] == pytest.approx(in_line, rel=0.002)


STUCK: dict[str, Fields] = {"a": {"cycle": 1.0, "to": ["b", "c"]}, "b": {"cycle": 3.0}, "c": {"cycle": 3.0}}


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.booleans())
@example(every=3, interrupts=True)
def test_no_deadlock_is_told_where_all_resolves_at_the_same_instant(every: int, interrupts: bool) -> None:
    kept = {"preventive": 0.0, "corrective": 0.0, "plan": {"every": float(every)}, "interrupts": interrupts}
    modes = {"m": {"time": 3.0, "clock": "time"}}
    plant = line(STUCK, common={"maintenance": kept, "failures": modes}, tick=1.0, technicians=3)
    plant.advance(100.0)
    assert jobs(plant, contract.DEADLOCK) == []
    nobody_forgotten(plant)
