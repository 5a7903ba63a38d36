"""Routing, splits, assembly, rework, quality; and how fast a line could go."""

from __future__ import annotations

from typing import Any

import pytest

from sim.contract import Action
from sim.line.bottleneck import FlowStage, best_rate, losses
from sim.plants.production_line import ProductionLine
from tests.sim.line.lines import load, serial


def line(**stations: dict[str, Any]) -> ProductionLine:
    return ProductionLine(seed=1, stations=stations, tick=1e9, sample=1e9)


def cycles(plant: ProductionLine) -> dict[str, int]:
    return {name: station.cycles for name, station in plant._stations.items()}


def test_a_deterministic_line_runs_at_its_slowest_station() -> None:
    plant = serial([5.0, 10.0, 7.0], buffer=2)
    plant.advance(10_000.0)
    assert plant.kpis()["good_parts"] == pytest.approx(1000.0, abs=3)
    seconds = plant.truth()["state_seconds"]
    assert seconds["s0"]["blocked"] == pytest.approx(5000.0, abs=50)
    assert seconds["s2"]["idle"] == pytest.approx(3000.0, abs=50)


def test_a_full_buffer_blocks_and_never_overflows() -> None:
    plant = serial([1.0, 50.0], buffer=3)
    for _ in range(200):
        plant.advance(plant.now + 3.7)
        assert len(plant._stations["s1"].inputs[0].parts) <= 3


def test_parts_split_by_share() -> None:
    plant = line(
        a={"cycle": 1.0, "to": ["b", "c"], "routing": "share", "shares": [3, 1]},
        b={"cycle": 0.5, "buffer": 50},
        c={"cycle": 0.5, "buffer": 50},
    )
    plant.advance(20_000.0)
    done = cycles(plant)
    assert done["b"] / (done["b"] + done["c"]) == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize("routing", ["shortest", "first"])
def test_parallel_stations_add_up(routing: str) -> None:
    plant = line(
        a={"cycle": 1.0, "to": ["b", "c"], "routing": routing},
        b={"cycle": 3.0, "buffer": 2, "to": "d"},
        c={"cycle": 6.0, "buffer": 2, "to": "d"},
        d={"cycle": 0.5},
    )
    plant.advance(6000.0)
    assert cycles(plant)["d"] == pytest.approx(6000.0 * (1 / 3 + 1 / 6), rel=0.01)


def test_an_assembly_takes_one_of_each() -> None:
    plant = line(
        a={"cycle": 1.0, "to": "j"}, b={"cycle": 3.0, "to": "j"}, j={"cycle": 0.5, "assemble": True, "buffer": 4}
    )
    plant.advance(3000.0)
    figures = plant.kpis()
    assert figures["good_parts"] == pytest.approx(1000.0, abs=3)
    joined = plant._stations["j"].joined
    assert figures["parts_entered"] == figures["good_parts"] + figures["wip"] + joined


def test_rework_saves_what_fails_once() -> None:
    """With chance p of a defect, p is reworked; of those p fails again: scrap is p squared, good 1 - p squared."""
    plant = line(
        make={"cycle": 2.0, "to": "test"},
        test={"cycle": 1.0, "quality": {"base": 0.2}, "rework": "mend", "buffer": 100},
        mend={"cycle": 0.5, "to": "test", "buffer": 100},
    )
    plant.advance(40_000.0)
    figures = plant.kpis()
    assert figures["quality"] == pytest.approx(1 - 0.2**2, abs=0.004)
    assert plant._stations["test"].reworked / figures["parts_entered"] == pytest.approx(0.2, abs=0.01)


def test_scrap_grows_with_speed() -> None:
    slow, fast = (line(a={"cycle": 1.0, "quality": {"base": 0.01, "speed_effect": 0.5}}) for _ in range(2))
    fast.apply(Action(0.0, "a.speed", 1.3))
    slow.advance(20_000.0)
    fast.advance(20_000.0)
    assert slow.kpis()["quality"] == pytest.approx(0.99, abs=0.003)
    assert fast.kpis()["quality"] == pytest.approx(0.99 - 0.15, abs=0.01)


def test_a_defect_that_no_station_inspects_is_found_at_the_end() -> None:
    plant = line(
        a={"cycle": 1.0, "quality": {"base": 0.3}, "inspects": False, "to": "b"}, b={"cycle": 1.0, "inspects": False}
    )
    plant.advance(10_000.0)
    assert plant.kpis()["quality"] == pytest.approx(0.7, abs=0.02)
    assert cycles(plant)["b"] == pytest.approx(10_000, abs=2)


