"""A map of a plant whose assets lie somewhere: stretches and points, coloured by how many wait there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from twin.lab.draw.words import number
from twin.lab.record.loading import Run

Point = tuple[float, float]
LEVELS = 8  # strengths of a colour
HIGH, MARGIN = 520.0, 16.0  # pixels: of the map at most, around it
SIDE = 3.5  # pixels from the middle of a road to a lane's, to the right of the way it is driven
ROUND = 9.0  # pixels, radius of a point


@dataclass(frozen=True)
class Stretch:
    """A road from one point to another, in pixels. waiting: mean number in line, NaN where nobody counts."""

    name: str
    begin: Point
    end: Point
    waiting: float


def place_map(run: Run, *, width: int, marked: Sequence[str] = ()) -> str:
    """The map as SVG text, or nothing where no asset has two ends. width: pixels. marked: points to stand out."""
    places = {str(a["name"]): a["place"] for a in run.run.get("assets") or [] if a.get("place")}
    ends = {name: place for name, place in places.items() if len(place) == 2}
    if not ends:
        return ""
    to_pixels, size = _frame([point for place in places.values() for point in place], width)
    waiting = waiting_at(run, list(ends))
    stretches = [
        Stretch(name, to_pixels(place[0]), to_pixels(place[1]), waiting.get(name, math.nan))
        for name, place in ends.items()
    ]
    top = max((s.waiting for s in stretches if math.isfinite(s.waiting)), default=0.0)
    points = {name: to_pixels(place[0]) for name, place in places.items() if len(place) == 1}
    body = "\n".join([*(_road(one, top) for one in stretches), *_points(points, marked)])
    return (
        f'<svg role="img" aria-label="Map of {len(ends)} roads and {len(points)} crossings" '
        f'viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" style="max-width:{size[0]:.0f}px">\n{body}\n</svg>'
    )


def waiting_at(run: Run, names: Sequence[str]) -> dict[str, float]:
    """Mean reading of the queue signal of each asset, or of one that it leads to."""
    of_queue = {s["key"].rpartition(".")[0]: s["key"] for s in run.run.get("signals") or [] if s.get("kind") == "queue"}
    wanted = set(names)
    keys = {name: of_queue[name] for name in names if name in of_queue}
    keys |= {a: of_queue[b] for a, b in run.run.get("links") or [] if a in wanted and b in of_queue}
    rows = run.readings[run.readings["signal"].isin(list(keys.values()))]
    means = rows.groupby("signal", observed=True)["value"].mean()
    return {name: float(means[key]) for name, key in keys.items() if key in means.index}


def most_waiting(run: Run) -> float:
    """The largest mean that the map shows, for its legend; NaN where nobody counts."""
    names = [str(a["name"]) for a in run.run.get("assets") or [] if len(a.get("place") or ()) == 2]
    return max(waiting_at(run, names).values(), default=math.nan)


def _frame(points: Sequence[Sequence[float]], width: int) -> tuple[Callable[[Sequence[float]], Point], Point]:
    """(from metres to the east and north to pixels to the right and down, size of the picture in pixels)."""
    at = np.array(points, dtype=float)
    (west, south), (east, north) = at.min(0).tolist(), at.max(0).tolist()
    across, up = max(east - west, 1.0), max(north - south, 1.0)
    scale = min((width - 2 * MARGIN) / across, (HIGH - 2 * MARGIN) / up)

    def to_pixels(point: Sequence[float]) -> Point:
        return MARGIN + (point[0] - west) * scale, MARGIN + (north - point[1]) * scale

    return to_pixels, (across * scale + 2 * MARGIN, up * scale + 2 * MARGIN)


def _road(one: Stretch, top: float) -> str:
    """One direction of a road, beside its middle, with a tip where it ends."""
    (x0, y0), (x1, y1) = one.begin, one.end
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 1e-6:
        return ""
    along, aside = ((x1 - x0) / length, (y1 - y0) / length), (-(y1 - y0) / length, (x1 - x0) / length)
    room = min(ROUND + 2.0, length / 3)
    ends = [(x0, y0, room), (x1, y1, -room)]
    a, b = ((x + along[0] * way + aside[0] * SIDE, y + along[1] * way + aside[1] * SIDE) for x, y, way in ends)
    known = math.isfinite(one.waiting)
    level = math.ceil(one.waiting / top * LEVELS) if known and top > 0 else 0
    ink = f"red v{level}" if 0 < level < LEVELS else "red" if level else "none"
    told = f"{one.name}: {number(one.waiting)} waiting, mean" if known else f"{one.name}: nobody counts here"
    return (
        f'<g class="road"><title>{escape(told)}</title>'
        f'<path class="bed" d="M{a[0]:.1f},{a[1]:.1f}L{b[0]:.1f},{b[1]:.1f}"/>'
        f'<path class="{ink}" d="M{a[0]:.1f},{a[1]:.1f}L{b[0]:.1f},{b[1]:.1f}"/></g>'
    )


def _points(points: Mapping[str, Point], marked: Sequence[str]) -> list[str]:
    return [
        f'<g class="crossing{" marked" if name in marked else ""}"><title>{escape(name)}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{ROUND:g}"/>'
        f'<text x="{x:.1f}" y="{y + 3.5:.1f}" text-anchor="middle">{escape(name[:3])}</text></g>'
        for name, (x, y) in points.items()
    ]
