"""Failure modes beside wear, each by its clock."""

from __future__ import annotations

from typing import Any

import pytest

from sim import contract
from sim.plants.production_line import ProductionLine
from tests.sim.line.lines import interval

UPKEEP = {"preventive": 5.0, "corrective": 20.0}


def line(seed: int = 1, **stations: dict[str, Any]) -> ProductionLine:
    return ProductionLine(seed=seed, stations=stations, common={"maintenance": UPKEEP}, tick=1e9, sample=1e9)


def events(plant: ProductionLine, *kinds: str) -> list[tuple[str, str, float]]:
    return [(e.asset, e.kind, e.time) for e in plant.journal() if e.kind in kinds]


def test_an_operation_dependent_mode_counts_work_only() -> None:
    """b works 1 s in 10: 100 s of work are over after about 1000 s, amid a cycle, whose rest comes after."""
    plant = line(
        a={"cycle": 10.0, "to": "b"},
        b={"cycle": 4.0, "buffer": 1, "failures": {"wire": {"time": 102.0, "repair": 7.0}}},
    )
    plant.advance(269.0)
    assert events(plant, contract.FAILED, contract.REPAIRED) == [
        ("b", contract.FAILED, 10.0 + 25 * 10.0 + 2.0),
        ("b", contract.REPAIRED, 10.0 + 25 * 10.0 + 2.0 + 7.0),
    ]
    plant.advance(272.0)
    assert plant.cycles()["b"] == 26
    assert plant._stations["b"].worked == pytest.approx(108.0)  # the next one planned


def test_a_time_dependent_mode_strikes_an_idle_station_and_stands_while_it_is_down() -> None:
    plant = line(a={"cycle": 1e6, "to": "b"}, b={"cycle": 1.0, "failures": {"rust": {"time": 50.0, "clock": "time"}}})
    plant.advance(200.0)
    assert [time for _, _, time in events(plant, contract.FAILED)] == [50.0, 120.0, 190.0]


def test_a_time_dependent_mode_interrupts_a_cycle() -> None:
    plant = line(a={"cycle": 30.0, "failures": {"rust": {"time": 50.0, "clock": "time", "repair": 100.0}}})
    plant.advance(165.0)
    assert plant.cycles()["a"] == 2  # 30, then 20 and, after the repair at 150, the other 10
    assert plant.truth()["state_seconds"]["a"] == {
        "idle": 0.0,
        "busy": 65.0,
        "blocked": 0.0,
        "down": 100.0,
        "maintenance": 0.0,
    }


def test_a_mode_counted_in_cycles_strikes_before_its_cycle() -> None:
    plant = line(a={"cycle": 10.0, "failures": {"tool": {"time": 3, "clock": "cycles", "repair": 5.0}}})
    plant.advance(100.0)
    # Two cycles, then the third begins with a repair; it counts as the first of the new life's three trials no more.
    assert [time for _, _, time in events(plant, contract.FAILED)] == [20.0, 55.0, 90.0]


def test_modes_compete_and_each_has_its_own_repair() -> None:
    modes = {
        "short": {"time": {"law": "exponential", "mean": 100.0}, "repair": 1.0, "minor": True},
        "long": {"time": {"law": "exponential", "mean": 400.0}, "repair": 40.0},
    }
    plant = line(a={"cycle": 5.0, "failures": modes})
    plant.advance(400_000.0)
    figures, seconds = plant.kpis(), plant.truth()["state_seconds"]["a"]
    assert figures["failures_short"] / figures["failures_long"] == pytest.approx(4.0, rel=0.15)
    assert seconds["down"] == pytest.approx(figures["failures_short"] + 40.0 * figures["failures_long"], abs=40.0)
    assert plant.spec.modes == ("wear", "shock", "short", "long")


def test_availability_of_two_competing_modes() -> None:
    """Renewal reward: 1 / (1 + sum of repair x rate), operation-dependent."""
    modes = {
        "a": {
            "time": {"scipy": "weibull_min", "c": 2.0, "scale": 200.0},
            "repair": {"law": "exponential", "mean": 10.0},
        },
        "b": {"time": {"law": "gamma", "mean": 300.0, "cv": 0.5}, "repair": 30.0},
    }
    found = []
    for seed in range(8):
        plant = line(seed, m={"cycle": 7.0, "failures": modes})
        plant.advance(100_000.0)
        found.append(plant.kpis()["availability"])
    mean_a = 200.0 * 0.8862269
    low, high = interval(found)
    assert low < 1.0 / (1.0 + 10.0 / mean_a + 30.0 / 300.0) < high
    assert high - low < 0.02


def test_a_minor_stoppage_leaves_the_planned_work_to_be_done() -> None:
    stop = {"time": 15.0, "repair": 10.0, "minor": True}
    plant = ProductionLine(
        seed=1,
        tick=1e9,
        sample=1e9,
        technicians=1,
        stations={"a": {"cycle": 1000.0, "failures": {"jam": stop}}, "z": {"cycle": 1e6}},
        common={"maintenance": {"preventive": 5.0, "corrective": 20.0}},
    )
    plant.apply(contract.Action(0.0, "z.maintain"))
    plant.apply(contract.Action(0.0, "a.maintain"))
    plant.advance(60.0)
    told = [(e.kind, e.time) for e in plant.journal() if e.asset == "a" and e.kind.endswith(("ed",))]
    assert ("failed", 15.0) in told
    assert plant._stations["a"].upkeep is not None
    assert plant._stations["a"].upkeep.ordered


def test_a_fork_reseeded_draws_every_clock_again_given_survival() -> None:
    modes = {
        "op": {"time": {"law": "gamma", "mean": 500.0, "cv": 0.3}},
        "cal": {"time": {"law": "gamma", "mean": 600.0, "cv": 0.3}, "clock": "time"},
        "tool": {"time": {"law": "geometric", "mean": 60.0}, "clock": "cycles"},
    }
    plant = line(a={"cycle": 10.0, "failures": modes})
    plant.advance(405.0)
    if plant.kpis()["maintenance_corrective"] == 0:
        first = set()
        for seed in range(40):
            other = plant.fork(reseed=seed)
            other.advance(3000.0)
            failed = events(other, contract.FAILED)
            assert failed[0][2] > 405.0
            first.add(failed[0][2])
        assert len(first) > 30
    same = plant.fork()
    same.advance(5000.0)
    plant.advance(5000.0)
    assert events(same, contract.FAILED) == events(plant, contract.FAILED)


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ({"time": 5.0, "clock": "moon"}, "a.failures.x.clock = 'moon': must be one of operation, time, cycles"),
        ({"clock": "time"}, "a.failures.x.time: is missing"),
        ({"time": 5.0, "colour": 1}, "a.failures.x: 'colour' is unknown"),
        ({"time": {"law": "exponential", "mean": 3.0}, "clock": "cycles"}, "whole numbers of cycles"),
        ({"time": 5.0, "minor": "yes"}, "a.failures.x.minor = 'yes': must be true or false"),
        (5.0, "a.failures.x = 5.0: must have time"),
    ],
)
def test_bad_modes_are_named(mode: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        line(a={"cycle": 1.0, "failures": {"x": mode}})


def test_failures_need_maintenance_times() -> None:
    with pytest.raises(
        ValueError, match=r"a.maintenance: a station with failures without repair needs maintenance times"
    ):
        ProductionLine(seed=1, stations={"a": {"cycle": 1.0, "failures": {"x": {"time": 5.0}}}})
