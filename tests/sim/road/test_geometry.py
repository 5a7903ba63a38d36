"""Grids from a compact description."""

from __future__ import annotations

from typing import Any

import pytest

from sim.plants.traffic_network import TrafficNetwork
from sim.road.geometry import grid


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 4), (2, 2), (4, 4)])
def test_every_crossing_has_four_approaches_and_every_way_leads_somewhere(rows: int, columns: int) -> None:
    links, signals = grid({"rows": rows, "columns": columns, "turns": {"left": 0.1, "through": 0.8, "right": 0.1}})
    assert (len(links), len(signals)) == (4 * rows * columns, rows * columns)
    assert sum("demand" in own for own in links.values()) == 2 * (rows + columns)
    for own in links.values():
        assert sum(own["to"].values()) == pytest.approx(1.0)
        assert set(own["to"]) <= {*links, "out"}
    served = [link for own in signals.values() for stage in own["stages"].values() for link in stage["links"]]
    assert sorted(served) == sorted(links)


def test_turns_lead_where_a_driver_expects() -> None:
    links, _ = grid({"rows": 2, "columns": 2, "turns": {"left": 0.2, "through": 0.5, "right": 0.3}})
    assert links["west2_A2"]["to"] == {"A2_A1": 0.2, "A2_B2": 0.5, "out": 0.3}  # eastwards: left is north
    assert links["north1_A1"]["to"] == {"A1_B1": 0.2, "A1_A2": 0.5, "out": 0.3}  # southwards: left is east


def test_a_wave_sets_offsets() -> None:
    _, signals = grid({"rows": 1, "columns": 3, "spacing": 300.0, "wave": 15.0, "cycle": 35.0})
    assert [own["offset"] for own in signals.values()] == [0.0, 20.0, 5.0]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"grid": {"row": 1}}, "'row' is unknown"),
        ({"grid": {"rows": 0}}, "grid.rows = 0"),
        ({"grid": {"turns": {"left": 0.5}}}, "must be >= 0 and sum to 1"),
        ({"grid": {"lanes": 0}}, "lanes = 0"),
        ({"links": {}}, "must name at least one link"),
        ({"links": {"a": {"to": {"b": 1.0}}}}, "there is no such link"),
        ({"links": {"a": {"length": -1}}}, "a.length = -1"),
        ({"links": {"a": {"colour": 1}}}, "'colour' is unknown"),
        ({"links": {"a": {}}, "signals": {"J": {"stages": {"x": {"links": ["c"]}}}}}, "no such link or group"),
        ({"links": {"a": {}}, "signals": {"J": {}}}, "at least one stage"),
        ({"links": {"a": {}}, "control": {"amber": 3}}, "'amber' is unknown"),
        ({"links": {"a": {}}, "detectors": {"failed": 1.5}}, "detectors.failed = 1.5"),
        ({"links": {"a": {}}, "pavement": {"lives": 1}}, "'lives' is unknown"),
        ({"links": {"a": {}}, "travel_times": ["b"]}, "'b' is unknown"),
        ({"links": {"a": {}}, "sensors": {"a.queue": {}}}, "'a.queue' is unknown"),
        ({"links": {"a": {}}, "scale": 0}, "scale = 0"),
    ],
)
def test_bad_networks_are_told_in_one_line(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told) as error:
        TrafficNetwork(seed=1, **fields)
    assert "\n" not in str(error.value)


def test_lanes_that_the_signal_serves_apart() -> None:
    plant = TrafficNetwork(
        seed=1,
        wear=False,
        links={
            "in": {
                "demand": 600.0,
                "lanes": {"left": {"lanes": 1, "to": {"a": 0.3}}, "ahead": {"lanes": 2, "to": {"b": 0.7}}},
            },
            "a": {},
            "b": {},
        },
        signals={"J": {"stages": {"left": {"links": ["in.left"]}, "ahead": {"links": ["in.ahead"]}}}},
    )
    plant.advance(7200.0)
    links = plant._roads.links
    assert links["in"].storage == 120
    assert links["a"].entered / (links["a"].entered + links["b"].entered) == pytest.approx(0.3, abs=0.04)
    assert sum(link.source == "in_loop" for link in plant.spec.links) == 2
