"""The plant as it lies: a road network as a map, a microgrid as a one-line diagram."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from tests.lab.report.test_power_section import grid_run
from tests.lab.runs import make_run
from twin.lab.record.loading import Run, load
from twin.lab.report import plant_section
from twin.lab.report.one_line import one_line
from twin.lab.report.place_map import place_map, waiting_at

ROADS = {
    "assets": [
        {"name": "in", "type": "link", "place": [[-200.0, 0.0], [0.0, 0.0]]},
        {"name": "on", "type": "link", "place": [[0.0, 0.0], [300.0, 0.0]]},
        {"name": "back", "type": "link", "place": [[300.0, 0.0], [0.0, 0.0]]},
        {"name": "loop", "type": "detector"},
        {"name": "A1", "type": "signal", "place": [[0.0, 0.0]]},
    ],
    "links": [["in", "on"], ["in", "loop"]],
    "signals": [{"key": "loop.queue", "kind": "queue"}],
}


def roads(tmp_path: Path, **facts: Any) -> Run:
    run = load(make_run(tmp_path / "run", ticks=20))
    rows = pd.DataFrame({"time": [1.0, 2.0], "arrived": [1.0, 2.0], "signal": ["loop.queue"] * 2, "value": [2.0, 4.0]})
    return Run(**{**run.__dict__, "readings": rows, "run": run.run | ROADS | facts})


def test_a_road_waits_as_its_detector_counts(tmp_path: Path) -> None:
    assert waiting_at(roads(tmp_path), ["in", "on"]) == {"in": 3.0}


@pytest.mark.parametrize("width", [330, 1000])
def test_roads_lie_to_scale_each_direction_on_its_own_side(tmp_path: Path, width: int) -> None:
    picture = ElementTree.fromstring(place_map(roads(tmp_path), width=width, marked=["A1"]))
    assert float(picture.get("viewBox", "").split()[2]) <= width
    ends = [[float(x) for x in re.findall(r"-?[\d.]+", path.get("d", ""))] for path in picture.iter("path")][::2]
    lengths = [abs(x1 - x0) for x0, _, x1, _ in ends]
    assert lengths[1] == pytest.approx(lengths[2])
    assert lengths[1] > 1.4 * lengths[0]
    assert ends[1][1] > ends[2][1], "who drives east drives on the south side"
    assert [g.get("class") for g in picture.iter("g")][-1] == "crossing marked"


def test_a_plant_that_lies_nowhere_has_no_map_and_one_without_a_bus_no_one_line_diagram(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=20))
    assert place_map(run, width=1000) == ""
    assert one_line(run, upright=False) == ""
    assert "How its assets are linked" in "".join(plant_section.section(run, {}))


@pytest.mark.parametrize("upright", [False, True])
def test_sources_stand_on_one_side_of_the_bus_and_loads_on_the_other(tmp_path: Path, upright: bool) -> None:
    picture = ElementTree.fromstring(one_line(grid_run(tmp_path), upright=upright))
    boxes = {
        box.findtext("title", "").split(" ")[0]: box.find("rect")
        for box in picture.iter("g")
        if box.find("rect") is not None
    }
    assert boxes.keys() == {"roof", "cells", "house"}
    across = "x" if upright else "y"
    at = {name: float(rect.get(across, "nan")) for name, rect in boxes.items() if rect is not None}
    bus = next(path for path in picture.iter("path") if path.get("class") == "bus")
    level = [float(x) for x in re.findall(r"-?[\d.]+", bus.get("d", ""))][0 if upright else 1]
    assert max(at["roof"], at["cells"]) < level < at["house"]
    assert "1.33 kW" in "".join(picture.itertext()), "the roof gives 4 kW for 8 of 24 hours"
    assert np.isfinite(list(at.values())).all()


def test_the_section_takes_the_map_before_the_diagram(tmp_path: Path) -> None:
    told = "".join(plant_section.section(roads(tmp_path), {}))
    assert "Where its roads and crossings lie" in told
    assert "How its assets are linked" not in told
