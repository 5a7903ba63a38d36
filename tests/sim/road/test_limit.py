"""Which crossing limits a network, what widening it changes, and where everything lies."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plants.traffic_network import TrafficNetwork

GRID = {"rows": 1, "columns": 2, "spacing": 300.0, "entry": 200.0, "demand": {"ew": 500.0, "ns": 300.0}}


def network(**more: object) -> TrafficNetwork:
    return TrafficNetwork(**{"seed": 2, "grid": GRID, "wear": False, **more})


def test_the_critical_crossing_has_the_largest_share_of_all_delay() -> None:
    plant = network()
    plant.advance(3600.0)
    first, second = plant.bottlenecks()
    assert {first.name, second.name} == {"A1", "B1"}
    assert first.share >= second.share
    assert first.share + second.share == pytest.approx(1.0)


def test_more_saturation_flow_at_a_crowded_crossing_saves_delay() -> None:
    plant = network(grid=GRID | {"columns": 1, "demand": {"ew": 800.0, "ns": 300.0}})
    plant.advance(3600.0)
    wide = plant.fork()
    wide.relieve(["A1"], 0.2)
    before = plant.kpis()["delay_hours"]
    for one in (plant, wide):
        one.advance(3 * 3600.0)
    assert wide.kpis()["delay_hours"] - before < 0.7 * (plant.kpis()["delay_hours"] - before)


def test_where_nobody_drives_nothing_limits() -> None:
    assert network().bottlenecks() == []


def test_crossings_and_roads_of_a_grid_lie_where_it_says() -> None:
    place = {asset.name: asset.place for asset in network().spec.assets}
    assert place["A1"] == ((0.0, 0.0),)
    assert place["B1"] == ((300.0, 0.0),)
    assert place["A1_B1"] == ((0.0, 0.0), (300.0, 0.0))
    assert place["west1_A1"] == ((-200.0, 0.0), (0.0, 0.0))
    assert place["north2_B1"] == ((300.0, 200.0), (300.0, 0.0))
    assert place["network"] == ()


def test_a_network_without_a_grid_is_laid_out_by_its_lengths() -> None:
    links = {f"in_{i}": {"length": 100.0 * (i + 1), "to": {"out": 1.0}, "demand": 200.0} for i in range(3)}
    signals = {"X": {"stages": {"a": {"links": ["in_0", "in_1"]}, "b": {"links": ["in_2"]}}}}
    place = {a.name: a.place for a in network(grid=None, links=links, signals=signals).spec.assets}
    for i in range(3):
        begin, end = (np.array(point) for point in place[f"in_{i}"])
        assert tuple(end) == place["X"][0]
        assert np.linalg.norm(begin - end) == pytest.approx(100.0 * (i + 1), rel=0.2)
