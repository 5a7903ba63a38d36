"""What a line's parts and stations wait for: operators, cards, conveyors, a common queue, crews with skills."""

from __future__ import annotations

from typing import Any

import pytest

from sim import contract
from sim.contract import Action
from sim.plants.production_line import ProductionLine
from tests.sim.line.lines import record

EXPONENTIAL = {"law": "exponential", "mean": 1.0}


def line(stations: dict[str, dict[str, Any]], **plant: Any) -> ProductionLine:
    return ProductionLine(**({"seed": 1, "tick": 1e9, "sample": 1e9, "stations": stations} | plant))


def test_operators_are_shared_fairly_and_never_more_than_there_are() -> None:
    plant = line({f"m{i}": {"cycle": EXPONENTIAL, "operators": "hands"} for i in range(4)}, operators={"hands": 2})
    for time in range(1, 400):
        plant.advance(time * 0.7)
        assert sum(state == "busy" for state in plant.truth()["state"].values()) <= 2
    plant.advance(20_000.0)
    assert sum(plant.cycles().values()) == pytest.approx(2 * 20_000, rel=0.02)
    assert max(plant.cycles().values()) < 1.03 * min(plant.cycles().values())
    (pool,) = [c for c in plant.kernel.components.values() if c.name == "operators.hands"]
    assert pool.busy_seconds == pytest.approx(40_000.0, rel=0.001)  # type: ignore[attr-defined]


def test_an_operator_leaves_a_station_that_fails_and_comes_back_for_the_rest() -> None:
    stations: dict[str, dict[str, Any]] = {
        "a": {
            "cycle": 10.0,
            "operators": "hand",
            "failures": {"x": {"time": 14.0}},
            "maintenance": {"preventive": 1.0, "corrective": 30.0},
        },
        "b": {"cycle": 7.0, "operators": "hand"},
    }
    plant = line(stations, operators={"hand": 1})
    plant.advance(200.0)
    assert all(sum(plant.truth()["state_seconds"][n]["busy"] for n in "ab") <= 200.0 for _ in "x")
    assert plant.cycles()["b"] > plant.cycles()["a"] >= 5
    assert plant.fork().cycles() == plant.cycles()


def test_conwip_holds_the_work_in_process() -> None:
    chain: dict[str, dict[str, Any]] = {
        "a": {"cycle": EXPONENTIAL, "to": "b"},
        "b": {"cycle": EXPONENTIAL, "buffer": 99, "to": "c"},
        "c": {"cycle": EXPONENTIAL, "buffer": 99},
    }
    plant = line(chain, conwip=4)
    for time in range(1, 300):
        plant.advance(time * 3.3)
        assert plant.kpis()["wip"] <= 4
    plant.advance(60_000.0)
    # A closed cyclic network of M exponential stations and W parts: W / (W + M - 1) (Gordon & Newell 1967).
    assert plant.kpis()["good_parts"] / 60_000.0 == pytest.approx(4 / 6, rel=0.02)


def test_conwip_by_entry() -> None:
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 1.0, "to": "j"},
        "b": {"cycle": 3.0, "to": "j"},
        "j": {"cycle": 0.5, "buffer": 50, "assemble": True},
    }
    plant = line(stations, conwip={"a": 3})
    plant.advance(1000.0)
    assert plant.kpis()["wip"] <= 3 + 3
    with pytest.raises(ValueError, match=r"conwip: 'j' is unknown; it takes a, b"):
        line(stations, conwip={"j": 3})


def test_a_conveyor_delays_and_holds_places() -> None:
    plant = line({"a": {"cycle": 1.0, "to": "b"}, "b": {"cycle": 2.0, "buffer": 3, "transit": 10.0}})
    plant.advance(10.5)
    assert plant.truth()["state"] == {"a": "blocked", "b": "idle"}
    plant.advance(11.0)
    assert plant.truth()["state"] == {"a": "busy", "b": "busy"}
    assert plant.cycles() == {"a": 4, "b": 0}
    for _ in range(100):
        plant.advance(plant.now + 1.7)
        assert plant._stations["b"].inputs[0].level <= 3
    plant.advance(4000.0)
    # Three places, each taken for 10 s of travel, then until b, at work for 2 s, comes for the part.
    assert plant.cycles()["b"] == pytest.approx(4000.0 * 3 / 10.0 / 1.0, rel=0.02)
    with pytest.raises(ValueError, match=r"b.buffer: buffer = 0: must be >= 1"):
        line({"a": {"cycle": 1.0, "to": "b"}, "b": {"cycle": 2.0, "transit": 10.0}})


def test_stations_of_one_queue_take_from_the_same_source() -> None:
    arrivals = {"law": "exponential", "mean": 0.25}
    servers: dict[str, dict[str, Any]] = {f"s{i}": {"cycle": EXPONENTIAL, "queue": "q"} for i in range(5)}
    servers["s0"] |= {"arrivals": arrivals, "buffer": 100_000}
    plant = line(servers)
    plant.advance(20_000.0)
    assert sum(plant.cycles().values()) == pytest.approx(4 * 20_000, rel=0.02)
    fed: dict[str, dict[str, Any]] = {
        "a": {"cycle": 1.0, "to": "s0"},
        "s0": {"cycle": 3.0, "queue": "q", "buffer": 2, "to": "z"},
        "s1": {"cycle": 3.0, "queue": "q", "to": "z"},
        "s2": {"cycle": 3.0, "queue": "q", "to": "z"},
        "z": {"cycle": 0.5},
    }
    plant = line(fed)
    plant.advance(3000.0)
    assert plant.cycles()["z"] == pytest.approx(3000, abs=15)


