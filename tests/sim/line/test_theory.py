"""Against exact results: each figure's interval over replications (99.9 %) holds the reference."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.plants.production_line import ProductionLine
from tests.sim.line.lines import interval, serial
from twin.lab.validate.theory import exponential_line, queues, repairman, two_machines

EXPONENTIAL = {"law": "exponential", "mean": 1.0}


def throughput(seed: int, horizon: float, warmup: float, **line: Any) -> float:
    plant = serial(seed=seed, **line)
    plant.advance(warmup)
    before = plant.kpis()["good_parts"]
    plant.advance(horizon)
    return float((plant.kpis()["good_parts"] - before) / (horizon - warmup))


@pytest.mark.parametrize("places", [0, 1, 4])
def test_two_exponential_stations(places: int) -> None:
    reference = exponential_line.throughput([1.0, 1.0], places)
    low, high = interval(
        [throughput(seed, 6000.0, 500.0, cycles=[EXPONENTIAL] * 2, buffer=places) for seed in range(16)]
    )
    assert low < reference < high
    assert high - low < 0.03


@pytest.mark.parametrize(("rates", "places"), [((1, 1, 1), 0), ((1, 1, 1), 3), ((1, 0.9, 1.1), 2)])
def test_three_exponential_stations(rates: tuple[float, ...], places: int) -> None:
    reference = exponential_line.throughput(rates, places)
    cycles = [{"law": "exponential", "mean": 1.0 / rate} for rate in rates]
    low, high = interval([throughput(seed, 6000.0, 500.0, cycles=cycles, buffer=places) for seed in range(16)])
    assert low < reference < high
    assert high - low < 0.03


@pytest.mark.parametrize("places", [2, 8])
def test_two_exponential_stations_that_fail(places: int) -> None:
    """Gershwin and Berman: mu = 1, r = .1, p = .01 each; their N counts the parts at both machines."""
    reference = two_machines.exponential(mu1=1.0, r1=0.1, p1=0.01, mu2=1.0, r2=0.1, p2=0.01, places=places + 2)
    common = {
        "wear": {"life": math.inf, "shock_life": 100.0},
        "maintenance": {"preventive": 1.0, "corrective": {"law": "exponential", "mean": 10.0}},
    }
    low, high = interval(
        [
            throughput(seed, 12_000.0, 1000.0, cycles=[EXPONENTIAL] * 2, buffer=places, common=common, technicians=2)
            for seed in range(16)
        ]
    )
    assert low < reference < high
    assert high - low < 0.04


def single(seed: int, *, arrivals: float, service: Any, places: int, horizon: float) -> ProductionLine:
    stations = {"s": {"cycle": service, "buffer": places, "arrivals": {"law": "exponential", "mean": 1.0 / arrivals}}}
    plant = ProductionLine(seed=seed, stations=stations, tick=1e9, sample=1e9)
    plant.advance(horizon)
    return plant


def test_mm1k() -> None:
    """lambda = .8, mu = 1, five places in all."""
    reference = queues.mm1k(arrivals=0.8, service=1.0, places=5)
    blocked, inside = [], []
    for seed in range(16):
        plant = single(seed, arrivals=0.8, service=EXPONENTIAL, places=4, horizon=12_000.0)
        (source,) = [c for c in plant.kernel.components.values() if c.name == "s.source"]
        blocked.append(source.refused / (source.entered + source.refused))  # type: ignore[attr-defined]
        inside.append(plant.kpis()["wip_mean"])
    assert interval(blocked)[0] < reference.blocking < interval(blocked)[1]
    assert interval(inside)[0] < reference.number < interval(inside)[1]


@pytest.mark.parametrize("cv", [0.0, 0.5**0.5, 1.0])
def test_mg1(cv: float) -> None:
    """Pollaczek-Khinchine at lambda = .8, mean service 1."""
    wait, waits = queues.mg1_wait(arrivals=0.8, mean=1.0, cv2=cv**2), []
    for seed in range(16):
        plant = single(
            seed, arrivals=0.8, service={"law": "gamma", "mean": 1.0, "cv": cv}, places=10_000, horizon=15_000.0
        )
        waits.append(plant.kpis()["lead_time_minutes"] * 60.0 - 1.0)
    low, high = interval(waits)
    assert low < wait < high
    assert high - low < 0.35 * wait


@pytest.mark.parametrize(("machines", "technicians", "fails", "repairs"), [(5, 1, 0.002, 0.02), (10, 1, 0.01, 0.1)])
def test_machine_repairman(machines: int, technicians: int, fails: float, repairs: float) -> None:
    """Availability of machines that share technicians; a cycle longer than the run keeps them at work."""
    reference = repairman.availability(machines=machines, repairmen=technicians, fails=fails, repairs=repairs)
    stations = {f"m{i}": {"cycle": 1e9} for i in range(machines)}
    common = {
        "wear": {"life": math.inf, "shock_life": 1.0 / fails},
        "maintenance": {"preventive": 1.0, "corrective": {"law": "exponential", "mean": 1.0 / repairs}},
    }
    available = []
    for seed in range(16):
        plant = ProductionLine(
            seed=seed, stations=stations, common=common, technicians=technicians, tick=1e9, sample=1e9
        )
        plant.advance(400.0 / fails)
        available.append(plant.kpis()["availability"])
    low, high = interval(available)
    assert low < reference < high
    assert high - low < 0.03


def test_availability_of_a_deteriorating_machine() -> None:
    """Renewal reward: nearly deterministic wear gives lives of 1000 s, each followed by 500 s of repair."""
    stations = {"m": {"cycle": 1.0}}
    common = {
        "wear": {"life": 1000.0, "noise_cv": 0.1, "level_sd": 0.0},
        "maintenance": {"preventive": 100.0, "corrective": 500.0},
    }
    plant = ProductionLine(seed=1, stations=stations, common=common, tick=10.0, sample=1e9)
    plant.advance(30_000.0)
    assert plant.kpis()["availability"] == pytest.approx(1000.0 / 1500.0, rel=0.01)
