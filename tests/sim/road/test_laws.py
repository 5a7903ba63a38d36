"""Laws that hold in every network at every time."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plants.traffic_network import TrafficNetwork
from tests.sim.road.networks import road

TURNS = ({"through": 1.0}, {"left": 0.2, "through": 0.6, "right": 0.2}, {"left": 0.5, "right": 0.5})


def check(plant: TrafficNetwork) -> None:
    """Nobody appears or vanishes, no link holds more than its storage, delay only grows."""
    kpis, truth = plant.figures(), plant.truth()
    assert kpis["vehicles_arrived"] == kpis["trips"] + kpis["vehicles_inside"] + kpis["vehicles_outside"]
    roads = plant._roads
    for name, link in roads.links.items():
        assert 0 <= truth["vehicles"][name] <= truth["storage"][name]
        assert truth["vehicles"][name] == sum(len(lanes.queue) for lanes in link.lanes)
        assert link.passed == sum(lanes.passed for lanes in link.lanes)
    entered = sum(link.entered for link in roads.links.values())
    left_a_link = sum(link.passed for link in roads.links.values())
    assert entered == kpis["vehicles_inside"] + left_a_link
    through_the_gates = kpis["vehicles_arrived"] - kpis["vehicles_outside"]
    assert left_a_link == kpis["trips"] + (entered - through_the_gates)  # each leaves the network or enters a link


@settings(max_examples=25)
@given(
    rows=st.integers(1, 3),
    columns=st.integers(1, 3),
    spacing=st.floats(20.0, 200.0),
    demand=st.floats(50.0, 1500.0),
    lanes=st.integers(1, 3),
    turns=st.sampled_from(TURNS),
    cycle=st.floats(30.0, 120.0),
    seed=st.integers(0, 2**20),
    wear=st.booleans(),
    extension=st.sampled_from((0.0, 3.0)),
)
def test_vehicles_are_conserved_and_links_never_overflow(
    rows: int,
    columns: int,
    spacing: float,
    demand: float,
    lanes: int,
    turns: dict[str, float],
    cycle: float,
    seed: int,
    wear: bool,
    extension: float,
) -> None:
    plant = TrafficNetwork(
        seed=seed,
        wear=wear,
        tick=60.0,
        sample=30.0,
        incidents={"per_day": 20.0},
        detectors={"life": 1500.0},
        controllers={"life": 1500.0},
        pavement={"life": 300.0},
        grid={
            "rows": rows,
            "columns": columns,
            "spacing": spacing,
            "entry": spacing,
            "demand": demand,
            "lanes": lanes,
            "turns": turns,
            "cycle": cycle,
        },
    )
    for signal in plant._roads.signals.values():
        signal.change(extension=extension)
    delay = 0.0
    for minute in range(1, 21):
        plant.advance(60.0 * minute)
        check(plant)
        assert plant.figures()["delay_hours"] >= delay
        delay = plant.figures()["delay_hours"]


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_an_open_stop_line_is_a_queue_with_constant_service(load: float) -> None:
    """M/D/1: mean wait rho h / 2 (1 - rho), inside the 99 % interval of 20 replications."""
    flow = 1800.0
    waits = []
    for seed in range(20):
        plant = road(seed=seed, flow=flow, demand=load * flow)
        plant.advance(9000.0)
        before = plant.figures()
        plant.advance(9000.0 + 6 * 3600.0)
        after = plant.figures()
        passed = after["link_traversals"] - before["link_traversals"]
        waits.append((after["delay_hours"] - before["delay_hours"]) * 3600.0 / passed)
    expected = load * (3600.0 / flow) / (2 * (1 - load))
    low, high = scipy.stats.t.interval(0.99, len(waits) - 1, np.mean(waits), scipy.stats.sem(waits))
    assert low <= expected <= high
