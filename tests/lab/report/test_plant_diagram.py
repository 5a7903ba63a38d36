import os
import re
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.lab.runs import make_run
from twin.lab.draw.graph_layers import Bend, Layers, Link, layers
from twin.lab.draw.graph_routes import HEAD, HEIGHT, Routes
from twin.lab.record.loading import load
from twin.lab.report import figures
from twin.lab.report import plant_diagram as diagram
from twin.lab.report.plant_diagram import Box, draw

COLOURS = figures.STATES
Graph = tuple[list[str], list[Link]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"n{i}" for i in range(draw(st.integers(1, 24)))]
    ends = st.sampled_from(names)
    links = draw(st.lists(st.tuples(ends, ends), max_size=40))
    chain = list(pairwise(names)) if draw(st.booleans()) else []
    return names, list(dict.fromkeys(chain + links))


def routes(graph: Graph, columns: int) -> tuple[Layers, Routes]:
    drawn = layers(*graph, columns=columns)
    return drawn, Routes(drawn, width=80)


def points(data: str) -> NDArray[np.float64]:
    """[points, 2] all along a path of M, L, C and Q, close enough to see whatever it runs through."""
    found = np.zeros((0, 2))
    share = np.linspace(0, 1, 41)[:, None, None]
    for letter, numbers in re.findall(r"([MLCQ])([^MLCQ]*)", data):
        own = np.array(re.findall(r"-?[\d.]+", numbers), dtype=float).reshape(-1, 2)
        rest = own[None] if letter == "M" else np.vstack([found[-1:], own])[None]
        while rest.shape[1] > 1:  # de Casteljau
            rest = (1 - share) * rest[:, :-1] + share * rest[:, 1:]
        found = np.vstack([found, rest[:, 0]])
    return found


@settings(deadline=None, max_examples=60)
@given(graph=graphs(), columns=st.integers(1, 9))
def test_no_two_boxes_overlap_and_every_box_is_in_the_picture(graph: Graph, columns: int) -> None:
    _, made = routes(graph, columns)
    assert made.corners.keys() == set(graph[0])
    for x, y in made.corners.values():
        assert 0 < x < made.size[0] - made.width
        assert 0 < y < made.size[1] - HEIGHT
    for (x, y), (u, v) in combinations(made.corners.values(), 2):
        assert abs(x - u) > made.width or abs(y - v) > HEIGHT


@settings(deadline=None, max_examples=60)
@given(graph=graphs(), columns=st.integers(1, 9))
def test_every_link_runs_from_its_source_to_its_target_around_every_box(graph: Graph, columns: int) -> None:
    drawn, made = routes(graph, columns)
    assert set(drawn.links) | {(b, a) for a, b in drawn.both} == set(graph[1])
    corners = np.array(list(made.corners.values())) + 1e-6  # what lies on an edge is outside
    size = np.array([made.width, HEIGHT]) - 2e-6
    for link, data in made.paths.items():
        way = points(data)
        (x, y), (u, v) = (made.corners[name] for name in link)
        assert tuple(way[0]) == (x + made.width, y + made.ports[link])
        assert tuple(way[-1]) == (u - HEAD + 2, v + HEIGHT / 2)
        inside = (way[:, None] > corners) & (way[:, None] < corners + size)
        assert not inside.all(2).any()
        assert (way > 0).all()
        assert (way < made.size).all()


@settings(deadline=None, max_examples=100)
@given(graph=graphs(), columns=st.integers(1, 9))
def test_all_links_but_those_that_close_cycles_lead_on(graph: Graph, columns: int) -> None:
    drawn = layers(*graph, columns=columns)
    flat = [column for row in drawn.rows for column in row]
    at = {place: i for i, column in enumerate(flat) for place in column}
    assert all(0 < len(row) <= columns for row in drawn.rows)
    assert all(any(isinstance(place, str) for place in column) for column in flat)
    for a, b in drawn.links:
        assert (at[a] < at[b]) != ((a, b) in drawn.back)
    for link, chain in drawn.chains.items():
        assert (chain[0], chain[-1]) == link
        assert [at[place] for place in chain] == list(range(at[link[0]], at[link[1]] + 1))
        assert all(isinstance(place, Bend) for place in chain[1:-1])


def test_a_line_is_straight_and_wraps_where_the_page_ends() -> None:
    names = [f"n{i}" for i in range(10)]
    drawn, made = routes((names, list(pairwise(names))), 4)
    assert [len(row) for row in drawn.rows] == [3, 3, 4] or [len(row) for row in drawn.rows] == [4, 3, 3]
    for row in drawn.rows:
        assert len({made.corners[str(column[0])][1] for column in row}) == 1


