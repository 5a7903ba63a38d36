"""A figure at a time is what has happened by then, what is still going on included, whoever looked before."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import contract
from sim.contract import Action
from sim.plant import SimulatedPlant
from sim.plants.production_line import ProductionLine
from tests.sim.power.grids import load as microgrid
from tests.sim.road.networks import load as network

NEAR = 1e-3  # s before and after the end of an interval
# Figures that only grow, and grow with time: what goes on is in them at every moment.
GROWING = r"(downtime\w*|busy|starved|blocked|delay|outage|generator)_hours|maintenance_cost|cost_maintenance|co2_kg|"
GROWING += r"(?!cost)\w+_kwh|stops|arrivals_refused|failures_\w+|maintenance_(preventive|corrective)|fuel_litres"
CLOSED = (contract.REPAIR_STARTED, contract.REPAIRED, contract.MAINTAINED, "restored", "incident_cleared")
COUNTED = r"maintenance_preventive|stops|trips|link_traversals|\w+_per_trip|control_delay|time_loss"  # when they end


def line(seed: int = 1) -> ProductionLine:
    """Machines that fail often, one mechanic by day and one helper, an operator, arrivals that find no room."""
    upkeep = {"preventive": 900.0, "corrective": {"law": "exponential", "mean": 3000.0}, "corrective_cost": 50.0}
    upkeep |= {"preventive_cost": 20.0, "plan": {"age": 15_000.0}, "spare": "belt"}
    common = {
        "cycle": {"law": "gamma", "mean": 40.0, "cv": 0.3},
        "buffer": 2,
        "wear": {"life": 9000.0},
        "maintenance": upkeep,
        "power": {"busy": 4000.0, "idle": 500.0, "down": 100.0},
    }
    return ProductionLine(
        seed=seed,
        common=common,
        stations={
            "saw": {"to": "mill", "arrivals": {"law": "exponential", "mean": 45.0}},
            "mill": {"to": "lathe", "operators": "hall"},
            "lathe": {"operators": "hall", "maintenance": upkeep | {"skill": "fine"}},
        },
        operators={"hall": 1},
        crews={
            "mechanic": {"shifts": {"times": [0.0, 28_800.0], "values": [1.0, 0.0], "repeat": 43_200.0}},
            "helper": {"skills": ["rough"], "travel": {"law": "exponential", "mean": 600.0}},
        },
        spares={"belt": {"stock": 1, "lead_time": 7200.0}},
        economics={"margin": 5.0, "scrap_cost": 2.0, "holding_cost": 0.1},
        tariff={"times": [0.0, 20_000.0], "values": [0.1, 0.3], "repeat": 40_000.0},
    )


def roads(seed: int = 1) -> SimulatedPlant:
    """A corridor past its capacity whose detectors, cabinets and pavements fail often."""
    often = {"detectors": {"life": 2000.0}, "controllers": {"life": 3000.0}, "pavement": {"life": 900.0}}
    return network("corridor", seed=seed, scale=2.5, technicians=1, incidents={"per_day": 5.0}, **often)


def site(seed: int = 1) -> SimulatedPlant:
    """A microgrid whose machines fail often, behind a grid that does too."""
    often = {"every": {"law": "exponential", "mean": 30_000.0}, "lasts": {"law": "exponential", "mean": 9000.0}}
    return microgrid(seed=seed, grid={"import_limit": 60.0, "peak_charge": 6.0, "outages": often})


PLANTS: dict[str, tuple[Callable[[], SimulatedPlant], float]] = {
    "line": (line, 80_000.0),
    "roads": (roads, 14_400.0),
    "site": (site, 400_000.0),
}


@cache
def begun(name: str) -> tuple[bytes, float]:
    """A plant after some time, with orders under way, and the time until which a test may look at it."""
    make, span = PLANTS[name]
    plant = make()
    plant.advance(span / 4)
    for actuator in plant.spec.actuators:
        if actuator.kind == "work_order":
            plant.apply(Action(plant.now, actuator.key, 1.0))
    return plant.snapshot(), span


def restored(name: str) -> tuple[Any, float]:
    data, span = begun(name)
    return PLANTS[name][0]().restore(data), span


def assert_close(found: dict[str, float], wanted: dict[str, float]) -> None:
    """Equal but for rounding; what slow ageing costs also depends on the steps in which it is summed up."""
    assert found.keys() == wanted.keys()
    for figure, value in wanted.items():
        near = 1e-4 if figure == "cost_wear" else 1e-6
        assert found[figure] == pytest.approx(value, rel=near, abs=1e-6), figure


@pytest.mark.parametrize("name", PLANTS)
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(shares=st.lists(st.floats(0.25, 1.0), min_size=1, max_size=5), end=st.floats(0.25, 1.0))
def test_reading_on_the_way_changes_nothing(name: str, shares: list[float], end: float) -> None:
    plant, span = restored(name)
    read = plant.fork()
    for time in sorted(share * end * span for share in shares):
        if time > read.now:
            read.advance(time)
            read.kpis(), read.truth()
    for each in (plant, read):
        each.advance(max(end * span, each.now))
    if read.now == plant.now:
        assert_close(read.kpis(), plant.kpis())


@pytest.mark.parametrize("name", PLANTS)
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(end=st.floats(0.25, 1.0))
def test_forks_and_snapshots_have_the_same_figures_and_go_on_alike(name: str, end: float) -> None:
    plant, span = restored(name)
    plant.advance(max(end * span, plant.now))
    copies = [plant.fork(), plant.restore(plant.snapshot())]
    for copy in copies:
        assert copy.kpis() == plant.kpis()
    later = plant.now + span / 20
    for each in (plant, *copies):
        each.advance(later)
    for copy in copies:
        assert_close(copy.kpis(), plant.kpis())


@pytest.mark.parametrize("name", PLANTS)
def test_what_grows_with_time_never_falls(name: str) -> None:
    plant, span = restored(name)
    before = plant.figures()
    growing = [figure for figure in before if re.fullmatch(GROWING, figure)]
    assert len(growing) >= 8
    for time in np.linspace(plant.now, span, 150)[1:]:
        plant.advance(float(time))
        figures = plant.figures()
        for figure in growing:
            assert figures[figure] >= before[figure] - 1e-9, figure
        assert 0.0 <= figures.get("crew_utilisation", 0.0) <= 1.0
        before = figures


@pytest.mark.parametrize("name", PLANTS)
def test_a_figure_just_before_something_ends_is_nearly_that_just_after(name: str) -> None:
    ahead, span = restored(name)
    plant = ahead.fork()
    ahead.advance(span)
    ends = sorted({event.time for event in ahead.journal() if event.kind in CLOSED and event.time > plant.now + 1.0})
    assert len(ends) >= 5
    for time in ends[:: len(ends) // 40 + 1]:
        if time - NEAR <= plant.now:
            continue
        plant.advance(time - NEAR)
        before = plant.figures()
        plant.journal()
        plant.advance(time + NEAR)
        after = plant.figures()
        begun_too = {event.kind for event in plant.journal()} - set(CLOSED)
        for figure in before:
            if re.fullmatch(GROWING, figure) and not re.fullmatch(COUNTED, figure) and not begun_too:
                assert after[figure] == pytest.approx(before[figure], rel=1e-4, abs=1e-3), (figure, time)
