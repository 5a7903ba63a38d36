"""A picture of a plant: its assets as boxes, with their share of time in each state, and the links between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from twin.lab.draw.graph_layers import Column, Layers, Link, layers
from twin.lab.draw.graph_routes import CURVE, HEAD, HEIGHT, Point, Routes
from twin.lab.record.loading import Run
from twin.lab.report import figures

NARROWEST, WIDEST = 100, 132  # of a box, pixels
LARGER = 1.25  # than its pixels a picture is drawn where there is room
LETTER, SMALL, PAD = 7.3, 5.8, 7  # mean widths of the letters of a name and of a type; beside them


@dataclass(frozen=True)
class Box:
    """An asset: shares are of its time in each state."""

    name: str
    type: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)


def plant(run: Run, *, width: int) -> str:
    """The picture of a run's plant as SVG text, or nothing where its assets have no links. width: of the page, pixels.

    Assets without links stand below the others where they have states, and are left out where they have none.
    """
    links = [(str(a), str(b)) for a, b in run.run.get("links") or []]
    linked = {name for link in links for name in link}
    shares = state_shares(run)
    assets = {str(asset["name"]): str(asset.get("type", "")) for asset in run.run.get("assets") or []}
    shown = [name for name in {**assets, **dict.fromkeys(sorted(linked))} if name in linked or name in shares]
    boxes = [Box(name, assets.get(name, ""), shares.get(name, {})) for name in shown]
    return draw(boxes, links, colours=figures.state_colours(run), width=width) if links else ""


def state_shares(run: Run) -> dict[str, dict[str, float]]:
    """Of each asset that has states: its share of time in each, over the run."""
    table = figures.state_times(run)
    last = table.groupby(["asset", "name"], observed=True)["value"].last().reset_index()
    seconds: dict[str, dict[str, float]] = {}
    for asset, name, value in zip(last["asset"], last["name"], last["value"], strict=True):
        seconds.setdefault(str(asset), {})[str(name).removeprefix("state.")] = float(value)
    totals = {asset: sum(spent.values()) for asset, spent in seconds.items()}
    return {a: {state: s / totals[a] for state, s in spent.items()} for a, spent in seconds.items() if totals[a] > 0}


def draw(boxes: Sequence[Box], links: Iterable[Link], *, colours: Mapping[str, str], width: int) -> str:
    """SVG text in the colours of the page, about `width` pixels wide at most; the same arguments give the same bytes.

    links: pairs of names. colours: of the states, in the order in which a bar shows them.
    Raises ValueError where two boxes have one name, or a link leads to none.
    """
    links = list(dict.fromkeys(links))
    by_name = {box.name: box for box in boxes}
    unknown = [name for link in links for name in link if name not in by_name]
    if len(by_name) < len(boxes) or unknown:
        raise ValueError(f"boxes = {[box.name for box in boxes]}: must have each name once, and {unknown}")
    longest = max((max(LETTER * len(b.name), SMALL * len(b.type)) for b in boxes), default=0.0)
    wide = math.ceil(min(max(longest + 2 * PAD, NARROWEST), WIDEST, width // 4))
    columns = max(2, (width + CURVE) // (wide + CURVE + HEAD))
    drawn = _layers(list(by_name), links, columns)
    return _svg(Routes(drawn, width=wide), by_name, drawn, colours)


def _layers(names: Sequence[str], links: Sequence[Link], columns: int) -> Layers:
    """The layers of the boxes with links, and the others in rows below."""
    ends = {name for link in links for name in link}
    drawn = layers([name for name in names if name in ends], links, columns=columns)
    alone = [name for name in names if name not in ends]
    rows: list[list[Column]] = [[[name] for name in alone[at : at + columns]] for at in range(0, len(alone), columns)]
    return replace(drawn, rows=[*drawn.rows, *rows])


def _svg(routes: Routes, boxes: Mapping[str, Box], drawn: Layers, colours: Mapping[str, str]) -> str:
    width, height = routes.size
    parts = [_link(routes, link, drawn) for link in drawn.links]
    parts += [_box(boxes[name], corner, routes.width, colours) for name, corner in routes.corners.items()]
    body = "\n".join(parts)
    return (
        f'<svg role="img" aria-label="The plant: {len(boxes)} assets and the links between them" '
        f'viewBox="0 0 {width} {height}" style="max-width:{round(LARGER * width)}px">\n{body}\n</svg>'
    )


def _link(routes: Routes, link: Link, drawn: Layers) -> str:
    (x, y), (left, level) = (routes.corners[name] for name in link)
    both = link in drawn.both
    tips = _tip((left, level + HEIGHT // 2), -HEAD)
    tips += _tip((x + routes.width, y + routes.ports[link]), HEAD) if both else ""
    words = f" {'⇄' if both else '→'} ".join(link)
    kind = "link back" if link in drawn.back else "link"
    return f'<g class="{kind}"><title>{escape(words)}</title><path d="{routes.paths[link]}"/>{tips}</g>'


def _tip(at: Point, length: int) -> str:
    x, y = at
    return f'<path class="tip" d="M{x},{y}L{x + length},{y - 4}L{x + length},{y + 4}Z"/>'


def _box(box: Box, corner: Point, width: int, colours: Mapping[str, str]) -> str:
    x, y = corner
    states = {state: box.shares[state] for state in colours if box.shares.get(state, 0.0) > 0}
    words = box.name + (f" ({box.type})" if box.type else "")
    words += "".join(f"\n{state} {100 * share:.3g} %" for state, share in states.items())
    room = width - 2 * PAD
    return (
        f'<g class="box"><title>{escape(words)}</title>'
        f'<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" rx="5"/>'
        f'<text x="{x + PAD}" y="{y + 16}">{escape(cut(box.name, room / LETTER))}</text>'
        f'<text class="type" x="{x + PAD}" y="{y + 29}">{escape(cut(box.type, room / SMALL))}</text>'
        f"{bar(states, (x + PAD, y + 35), room, colours)}</g>"
    )


def bar(states: Mapping[str, float], corner: Point, width: float, colours: Mapping[str, str]) -> str:
    """Shares of time in each state, side by side."""
    (x, y), parts, done = corner, "", 0.0
    for state, share in states.items():
        parts += (
            f'<rect class="state {colours[state]}" x="{x + width * done:.1f}" y="{y}" '
            f'width="{width * share:.1f}" height="5"/>'
        )
        done += share
    return parts


def cut(words: str, letters: float) -> str:
    """Without its middle where it is too long: names of one kind differ at their ends."""
    letters_left = int(letters) - 1
    return (
        words
        if len(words) <= letters
        else f"{words[: letters_left - letters_left // 3]}…{words[-(letters_left // 3) :]}"
    )
