"""Panels of a page: plots that stretch to the available width, with axes in the page's letters.

A panel's curves are an SVG whose two axes scale freely and whose strokes do not scale; its words are HTML around it. So
one plot serves a desk and a phone, with letters of one size, in the page's colours of the light and the dark scheme.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

WIDE, HIGH = 1000, 400  # units of the drawing; a screen's pixels are coarser
COLOURS = ("blue", "amber", "green", "red", "purple", "sky")
DASHES = ("", "dash", "dot", "dashdot")
Floats = NDArray[np.float64]


def nice(low: float, high: float, count: int) -> list[float]:
    """Round numbers in an interval, about `count` of them, steps 1, 2 or 5 times a power of ten."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [step * i for i in range(first, last + 1)] if last > first or count > 8 else nice(low, high, count + 1)


def limits(values: ArrayLike, share: float = 0.5, *, zero: bool = False) -> tuple[float, float]:
    """Limits that show all but `share` percent on each side, with room; (0, 1) where there is nothing to show.

    zero: whether 0 is to be one of what is shown.
    """
    seen = np.asarray(values, dtype=float)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return 0.0, 1.0
    low, high = (float(q) for q in np.percentile(seen, [share, 100 - share]))
    room = 0.12 * (high - low) + 1e-9 + 1e-3 * abs(high)
    if zero:
        return min(0.0, low - room if low < 0 else 0.0), max(0.0, high + room)
    return low - room, high + room