def test_a_feeder_stands_beside_what_it_feeds_and_rework_leads_back() -> None:
    links = [
        ("saw", "mill"),
        ("mill", "join"),
        ("cast", "join"),
        ("join", "test"),
        ("test", "bench"),
        ("bench", "mill"),
    ]
    drawn = layers(["saw", "mill", "cast", "join", "test", "bench"], links, columns=9)
    assert drawn.rows == [[["saw"], ["mill", "cast"], ["join"], ["test"], ["bench"]]]
    assert drawn.back == {("bench", "mill")}


def test_a_pair_of_links_both_ways_is_one_with_two_heads() -> None:
    links = [("solar", "bus"), ("bus", "grid"), ("grid", "bus"), ("battery", "bus"), ("bus", "battery")]
    drawn = layers(["grid", "battery", "bus", "solar"], links, columns=9)
    assert drawn.both == {("bus", "grid"), ("bus", "battery")}
    svg = draw([Box(name) for name in ("grid", "battery", "bus", "solar")], links, colours={}, width=900)
    assert svg.count('class="tip"') == 5  # solar → bus has one
    assert "bus ⇄ grid" in svg


def test_links_both_ways_leave_a_box_apart_from_those_one_way() -> None:
    _, made = routes((["bus", "grid", "load"], [("bus", "grid"), ("grid", "bus"), ("bus", "load")]), 9)
    assert made.ports["bus", "grid"] > made.ports["bus", "load"]
    assert made.corners["grid"][1] > made.corners["load"][1]  # so that the two do not cross


def test_straightened_siblings_stand_evenly_about_their_source() -> None:
    _, made = routes((["a", "b", "c", "d"], [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]), 9)
    levels = {name: y for name, (_, y) in made.corners.items()}
    assert levels["a"] == levels["d"]
    assert 2 * levels["a"] == pytest.approx(levels["b"] + levels["c"], abs=1)


def test_a_layer_is_only_so_tall() -> None:
    homes = [f"home_{i}" for i in range(50)]
    drawn = layers(["hub", *homes], [("hub", home) for home in homes], columns=9)
    assert max(sum(isinstance(p, str) for p in column) for row in drawn.rows for column in row) == 12
    assert all(len(column) <= 13 for row in drawn.rows for column in row)  # the other links share a lane


def test_a_box_says_its_name_type_and_states_and_never_markup() -> None:
    boxes = [Box("<b>&", "saw", {"busy": 0.75, "down": 0.25}), Box("a_very_long_name_indeed_7")]
    svg = draw(boxes, [("<b>&", "a_very_long_name_indeed_7")], colours=COLOURS, width=900)
    root = ElementTree.fromstring(svg)
    titles = [title.text for title in root.iter("title")]
    assert titles == [
        "<b>& → a_very_long_name_indeed_7",
        "<b>& (saw)\nbusy 75 %\ndown 25 %",
        "a_very_long_name_indeed_7",
    ]
    bars = [float(rect.get("width", 0)) for rect in root.iter("rect") if str(rect.get("class")).startswith("state ")]
    assert bars[0] == pytest.approx(3 * bars[1], abs=0.2)
    assert "a_very_lon…eed_7" in [text.text for text in root.iter("text")]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="b"):
        draw([Box("a")], [("a", "b")], colours={}, width=900)
    with pytest.raises(ValueError, match="each name once"):
        draw([Box("a"), Box("a")], [], colours={}, width=900)
    with pytest.raises(ValueError, match="columns = 0"):
        layers(["a"], [], columns=0)


def test_a_run_shows_what_has_links_or_states(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=30, assets=("saw", "lathe", "mill")))
    run.run["assets"].append({"name": "line", "type": "line"})
    run.run["links"] = [["saw", "lathe"]]
    svg = diagram.plant(run, width=900)
    words = [text.text for text in ElementTree.fromstring(svg).iter("text")]
    assert words == ["saw", "machine", "lathe", "machine", "mill", "machine"]
    assert svg.count('class="state ') == 3 * 4
    assert diagram.state_shares(run)["saw"] == pytest.approx(
        {"busy": 0.7, "idle": 0.1, "down": 0.1, "maintenance": 0.1}
    )
    run.run["links"] = []
    assert diagram.plant(run, width=900) == ""


def test_the_same_plant_gives_the_same_bytes_in_any_process() -> None:
    code = (
        "from twin.lab.report.plant_diagram import Box, draw\n"
        "n = [f'n{i}' for i in range(20)]\n"
        "links = [(n[i], n[i * k % 20]) for i in range(20) for k in (3, 7, 11)]\n"
        "print(draw([Box(x) for x in n], links, colours={}, width=900))"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "12"
    ]
    assert made[0] == made[1]
    assert len(made[0]) > 1000
