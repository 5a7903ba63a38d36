"""The places of a drawing's boxes and the paths of the links between them, around every box.

Boxes lie in rows and columns. A link runs to the right through the gaps between columns and through places left free
for it in the columns that it passes. A link that goes back, or to another row, leaves on the right too, runs in the gap
to a channel below or above its row, along the channel, and enters from the left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from twin.lab.draw.graph_layers import Bend, Layers, Link, Place, levels, shared_lane

Key = TypeVar("Key", bound=Hashable)
Point = tuple[float, float]
# All in pixels.
HEIGHT = 46  # of a box
ABOVE, PASS, LANE = 7, 5, 7  # room above and below a box, above and below a bend, between lanes
CURVE, HEAD = 30, 7  # room for a curve, for an arrow head
STUB, MARGIN, ROUND = 12, 2, 6  # room before the first lane, around the whole, radius of a corner
PORT = 37  # from a box's top to where two-way links leave it beside others, so that no arrow heads overlap


class Detour(NamedTuple):
    """A link that leads around: `channel` is the row that it runs below, `lane` the lane there that it shares."""

    link: Link
    channel: int
    lane: Link


class Routes:
    """The geometry of a drawing, in pixels.

    drawn: the graph in layers. width: of a box.
    size: width and height of the whole. corners: top left of each box. ports: distance from the top of the source's box
    at which each link leaves it. paths: of each link as SVG path data (absolute M, L, C and Q), from the right of its
    source's box to the left of its target's, short of the arrow heads.
    """

    def __init__(self, drawn: Layers, *, width: int) -> None:
        self._drawn, self.width = drawn, width
        self._at = {p: (r, c) for r, row in enumerate(drawn.rows) for c, column in enumerate(row) for p in column}
        around = [link for link in drawn.links if link not in drawn.chains]
        leaving, entering = Counter(a for a, _ in around), Counter(b for _, b in around)
        self._detours = {
            (a, b): Detour((a, b), self._channel(a, b), shared_lane(leaving[a], entering[b], (a, b))) for a, b in around
        }
        self._lanes = self._channel_lanes()
        self._middle, self._floors, bottom = self._stack()
        self._exits, self._entries = self._verticals(end=0), self._verticals(end=1)
        self._zones = self._gap_zones()
        self._left, right = self._columns()
        self.size = right, bottom
        one_way = {link[0] for link in drawn.links if link not in drawn.both}
        self.ports = {link: PORT if link in drawn.both and link[0] in one_way else HEIGHT // 2 for link in drawn.links}
        self.corners = {
            p: (self._left[c], self._middle[p] - HEIGHT // 2) for p, (_, c) in self._at.items() if isinstance(p, str)
        }
        self.paths = {
            link: self._around(self._detours[link]) if link in self._detours else self._along(link)
            for link in drawn.links
        }

    def _channel(self, source: str, target: str) -> int:
        row = self._at[source][0]
        return row - 1 if self._at[target][0] < row else row

    def _channel_lanes(self) -> dict[tuple[int, Link], int]:
        """The lane in its channel of each bundle of detours; short ones run next to the row."""
        gaps: dict[tuple[int, Link], list[int]] = {}
        for (a, b), channel, lane in self._detours.values():
            gaps.setdefault((channel, lane), []).extend((self._at[a][1] + 1, self._at[b][1]))
        return _pack({key: (key[0], min(columns), max(columns)) for key, columns in gaps.items()})

    def _stack(self) -> tuple[dict[Place, int], list[int], int]:
        """The middle of each place, the bottom of each row, and of the whole."""
        room: dict[Place, int] = {p: PASS if isinstance(p, Bend) else HEIGHT // 2 + ABOVE for p in self._at}
        middle: dict[Place, int] = {}
        floors: list[int] = []
        y = MARGIN - ABOVE
        for r, row in enumerate(self._drawn.rows):
            chains = [chain for chain in self._drawn.chains.values() if self._at[chain[0]][0] == r]
            heights = levels(row, dict.fromkeys(step for chain in chains for step in pairwise(chain)), room)
            middle |= {place: y + at for place, at in heights.items()}
            floors.append(y + max(at + room[place] for place, at in heights.items()))
            lanes = 1 + max((lane for (channel, _), lane in self._lanes.items() if channel == r), default=-1)
            y = floors[-1] + LANE * lanes + (ABOVE if lanes else 0)
        return middle, floors, y + MARGIN

    def _lane_level(self, detour: Detour) -> int:
        return self._floors[detour.channel] + 3 + LANE * self._lanes[detour.channel, detour.lane]

    def _verticals(self, *, end: int) -> dict[str, int]:
        """For each box that detours leave (end 0) or enter (1): the lane in the gap beside it."""
        spans: dict[str, list[int]] = {}
        for detour in self._detours.values():
            name = detour.link[end]
            spans.setdefault(name, [self._middle[name]]).append(self._lane_level(detour))
        gap = {name: self._at[name][1] + 1 - end for name in spans}
        return _pack({name: (gap[name], min(ends) - LANE, max(ends) + LANE) for name, ends in spans.items()})

    def _gap_zones(self) -> list[tuple[int, int]]:
        """For each gap, from the left of all boxes: the room for lanes that leave boxes and for those that enter."""
        count = max((len(row) for row in self._drawn.rows), default=0)
        zones = []
        for gap in range(count + 1):
            leave = [lane for name, lane in self._exits.items() if self._at[name][1] + 1 == gap]
            enter = [lane for name, lane in self._entries.items() if self._at[name][1] == gap]
            out = STUB + LANE * max(leave) if leave else 0
            zones.append((out, HEAD + ROUND + LANE * max(enter) if enter else HEAD * (0 < gap < count)))
        return zones

    def _columns(self) -> tuple[list[int], int]:
        """The left of each column's boxes, and the right of the whole."""
        left: list[int] = []
        x = MARGIN
        for gap, (leave, enter) in enumerate(self._zones):
            x += leave + enter + CURVE * (0 < gap < len(self._zones) - 1)
            left.append(x)
            x += self.width
        return left[:-1], left[-1] + MARGIN

    def _start(self, link: Link) -> tuple[int, int]:
        x, y = self.corners[link[0]]
        return x + self.width, y + self.ports[link]

    def _along(self, link: Link) -> str:
        """From gap to gap to the right, straight past the boxes of the columns between."""
        chain = self._drawn.chains[link]
        x, y = self._start(link)
        data = f"M{x},{y}"
        for place in chain[1:]:
            gap, level = self._at[place][1], self._middle[place]
            start, end = x + self._zones[gap][0], self._left[gap] - self._zones[gap][1]
            turn = (start + end) / 2
            data += f"L{start},{y}C{turn:g},{y} {turn:g},{level} {end},{level}" if level != y else ""
            x, y = self._left[gap] + self.width, level
        return f"{data}L{self._left[self._at[chain[-1]][1]] - HEAD + 2},{y}"

    def _around(self, detour: Detour) -> str:
        source, target = detour.link
        column = self._at[target][1]
        right, first = self._start(detour.link)
        down = right + STUB + LANE * self._exits[source]
        up = self._left[column] - HEAD - ROUND - LANE * self._entries[target]
        level, last = self._lane_level(detour), self._middle[target]
        corners = [(right, first), (down, first), (down, level), (up, level), (up, last)]
        return _rounded([*corners, (self._left[column] - HEAD + 2, last)])