def test_a_station_out_of_service_passes_its_call_on() -> None:
    """A part that wakes a station just sent into maintenance goes to the other one that waits."""
    stations: dict[str, dict[str, Any]] = {
        "a": {"cycle": 10.0, "to": ["b"]},
        "b": {"cycle": 1.0, "to": ["c", "d"], "routing": "first"},
        "c": {"cycle": 5.0},
        "d": {"cycle": 5.0},
    }
    common = {"maintenance": {"preventive": 1e6, "corrective": 1.0}}
    plant = ProductionLine(seed=1, stations=stations, common=common, technicians=9, tick=1e9, sample=1e9)
    plant.advance(50.0)
    plant.apply(Action(plant.now, "c.maintain"))
    plant.advance(1000.0)
    assert plant.kpis()["good_parts"] >= 95


# How fast a line could go


def test_best_rate_of_a_serial_line_is_its_slowest_station() -> None:
    stages = {"a": FlowStage(2.0, ("b",)), "b": FlowStage(5.0, ("c",)), "c": FlowStage(3.0)}
    assert best_rate(stages) == pytest.approx(0.2)
    assert losses(stages) == {"a": 0.2, "b": 0.2, "c": 0.2}


def test_best_rate_with_parallel_stations_and_an_assembly() -> None:
    stages = {
        "a": FlowStage(2.0, ("b", "c")),
        "b": FlowStage(4.0, ("j",)),
        "c": FlowStage(8.0, ("j",)),
        "x": FlowStage(3.0, ("y",)),
        "y": FlowStage(2.5, ("j",)),
        "j": FlowStage(1.0, assembles=False),
    }
    assert best_rate(stages) == pytest.approx(1 / 4 + 1 / 8 + 1 / 3)
    assert losses(stages)["c"] == pytest.approx(1 / 8)
    joined = {"a": FlowStage(2.0, ("j",)), "x": FlowStage(3.0, ("j",)), "j": FlowStage(1.0, assembles=True)}
    assert best_rate(joined) == pytest.approx(1 / 3)
    assert losses(joined) == pytest.approx({"a": 1 / 3, "x": 1 / 3, "j": 1 / 3})
    shared = {"a": FlowStage(1.0, ("b", "c"), shares=(3.0, 1.0)), "b": FlowStage(2.0), "c": FlowStage(1.0)}
    assert best_rate(shared) == pytest.approx(2 / 3)


def test_an_undisturbed_line_nearly_reaches_its_best_rate() -> None:
    plant = load("line_flow", wear=False)
    plant.advance(5 * 86_400.0)
    assert 0.97 < plant.kpis()["performance"] <= 1.01


# Energy and objective


def test_energy_is_power_times_time_at_the_tariff_of_the_moment() -> None:
    plant = ProductionLine(
        seed=1,
        stations={"a": {"cycle": 10.0, "power": {"busy": 3600.0}}},
        tick=1e9,
        sample=1e9,
        tariff={"times": [0.0, 3600.0], "values": [0.1, 0.3], "repeat": 7200.0},
    )
    plant.advance(4 * 3600.0)
    figures = plant.kpis()
    assert figures["energy_kwh"] == pytest.approx(4 * 3.6)
    assert figures["energy_cost"] == pytest.approx(3.6 * 2 * 0.4)
    plant.apply(Action(plant.now, "a.speed", 1.25))
    plant.advance(5 * 3600.0)
    assert plant.kpis()["energy_kwh"] == pytest.approx(5 * 3.6 + 0.9)


def test_profit_is_the_sum_of_its_parts() -> None:
    plant = load("line_small")
    plant.advance(5 * 86_400.0)
    figures, prices = plant.kpis(), {"margin": 4.0, "scrap_cost": 9.0, "holding_cost": 0.02}
    income = prices["margin"] * figures["good_parts"] - prices["scrap_cost"] * figures["scrap_parts"]
    holding = prices["holding_cost"] * figures["wip_mean"] * plant.now / 3600.0
    assert figures["profit"] == pytest.approx(income - figures["energy_cost"] - figures["maintenance_cost"] - holding)
    assert figures["oee"] == pytest.approx(figures["availability"] * figures["performance"] * figures["quality"])
    assert figures["failures_wear"] + figures["failures_shock"] == figures["maintenance_corrective"]