def test_a_split_by_setpoint_follows_its_setpoints() -> None:
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 1.0, "to": ["b", "c"], "routing": "setpoint"},
        "b": {"cycle": 0.1, "buffer": 3},
        "c": {"cycle": 0.1, "buffer": 3},
    }
    plant = line(stations)
    plant.apply(Action(0.0, "a.to_b", 0.25))
    plant.advance(20_000.0)
    assert plant.cycles()["b"] / 20_000.0 == pytest.approx(0.2, abs=0.01)
    plant.apply(Action(plant.now, "a.to_b", 2.0))
    assert "must be in [0, 1]" in plant.journal()[-1].detail


CREWS = {
    "mechanics": {"technicians": 1, "skills": ["mechanical"], "travel": 60.0},
    "electricians": {"technicians": 1, "skills": ["electrical"]},
}


def wired(**plant: Any) -> ProductionLine:
    modes = {"belt": {"time": 100.0, "skill": "mechanical", "repair": 40.0}}
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 1e6, "failures": modes, "maintenance": {"skill": "electrical"}},
        "b": {"cycle": 1e6, "failures": modes},
    }
    common = {"maintenance": {"preventive": 10.0, "corrective": 50.0}}
    return line(stations, common=common, **({"crews": CREWS} | plant))


def test_a_job_waits_for_somebody_who_can_do_it_and_for_his_way() -> None:
    plant = wired()
    plant.advance(500.0)
    begun = [(e.asset, e.time) for e in plant.journal() if e.kind == contract.REPAIR_STARTED][:2]
    assert begun == [("a", 160.0), ("b", 260.0)]  # one mechanic: 60 s to each, 40 s of work


def test_who_has_come_for_planned_work_stays_for_a_failure_only_if_he_can_mend_it() -> None:
    plant = wired()
    plant.apply(Action(0.0, "a.maintain"))  # an electrician waits from now on for the end of a very long cycle
    plant.advance(120.0)
    electricians = plant._crews[1]
    assert electricians.busy == 0
    plant.advance(500.0)
    assert plant.kpis()["maintenance_corrective"] >= 2


def test_a_skill_that_nobody_has_is_named() -> None:
    with pytest.raises(ValueError, match=r"a.maintenance.skill = 'electrical': no crew has it; there are mechanical"):
        wired(crews={"mechanics": CREWS["mechanics"]})


def test_travel_belongs_to_station_and_job() -> None:
    """That another station calls the crew in between changes nobody's way."""
    crews = {"m": {"technicians": 9, "travel": {"law": "exponential", "mean": 30.0}}}
    common = {"maintenance": {"preventive": 10.0, "corrective": 50.0}}
    mode = {"x": {"time": {"law": "exponential", "mean": 500.0}, "clock": "time"}}
    stations: dict[str, dict[str, Any]] = {"a": {"cycle": 5.0, "failures": mode}, "b": {"cycle": 5.0}}
    told = []
    for more in ({}, {"failures": mode}):
        plant = line(stations | {"b": stations["b"] | more}, common=common, crews=crews)
        plant.advance(20_000.0)
        told.append([(e.kind, e.time) for e in plant.journal() if e.asset == "a"])
    assert told[0] == told[1]


def test_lines_with_everything_fork_alike() -> None:
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": EXPONENTIAL, "to": ["b", "c"], "routing": "setpoint", "operators": "hands"},
        "b": {"cycle": EXPONENTIAL, "buffer": 4, "transit": {"law": "exponential", "mean": 2.0}, "to": "d"},
        "c": {"cycle": EXPONENTIAL, "buffer": 4, "to": "d", "operators": "hands"},
        "d": {"cycle": EXPONENTIAL, "buffer": 4, "wear": {"states": 6, "step": 0.05}},
    }
    common = {
        "maintenance": {"preventive": 5.0, "corrective": {"law": "exponential", "mean": 20.0}, "plan": {"age": 90.0}},
        "failures": {
            "x": {"time": {"law": "gamma", "mean": 100.0, "cv": 0.5}, "skill": "mechanical"},
            "y": {"time": {"law": "exponential", "mean": 300.0}, "clock": "time", "minor": True},
            "z": {"time": {"law": "geometric", "mean": 200.0}, "clock": "cycles"},
        },
    }
    crews = CREWS | {"mechanics": {"technicians": 1, "skills": ["mechanical"], "travel": EXPONENTIAL}}
    plant = line(stations, common=common, crews=crews, operators={"hands": 1}, conwip=7, tick=20.0, sample=10.0)
    for time in (17.0, 333.3, 1000.0):
        plant.advance(time)
        fork, other, kept = plant.fork(), plant.fork(reseed=3), ProductionLine.restore(plant.snapshot())
        ahead = record(plant.fork(), time + 800.0, 20.0)
        assert record(fork, time + 800.0, 20.0) == ahead
        assert record(kept, time + 800.0, 20.0) == ahead
        assert record(other, time + 800.0, 20.0) != ahead