def _pack(spans: Mapping[Key, tuple[int, float, float]]) -> dict[Key, int]:
    """The lane of each span (group, from, to).

    Spans of a group that touch have different lanes; short spans get the first ones.
    """
    lanes: dict[Key, int] = {}
    for key in sorted(spans, key=lambda key: spans[key][2] - spans[key][1]):
        group, low, high = spans[key]
        taken = {lanes[k] for k in lanes if spans[k][0] == group and spans[k][1] <= high and low <= spans[k][2]}
        lanes[key] = next(lane for lane in range(len(lanes) + 1) if lane not in taken)
    return lanes


def _rounded(points: Sequence[Point]) -> str:
    """Straight pieces, the corners between them rounded."""
    data = "M{:g},{:g}".format(*points[0])
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        data += "L{:g},{:g}Q{:g},{:g} {:g},{:g}".format(*_toward(corner, before), *corner, *_toward(corner, after))
    return data + "L{:g},{:g}".format(*points[-1])


def _toward(corner: Point, other: Point) -> Point:
    """From a corner a little way toward the next, half way at most."""
    x, y = other[0] - corner[0], other[1] - corner[1]
    length = abs(x) + abs(y)
    share = min(ROUND / length, 0.5) if length else 0.0
    return corner[0] + x * share, corner[1] + y * share