class Panel:
    """A plot with one pair of axes.

    x: from and to, in days where `time`, else in the quantity that x_name names. y: from and to.
    title: shown above. description: read aloud by screen readers; the title by default. height: small, middle or tall.
    columns: to which a curve is thinned, keeping the first, last, least and greatest value of each.
    levels: about how many ticks y has. percent: write the ticks of y in percent.
    Raises ValueError where an axis has no extent.
    """

    def __init__(
        self,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        title: str = "",
        description: str = "",
        height: str = "middle",
        time: bool = True,
        x_name: str = "",
        columns: int = 600,
        levels: int = 3,
        percent: bool = False,
    ) -> None:
        for name, (low, high) in (("x", x), ("y", y)):
            if not low < high:
                raise ValueError(f"Panel: {name} = {low} to {high}: must rise")
        self._x, self._y, self._title, self._height = x, y, title, height
        self._description = description or title
        self._time, self._x_name, self._columns, self._levels = time, x_name, columns, levels
        self._percent = percent
        self._drawn: list[str] = []

    def line(self, x: ArrayLike, y: ArrayLike, colour: str, *, dash: str = "") -> None:
        """A curve; where y is NaN it is broken."""
        across, up = self._place(x, y)
        points = _thin(across, up, self._columns)
        self._draw(f"l {colour} {dash}".strip(), _polylines(across[points], up[points]))

    def steps(self, edges: ArrayLike, values: ArrayLike, colour: str, *, dash: str = "", fill: bool = False) -> None:
        """`values` [n] between `edges` [n + 1], filled down to zero or as a line."""
        x, y = np.repeat(np.asarray(edges, float), 2)[1:-1], np.repeat(np.asarray(values, float), 2)
        if fill:
            self.band(x, np.zeros(len(x)), y, colour, solid=True)
        else:
            self.line(x, y, colour, dash=dash)

    def band(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str, *, solid: bool = False) -> None:
        """The area between two curves, broken where either is NaN; each column as high as its highest point."""
        (across, top), (_, foot) = self._place(x, high), self._place(x, low)
        shape = ""
        for begin, end in _runs(np.isfinite(top) & np.isfinite(foot)):
            along, up, down = across[begin:end], top[begin:end], foot[begin:end]
            if len(along) > 2 * self._columns:
                starts = _starts(along, self._columns)
                along, up, down = along[starts], np.minimum.reduceat(up, starts), np.maximum.reduceat(down, starts)
            shape += _path(np.r_[along, along[::-1]], np.r_[up, down[::-1]]) + "z"
        self._draw(f"{'a' if solid else 'b'} {colour}", shape)

    def dots(self, x: ArrayLike, y: ArrayLike, colour: str, *, large: bool = False) -> None:
        """Points. Those that would overlap are drawn once, those beyond the axes at their edge."""
        across, up = self._place(x, y)
        known = np.isfinite(up)
        wide, high = (4, 6) if int(known.sum()) > 2 * self._columns else (2, 3)
        grid = np.stack([across[known] // wide * wide, np.clip(up[known], 0, HIGH) // high * high], 1).astype(int)
        grid = np.unique(grid, axis=0)
        moves = np.diff(grid, axis=0, prepend=np.zeros((1, 2), int)).tolist()
        self._draw(f"{'p large' if large else 'p'} {colour}", "".join(f"m{a} {b}h0" for a, b in moves))

    def strokes(self, x: Iterable[float], colour: str, *, dash: str = "", foot: float = 0.0, top: float = 1.0) -> None:
        """Upright lines from one share of the height to another."""
        across, _ = self._place(list(x), 0.0)
        low, high = HIGH * (1 - foot), HIGH * (1 - top)
        places = np.unique(across[(across >= 0) & (across <= WIDE)].astype(int)).tolist()
        self._draw(f"l {colour} {dash}".strip(), "".join(f"M{at} {low:.0f}V{high:.0f}" for at in places))

    def boxes(
        self, left: ArrayLike, right: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str, *, level: int = 0
    ) -> None:
        """Filled rectangles, as one path. level: 1 to 8, how strong; 0 is full."""
        (a, foot), (b, top) = self._place(left, low), self._place(right, high)
        shape = "".join(
            f"M{x0:.0f} {y0:.0f}H{x1:.0f}V{y1:.0f}H{x0:.0f}z" for x0, x1, y0, y1 in zip(a, b, foot, top, strict=True)
        )
        self._draw(f"a {colour}" + (f" v{level}" if level else ""), shape)

    def html(self) -> str:
        """The panel as an element."""
        title = f'<p class="title">{escape(self._title)}</p>' if self._title else ""
        body = f'<path class="grid" d="{self._grid()}"/>' + "".join(self._drawn) + self._zero()
        return (
            f'<div class="panel {self._height}">{title}'
            f'<div class="plot" role="img" aria-label="{escape(self._description)}">'
            f'<svg viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none" aria-hidden="true">{body}</svg>'
            f"{self._axes()}</div></div>"
        )

    def _draw(self, kind: str, path: str) -> None:
        if path:
            self._drawn.append(f'<path class="{kind}" d="{path}"/>')

    def _place(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Where points stand in the drawing, whole units; a little beyond it at most."""
        across = (np.asarray(x, dtype=float) - self._x[0]) / (self._x[1] - self._x[0]) * WIDE
        up = HIGH - (np.asarray(y, dtype=float) - self._y[0]) / (self._y[1] - self._y[0]) * HIGH
        return np.rint(np.clip(across, -WIDE, 2 * WIDE)), np.rint(np.clip(up, -HIGH, 2 * HIGH))

    def _grid(self) -> str:
        heights = [self._place(0.0, tick)[1] for tick in nice(*self._y, self._levels)]
        return "".join(f"M0 {at:.0f}H{WIDE}" for at in heights) + f"M0 {HIGH}H{WIDE}"

    def _zero(self) -> str:
        at = self._place(0.0, 0.0)[1]
        return f'<path class="zero" d="M0 {at:.0f}H{WIDE}"/>' if self._y[0] < 0 < self._y[1] else ""

    def _axes(self) -> str:
        words = []
        for tick in nice(*self._y, self._levels):
            share = (tick - self._y[0]) / (self._y[1] - self._y[0])
            label = f"{_written(100 * tick)}%" if self._percent else _written(tick)
            words.append(f'<span class="y" style="bottom:{100 * share:.3g}%">{label}</span>')
        for place, (at, name) in enumerate(self._across()):
            share = (at - self._x[0]) / (self._x[1] - self._x[0])
            side = " first" if share < 0.03 else " last" if share > 0.95 else ""
            odd = " odd" if place % 2 else ""
            words.append(f'<span class="x{side}{odd}" style="left:{100 * share:.4g}%">{escape(name)}</span>')
        if self._x_name:
            words.append(f'<span class="name">{escape(self._x_name)}</span>')
        return "".join(words)

    def _across(self) -> list[tuple[float, str]]:
        low, high = self._x
        if not self._time:
            return [(at, _written(at)) for at in nice(low, high, 6)]
        if high - low > 2:
            return [(at, f"day {at:.4g}") for at in nice(low, high, 6) if float(at).is_integer()]
        hours = next(h for h in (0.25, 0.5, 1, 2, 3, 6, 12) if 24 * (high - low) / h <= 6 or h == 12)
        first, last = math.ceil(24 * low / hours - 1e-6), math.floor(24 * high / hours + 1e-6)
        return [(i * hours / 24, _clock(i * hours, high <= 2)) for i in range(first, last + 1)]


def broken(x: ArrayLike, *curves: ArrayLike, gap: float) -> tuple[Floats, ...]:
    """x and curves over it with a NaN where x jumps by more than `gap`, so that nothing is drawn across."""
    across = np.asarray(x, dtype=float)
    at = np.flatnonzero(np.diff(across) > gap) + 1
    return np.insert(across, at, across[at - 1]), *(np.insert(np.asarray(y, dtype=float), at, np.nan) for y in curves)


def legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """(kind, colour, words) of what is drawn; kind: line, dash, dot, dashdot, area, band, point or stroke."""
    parts = (f'<span><i class="k-{kind} {colour}"></i>{escape(words)}</span>' for kind, colour, words in entries)
    return f'<p class="legend">{"".join(parts)}</p>'


def figure(body: str, caption: str = "") -> str:
    """Panels, and what they show in words."""
    return f"<figure>{body}{f'<figcaption>{escape(caption)}</figcaption>' if caption else ''}</figure>"


def side_by_side(panels: Iterable[str], kind: str = "pair") -> str:
    """Panels beside each other where there is room, below each other on a phone. kind: pair, wide (2 to 1) or trio."""
    return f'<div class="{kind}">{"".join(panels)}</div>'


def _clock(hours: float, first_days: bool) -> str:
    day, rest = divmod(hours, 24)
    return f"{rest:.4g} h" if rest or (first_days and not day) else f"day {day:.0f}"


def _written(value: float) -> str:
    """A number on an axis."""
    if abs(value) >= 10_000:
        return f"{value / 1000:,.4g}k"
    return f"{value:.4g}".replace("-", "−") if abs(value) > 1e-12 else "0"


def _starts(across: Floats, columns: int) -> NDArray[np.intp]:
    """Where a new column begins."""
    column = np.floor(across * columns / WIDE)
    return np.flatnonzero(np.r_[True, np.diff(column) != 0])


def _thin(across: Floats, up: Floats, columns: int) -> NDArray[np.intp]:
    """The points with which a plot in `columns` columns looks the same: the first, last, least and greatest of each.

    Gaps stay too. M4 of Jugel et al. (2014).
    """
    if len(across) <= 2 * columns:
        return np.arange(len(across))
    filled = np.where(np.isfinite(up), up, np.inf)
    starts = _starts(across, columns)
    group = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(across)]))
    order = np.lexsort((filled, group))
    ends = np.r_[starts[1:], len(across)] - 1
    gaps = np.flatnonzero(np.isnan(up) & ~np.isnan(np.r_[np.nan, up[:-1]]))
    known = np.maximum(np.add.reduceat(np.isfinite(up).astype(np.intp), starts), 1)  # in a column the gaps sort last
    return np.unique(np.r_[starts, ends, order[starts], order[starts + known - 1], gaps])


def _polylines(across: Floats, up: Floats) -> str:
    return "".join(_path(across[a:b], up[a:b]) for a, b in _runs(np.isfinite(up)))


def _runs(known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of each unbroken run of what is known."""
    edges = np.flatnonzero(np.diff(np.r_[False, known, False].astype(int))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _path(across: Floats, up: Floats) -> str:
    """A polyline in whole units: from its first point by differences, which keep it short."""
    points = np.stack([across, up], 1).astype(int)
    points = points[np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]]
    (dx, dy), start = np.diff(points, axis=0).T, f"M{points[0, 0]} {points[0, 1]}"
    level = (dy[:-1] == 0) & (dy[1:] == 0) & (np.sign(dx[:-1]) == np.sign(dx[1:]))
    moves = np.diff(points[np.r_[True, ~level, True][: len(points)]], axis=0)
    if not len(moves):
        return start + "h0"
    return start + "l" + " ".join(f"{a} {b}" for a, b in moves.tolist()).replace(" -", "-")


def colour(place: int) -> str:
    """Of the series at a place."""
    return COLOURS[place % len(COLOURS)]


def dash(place: int) -> str:
    """Of the series at a place: those of one colour differ in it, and neighbours too."""
    return DASHES[place % len(DASHES)]
