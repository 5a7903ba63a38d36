"""Power that meets at a bus, as electricians draw it: what feeds the bus bar on one side, the loads on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from twin.lab.record.loading import Run
from twin.lab.report import figures
from twin.lab.report.plant_diagram import LETTER, SMALL, bar, cut, state_shares
from twin.lab.report.power_section import hubs, power_keys

WIDE, TALL = 128, 46  # pixels, of a box
NARROW = 100  # of a box on a phone
LEAD, SHORT = 26, 16  # of the line between a box and the bus, or between boxes; on a phone
APART = 12  # between boxes side by side
# What the box of a type shows, on a ground of 16 x 16: paths that are stroked.
SYMBOLS = {
    "solar": "M2,4H14V13H2ZM2,8.5H14M6,4V13M10,4V13",
    "panels": "M2,4H14V13H2ZM2,8.5H14M6,4V13M10,4V13",
    "wind": "M8,8V15M8,8L8,1M8,8L14,11M8,8L2,11",
    "battery": "M1,6H15M4,10H12M8,1V6M8,10V15",
    "generator": "M8,1A7,7 0 1 0 8.01,1M11,6A3.5,3.5 0 1 0 11,10V8H8.5",
    "grid": "M8,1L3,15M8,1L13,15M5,8H11M4,12L11,8M12,12L5,8",
    "load": "M8,1V11M3,9L8,15L13,9",
    "jobs": "M8,1V11M3,9L8,15L13,9",
}
SITE = Mapping[str, str]


@dataclass(frozen=True)
class Branch:
    """Assets in a chain that ends at the bus, the nearest first. feeds: whether power comes from there."""

    names: tuple[str, ...]
    feeds: bool


def one_line(run: Run, *, upright: bool) -> str:
    """The diagram as SVG text, or nothing where power meets at no bus. upright: the bus stands, for a narrow page."""
    found = hubs(run)
    if not found:
        return ""
    drawing = _Drawing(run, found[0], upright)
    return drawing.svg()


class _Drawing:
    """Places are counted along the bus and away from it, above 0 on the loads' side."""

    def __init__(self, run: Run, hub: str, upright: bool) -> None:
        self._hub, self._upright = hub, upright
        self._types = {str(a["name"]): str(a.get("type", "")) for a in run.run.get("assets") or []}
        self._shares, self._colours = state_shares(run), figures.state_colours(run)
        self._power = _mean_power(run)
        self._width, self._lead = (NARROW, SHORT) if upright else (WIDE, LEAD)
        self._branches = _branches([(str(a), str(b)) for a, b in run.run.get("links") or []], hub)
        step = (TALL if upright else self._width) + APART
        sides = [[branch for branch in self._branches if branch.feeds is feeds] for feeds in (True, False)]
        self._length = step * max(map(len, sides)) + APART
        self._at = {
            branch: APART + step * (place + (max(map(len, sides)) - len(side)) / 2)
            for side in sides
            for place, branch in enumerate(side)
        }
        deep = (self._width if upright else TALL) + self._lead
        self._above = deep * max((len(b.names) for b in sides[0]), default=0) + 4
        self._below = deep * max((len(b.names) for b in sides[1]), default=0) + 4

    def svg(self) -> str:
        along, across = self._length, self._above + self._below
        width, height = (across, along) if self._upright else (along, across)
        parts = [part for branch in self._branches for part in self._branch(branch)]
        ends = self._xy(0, 0), self._xy(along, 0)
        bus = f'<path class="bus" d="M{ends[0][0]:g},{ends[0][1]:g}L{ends[1][0]:g},{ends[1][1]:g}"/>'
        words = f"One-line diagram: {len(self._branches)} branches at {self._hub}"
        title = f"<g><title>{escape(self._hub)}</title>{bus}</g>"
        return (
            f'<svg role="img" aria-label="{escape(words)}" viewBox="-2 -2 {width + 4:g} {height + 4:g}" '
            f'style="max-width:{width + 4:g}px">\n{title}\n' + "\n".join(parts) + "\n</svg>"
        )

    def _xy(self, along: float, away: float) -> tuple[float, float]:
        away += self._above
        return (away, along) if self._upright else (along, away)

    def _branch(self, branch: Branch) -> Iterator[str]:
        middle = self._at[branch] + (TALL if self._upright else self._width) / 2
        deep, sign, away = (self._width if self._upright else TALL), -1 if branch.feeds else 1, 0.0
        for name in branch.names:
            near, far = self._xy(middle, sign * away), self._xy(middle, sign * (away + self._lead))
            yield f'<path class="lead" d="M{near[0]:g},{near[1]:g}L{far[0]:g},{far[1]:g}"/>'
            away += self._lead
            corner = self._xy(self._at[branch], sign * away - (deep if branch.feeds else 0))
            yield self._box(name, corner)
            away += deep

    def _box(self, name: str, corner: tuple[float, float]) -> str:
        x, y = corner
        kind, shares = self._types.get(name, ""), self._shares.get(name, {})
        states = {state: shares[state] for state in self._colours if shares.get(state, 0.0) > 0}
        power = f"{self._power[name]:.3g} kW".replace("-", "−") if name in self._power else kind
        told = f"{name} ({kind})" + (f"\nmean {power}" if name in self._power else "")
        told += "".join(f"\n{state} {100 * share:.3g} %" for state, share in states.items())
        room = self._width - 34
        symbol = f'<path class="symbol" transform="translate({x + 6:g},{y + 9:g})" d="{SYMBOLS.get(kind, "")}"/>'
        return (
            f'<g class="box"><title>{escape(told)}</title>'
            f'<rect x="{x:g}" y="{y:g}" width="{self._width}" height="{TALL}" rx="5"/>{symbol}'
            f'<text x="{x + 28:g}" y="{y + 16:g}">{escape(cut(name, room / LETTER))}</text>'
            f'<text class="type" x="{x + 28:g}" y="{y + 29:g}">{escape(cut(power, room / SMALL))}</text>'
            f"{bar(states, (x + 7, y + 36), self._width - 14, self._colours)}</g>"
        )


def _branches(links: Sequence[tuple[str, str]], hub: str) -> list[Branch]:
    """What feeds the bus, each with what feeds it in turn, and what the bus feeds."""
    feeding = [_chain(links, name) for name in dict.fromkeys(a for a, b in links if b == hub)]
    fed = [Branch((name,), False) for name in dict.fromkeys(b for a, b in links if a == hub)]
    return [*(Branch(chain, True) for chain in feeding), *fed]


def _chain(links: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    chain = [name]
    while before := [a for a, b in links if b == chain[-1] and a not in chain]:
        chain.append(before[0])
    return tuple(chain)


def _mean_power(run: Run) -> dict[str, float]:
    """Mean reading of each asset's power meter, kW."""
    keys = power_keys(run)
    rows = run.readings[run.readings["signal"].isin(list(keys.values()))]
    means = rows.groupby("signal", observed=True)["value"].mean()
    return {asset: float(means[key]) for asset, key in keys.items() if key in means.index}
