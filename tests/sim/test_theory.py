"""Against exact results: each figure's interval over replications (99.9 %) holds the reference."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sim.plants.production_line import ProductionLine
from tests.sim.lines import interval, serial

EXPONENTIAL = {"law": "exponential", "mean": 1.0}


def exponential_line(rates: Sequence[float], places: int) -> float:
    """Throughput of a saturated reliable exponential line, blocking after service, from its Markov chain.

    State: parts beyond station i and not beyond i + 1, 0 .. places + 2 (the last: station i is blocked).
    """
    most = places + 2
    states = list(itertools.product(range(most + 1), repeat=len(rates) - 1))
    index = {state: i for i, state in enumerate(states)}
    flow = np.zeros((len(states), len(states)))
    for state in states:
        for i, rate in enumerate(rates):
            after = _moved(state, i, most)
            if after is not None and after in index:
                flow[index[state], index[after]] += rate
    generator = flow - np.diag(flow.sum(1))
    equations = np.vstack([generator.T, np.ones(len(states))])
    share = np.linalg.lstsq(equations, np.r_[np.zeros(len(states)), 1.0], rcond=None)[0]
    return float(rates[-1] * sum(p for state, p in zip(states, share, strict=True) if state[-1] > 0))


def _moved(state: tuple[int, ...], i: int, most: int) -> tuple[int, ...] | None:
    """State after station i ends a part, None where it is starved or blocked already."""
    if (i > 0 and state[i - 1] == 0) or (i < len(state) and state[i] == _room(state, i, most)):
        return None
    return tuple(gap - (at == i - 1) + (at == i) for at, gap in enumerate(state))


def _room(state: tuple[int, ...], i: int, most: int) -> int:
    """Most parts between the ends of stations i and i + 1: a blocked station i + 1 holds a part that is past it."""
    return most - 1 if i + 1 < len(state) and state[i + 1] == _room(state, i + 1, most) else most


def throughput(seed: int, horizon: float, warmup: float, **line: Any) -> float:
    plant = serial(seed=seed, **line)
    plant.advance(warmup)
    before = plant.kpis()["good_parts"]
    plant.advance(horizon)
    return float((plant.kpis()["good_parts"] - before) / (horizon - warmup))


@pytest.mark.parametrize("places", [0, 1, 4])
def test_two_exponential_stations(places: int) -> None:
    reference = (places + 2) / (places + 3)
    assert exponential_line([1.0, 1.0], places) == pytest.approx(reference)
    low, high = interval(
        [throughput(seed, 6000.0, 500.0, cycles=[EXPONENTIAL] * 2, buffer=places) for seed in range(16)]
    )
    assert low < reference < high
    assert high - low < 0.03


@pytest.mark.parametrize(
    ("rates", "places", "reference"), [((1, 1, 1), 0, 0.564103), ((1, 1, 1), 3, 0.776712), ((1, 0.9, 1.1), 2, 0.717120)]
)
def test_three_exponential_stations(rates: tuple[float, ...], places: int, reference: float) -> None:
    assert exponential_line(rates, places) == pytest.approx(reference, abs=1e-6)
    cycles = [{"law": "exponential", "mean": 1.0 / rate} for rate in rates]
    low, high = interval([throughput(seed, 6000.0, 500.0, cycles=cycles, buffer=places) for seed in range(16)])
    assert low < reference < high
    assert high - low < 0.03


@pytest.mark.parametrize(("places", "reference"), [(2, 0.695386), (8, 0.785921)])
def test_two_exponential_stations_that_fail(places: int, reference: float) -> None:
    """Gershwin and Berman: mu = 1, r = .1, p = .01 each; their N counts the parts at both machines."""
    common = {
        "wear": {"life": math.inf, "shock_life": 100.0},
        "maintenance": {"preventive": 1.0, "corrective": {"law": "exponential", "mean": 10.0}},
    }
    low, high = interval([
        throughput(seed, 12_000.0, 1000.0, cycles=[EXPONENTIAL] * 2, buffer=places, common=common, technicians=2)
        for seed in range(16)
    ])  # fmt: skip
    assert low < reference < high
    assert high - low < 0.04


def single(seed: int, *, arrivals: float, service: Any, places: int, horizon: float) -> ProductionLine:
    stations = {"s": {"cycle": service, "buffer": places, "arrivals": {"law": "exponential", "mean": 1.0 / arrivals}}}
    plant = ProductionLine(seed=seed, stations=stations, tick=1e9, sample=1e9)
    plant.advance(horizon)
    return plant


def test_mm1k() -> None:
    """lambda = .8, mu = 1, five places in all: blocking .088819, number in system 1.868332."""
    blocked, inside = [], []
    for seed in range(16):
        plant = single(seed, arrivals=0.8, service=EXPONENTIAL, places=4, horizon=12_000.0)
        (source,) = [c for c in plant.kernel.components.values() if c.name == "s.source"]
        blocked.append(source.refused / (source.entered + source.refused))  # type: ignore[attr-defined]
        inside.append(plant.kpis()["wip_mean"])
    assert interval(blocked)[0] < 0.088819 < interval(blocked)[1]
    assert interval(inside)[0] < 1.868332 < interval(inside)[1]


@pytest.mark.parametrize(("cv", "wait"), [(0.0, 2.0), (0.5**0.5, 3.0), (1.0, 4.0)])
def test_mg1(cv: float, wait: float) -> None:
    """Pollaczek-Khinchine at lambda = .8, mean service 1."""
    waits = []
    for seed in range(16):
        plant = single(
            seed, arrivals=0.8, service={"law": "gamma", "mean": 1.0, "cv": cv}, places=10_000, horizon=15_000.0
        )
        waits.append(plant.kpis()["lead_time_minutes"] * 60.0 - 1.0)
    low, high = interval(waits)
    assert low < wait < high
    assert high - low < 0.35 * wait


@pytest.mark.parametrize(
    ("machines", "technicians", "fails", "repairs", "reference"),
    [(5, 1, 0.002, 0.02, 0.872096), (10, 1, 0.01, 0.1, 0.785418)],
)
def test_machine_repairman(machines: int, technicians: int, fails: float, repairs: float, reference: float) -> None:
    """Availability of machines that share technicians; a cycle longer than the run keeps them at work."""
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
