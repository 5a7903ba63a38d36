"""What a panel draws: thinned without losing what is seen, broken where nothing is known, its axes at round numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from twin.lab.draw.plot_panel import HIGH, WIDE, Panel, _thin, broken, limits, nice


def drawn(panel: Panel, kind: str) -> str:
    """The path of a class."""
    root = ElementTree.fromstring(panel.html())
    return next(part.get("d") or "" for part in root.iter("path") if (part.get("class") or "").split()[0] == kind)


def points(path: str) -> list[tuple[int, int]]:
    """A path's corners, its differences added up."""
    found: list[tuple[int, int]] = []
    for part in path.replace("z", "").split("M")[1:]:
        start, _, rest = part.partition("l")
        at = np.array([int(n) for n in re.findall(r"-?\d+", start.partition("h")[0])])
        moves = np.array([int(n) for n in re.findall(r"-?\d+", rest)]).reshape(-1, 2)
        found += [tuple(p) for p in at + np.r_[np.zeros((1, 2), int), moves.cumsum(0)].astype(int)]
    return found


@pytest.mark.parametrize(
    ("low", "high", "count", "ticks"),
    [(0, 10, 5, [0, 2, 4, 6, 8, 10]), (0, 1, 3, [0, 0.5, 1]), (-3, 7, 2, [0, 5]), (18, 52, 1, [20, 40]), (1, 1, 3, [])],
)
def test_ticks_are_round_and_at_least_two(low: float, high: float, count: int, ticks: list[float]) -> None:
    assert nice(low, high, count) == pytest.approx(ticks)


@pytest.mark.parametrize("seed", range(5))
def test_ticks_lie_within_whatever_the_interval(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for low, width in zip(rng.normal(scale=1e3, size=50), 10.0 ** rng.uniform(-6, 6, 50), strict=True):
        ticks = nice(low, low + width, 4)
        assert 2 <= len(ticks) <= 10
        assert low - 1e-6 * width <= ticks[0] < ticks[-1] <= low + width * (1 + 1e-6)


def test_thinning_keeps_the_extremes_of_every_column() -> None:
    rng = np.random.default_rng(1)
    up = np.rint(rng.normal(200, 40, 20_000))
    up[rng.integers(0, len(up), 300)] = np.nan
    across = np.rint(np.linspace(0, WIDE, len(up)))
    kept = _thin(across, up, 100)
    assert len(kept) <= 100 * 4 + 400
    column = np.floor(across * 100 / WIDE)
    for each in np.unique(column):
        own = column == each
        mine = kept[own[kept]]
        assert np.nanmin(up[mine]) == np.nanmin(up[own])
        assert np.nanmax(up[mine]) == np.nanmax(up[own])


def test_a_curve_goes_where_its_points_are_and_is_broken_where_there_is_none() -> None:
    panel = Panel(x=(0, 10), y=(0, 4), title="t")
    panel.line([0, 5, 6, 7, 10], [0, 4, np.nan, 2, 1], "blue")
    path = drawn(panel, "l")
    assert path.count("M") == 2
    assert points(path) == [(0, HIGH), (500, 0), (700, 200), (1000, 300)]


def test_a_band_covers_the_widest_of_each_column_and_stops_at_gaps() -> None:
    x = np.linspace(0, 10, 5000)
    low, high = -np.abs(np.sin(40 * x)), np.abs(np.cos(33 * x))
    high[2000:2100] = np.nan
    panel = Panel(x=(0, 10), y=(-2, 2), title="t", columns=50)
    panel.band(x, low, high, "blue")
    path = drawn(panel, "b")
    assert path.count("z") == 2
    heights = [y for _, y in points(path)]
    assert min(heights) == 100
    assert max(heights) == 300


def test_level_stretches_are_one_move() -> None:
    panel = Panel(x=(0, 100), y=(0, 1), title="t")
    panel.steps(np.arange(101.0), np.r_[np.zeros(50), np.ones(50)], "blue")
    assert points(drawn(panel, "l")) == [(0, HIGH), (500, HIGH), (500, 0), (1000, 0)]


def test_dots_beyond_the_axes_stand_at_their_edge() -> None:
    panel = Panel(x=(0, 10), y=(0, 1), title="t")
    panel.dots([5, 5, 5], [9, -9, np.nan], "ink")
    assert drawn(panel, "p") == f"m500 0h0m0 {HIGH // 3 * 3}h0"


def test_gaps_are_marked_where_x_jumps() -> None:
    x, y = broken([0, 1, 2, 9, 10], [1, 2, 3, 4, 5], gap=2)
    assert x.tolist() == [0, 1, 2, 2, 9, 10]
    assert np.isnan(y).tolist() == [False, False, False, True, False, False]


def test_time_is_told_in_days_or_hours_and_words_never_as_markup() -> None:
    days = Panel(x=(0, 10), y=(0, 1), title="<b>").html()
    assert ">day 4<" in days
    assert "&lt;b&gt;" in days
    assert "<b>" not in days
    hours = Panel(x=(0, 0.1), y=(0, 1), title="t").html()
    assert ">1 h<" in hours
    assert ">50%<" in Panel(x=(0, 1), y=(0, 1), title="t", percent=True).html()


def test_limits_show_what_there_is() -> None:
    assert limits([]) == (0.0, 1.0)
    assert limits([np.nan, np.inf]) == (0.0, 1.0)
    low, high = limits(np.r_[np.ones(1000), 1e9])
    assert low < 1 < high < 10, "a single outlier does not set the scale"
    assert limits([5, 6], 0, zero=True)[0] == 0.0
    assert limits([-5, -6], 0, zero=True)[1] == 0.0


@pytest.mark.parametrize("axis", [{"x": (1.0, 1.0), "y": (0.0, 1.0)}, {"x": (0.0, 1.0), "y": (2.0, 1.0)}])
def test_an_axis_without_extent_is_refused(axis: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="must rise"):
        Panel(**axis, title="t")
