"""The row, the column and the order of each node in a drawing of a graph.

The steps are those of Sugiyama, Tagawa & Toda (1981): break the cycles, give each node a layer, order the nodes of a
layer so that few links cross, then straighten (Gansner et al. 1993). Layers that do not fit in a row go on in the next.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import NamedTuple

import networkx as nx
import numpy as np
from scipy.optimize import linprog

Link = tuple[str, str]
TALL = 12  # nodes at most in a layer
SWEEPS = 12  # passes over the layers that reduce crossings


class Bend(NamedTuple):
    """Where a lane of links passes a layer between others. Links that share an end share a lane."""

    lane: Link
    layer: int


Place = str | Bend
Column = list[Place]
Step = tuple[Place, Place]  # of a chain, from a column to the next


@dataclass(frozen=True)
class Layers:
    """A graph in rows of layers.

    rows: [rows][columns] places from top to bottom. links: in their order, each two-way pair as one.
    chains: for each link that goes to the right within its row, the places on its way, both ends among them; the other
    links lead around. both: links that run both ways. back: links that close a cycle.
    """

    rows: list[list[Column]]
    links: list[Link]
    chains: Mapping[Link, list[Place]]
    both: frozenset[Link]
    back: frozenset[Link]


def layers(names: Sequence[str], links: Iterable[Link], *, columns: int) -> Layers:
    """The layers of a graph.

    names: of all nodes, each once. links: (source, target). columns: at most in a row. Raises ValueError below 1.
    """
    if columns < 1:
        raise ValueError(f"columns = {columns}: must be 1 or more")
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(links)
    both = _join_pairs(graph)
    back = _break_cycles(graph)
    layer = _assign(graph)
    drawn = [*graph.edges, *back]
    starts = _starts(layer, drawn, columns)
    row = {name: sum(start <= at for start in starts) - 1 for name, at in layer.items()}
    chains = {link: _chain(graph, link, layer) for link in graph.edges if row[link[0]] == row[link[1]]}
    table: list[Column] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in names:
        table[layer[name]].append(name)
    for bend in dict.fromkeys(p for chain in chains.values() for p in chain if isinstance(p, Bend)):
        table[bend.layer].append(bend)
    steps = {step for chain in chains.values() for step in pairwise(chain)} | (set(graph.edges) - chains.keys())
    low = {(chains[link][0], chains[link][1]) for link in both & chains.keys()}
    table = _order(table, sorted(steps, key=str), low)
    rows = [table[start:end] for start, end in pairwise([*starts, len(table)])]
    return Layers(rows=rows, links=drawn, chains=chains, both=frozenset(both & set(drawn)), back=frozenset(back))


def _roots(graph: nx.DiGraph) -> list[str]:
    """Where flow begins: nodes that nothing leads to, and one node of each cycle that nothing leads to."""
    place = {name: i for i, name in enumerate(graph)}
    whole = [sorted(part, key=place.__getitem__) for part in nx.strongly_connected_components(graph)]
    first = [part[0] for part in whole if all(before in part for name in part for before in graph.predecessors(name))]
    return sorted(first, key=place.__getitem__)


def _join_pairs(graph: nx.DiGraph) -> set[Link]:
    """Of each pair of links that run both ways keep the one that leads away from the roots; returns those."""
    place = {name: i for i, name in enumerate(graph)}
    depth = {name: d for d, layer in enumerate(nx.bfs_layers(graph, _roots(graph))) for name in layer}
    rank = {name: (depth[name], place[name]) for name in graph}
    outward = {(a, b) for a, b in graph.edges if graph.has_edge(b, a) and rank[a] < rank[b]}
    graph.remove_edges_from([(b, a) for a, b in outward])
    return outward


def _break_cycles(graph: nx.DiGraph) -> list[Link]:
    """Take out the links that lead back to a node whose followers are being visited, depth first; return them."""
    back = [(name, name) for name in graph if graph.has_edge(name, name)]
    graph.remove_edges_from(back)
    for root in _roots(graph):
        under_way: set[str] = set()
        closing = []
        for a, b, step in nx.dfs_labeled_edges(graph, root):
            if step == "forward":
                under_way.add(b)
            elif step == "reverse":
                under_way.discard(b)
            elif b in under_way:
                closing.append((a, b))
        graph.remove_edges_from(closing)
        back += closing
    return back


def _assign(graph: nx.DiGraph) -> dict[str, int]:
    """The layer of each node: after all nodes that lead to it (longest path), TALL nodes at most in a layer.

    A node that feeds another lies close to it.
    """
    place = {name: i for i, name in enumerate(graph)}
    order: list[str] = list(nx.lexicographical_topological_sort(graph, key=place.__getitem__))
    layer: dict[str, int] = {}
    size: Counter[int] = Counter()
    for name in order:
        at = max((layer[before] + 1 for before in graph.predecessors(name)), default=0)
        while size[at] >= TALL:
            at += 1
        layer[name] = at
        size[at] += 1
    for name in reversed(order):
        at = min((layer[after] - 1 for after in graph.successors(name)), default=0)
        if at > layer[name] and size[at] < TALL and graph.in_degree(name) <= graph.out_degree(name):
            size[layer[name]] -= 1
            size[at] += 1
            layer[name] = at
    dense = {at: i for i, at in enumerate(sorted(set(layer.values())))}
    return {name: dense[at] for name, at in layer.items()}


def _starts(layer: Mapping[str, int], links: Sequence[Link], columns: int) -> list[int]:
    """The first layer of each row: as few rows as there can be, cut where few links run, of about one length."""
    count = max(layer.values(), default=-1) + 1
    cut = [sum(min(layer[a], layer[b]) < at <= max(layer[a], layer[b]) for a, b in links) for at in range(count)]
    best: list[tuple[float, list[int]]] = [(0.0, [])]
    for end in range(1, count + 1):
        options = [
            (best[start][0] + 1e6 + 10.0 * cut[start] * (start > 0) + (columns - end + start) ** 2, start)
            for start in range(max(0, end - columns), end)
        ]
        cost, start = min(options)
        best.append((cost, [*best[start][1], start]))
    return best[count][1]


def _chain(graph: nx.DiGraph, link: Link, layer: Mapping[str, int]) -> list[Place]:
    lane = shared_lane(graph.out_degree(link[0]), graph.in_degree(link[1]), link)
    return [link[0], *(Bend(lane, at) for at in range(layer[link[0]] + 1, layer[link[1]])), link[1]]


def shared_lane(leaving: int, entering: int, link: Link) -> Link:
    """The lane of a link: with all that leave its source, or with all that enter its target, whichever are more."""
    return (link[0], "") if leaving > entering else ("", link[1])


def _order(table: list[Column], steps: Sequence[Step], low: Set[Step]) -> list[Column]:
    """Each column sorted by the mean rank of its neighbours, in sweeps to and fro; the table with the fewest crossings.

    low: steps that leave their source below its other ones.
    """
    before: dict[Place, list[Place]] = {place: [] for column in table for place in column}
    after: dict[Place, list[Place]] = {place: [] for place in before}
    for a, b in steps:
        after[a].append(b)
        before[b].append(a)
    rank = {place: (i + 0.5) / len(column) for column in table for i, place in enumerate(column)}
    at = {place: i for i, column in enumerate(table) for place in column}
    best, fewest = [list(column) for column in table], _crossings(steps, low, at, rank)
    for sweep in range(SWEEPS):
        near, walk = (before, table) if sweep % 2 == 0 else (after, table[::-1])
        for column in walk:
            mean = {
                p: float(np.mean([rank[n] + 1e-3 * ((n, p) in low) for n in near[p]])) if near[p] else rank[p]
                for p in column
            }
            column.sort(key=mean.__getitem__)
            rank |= {place: (i + 0.5) / len(column) for i, place in enumerate(column)}
        count = _crossings(steps, low, at, rank)
        if count <= fewest:
            best, fewest = [list(column) for column in table], count
    return best


def _crossings(steps: Sequence[Step], low: Set[Step], at: Mapping[Place, int], rank: Mapping[Place, float]) -> int:
    between: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for a, b in steps:
        between.setdefault((at[a], at[b]), []).append((rank[a] + 1e-3 * ((a, b) in low), rank[b]))
    pairs = (pair for ends in between.values() for pair in combinations(ends, 2))
    return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in pairs)


def levels(row: Sequence[Column], steps: Iterable[Step], room: Mapping[Place, int]) -> dict[Place, int]:
    """The middle of each place of a row, downwards, whole units. room: what a place needs above and below its middle.

    Places keep their order. Each is as near as can be to the middle of its neighbours on the left, and of those on the
    right, in the sum of distances, so that chains run straight (a linear program, as in Gansner et al. 1993).
    """
    places = [place for column in row for place in column]
    index = {place: i for i, place in enumerate(places)}
    sides: dict[tuple[Place, bool], list[Place]] = {}
    for a, b in steps:
        sides.setdefault((a, True), []).append(b)
        sides.setdefault((b, False), []).append(a)
    rows: list[dict[int, float]] = []
    limits: list[float] = []
    for above, below in (pair for column in row for pair in pairwise(column)):
        rows.append({index[above]: 1.0, index[below]: -1.0})
        limits.append(-room[above] - room[below])
    for k, ((place, _), near) in enumerate(sides.items(), start=len(places)):
        for sign in (1.0, -1.0):  # variable k is at least the distance, either way
            rows.append({index[place]: sign, k: -1.0} | {index[n]: -sign / len(near) for n in near})
            limits.append(0.0)
    bends = [2.0 if isinstance(place, Bend) else 1.0 for place, _ in sides]
    heights = _minimise([1e-3] * len(places) + bends, rows, limits, [float(room[p]) for p in places])
    return {place: math.floor(round(heights[i], 6) + 0.5) for place, i in index.items()}


def _minimise(
    cost: Sequence[float], rows: Sequence[Mapping[int, float]], limits: Sequence[float], lowest: Sequence[float]
) -> list[float]:
    """The variables of least cost with rows @ variables <= limits; lowest: their lower bounds, 0 for the later ones."""
    if not rows:
        return list(lowest)
    matrix = np.zeros((len(rows), len(cost)))
    for i, row in enumerate(rows):
        matrix[i, list(row)] = list(row.values())
    bounds = [(low, None) for low in [*lowest, *[0.0] * (len(cost) - len(lowest))]]
    result = linprog(cost, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
    assert result.x is not None  # there is always room below
    return [float(x) for x in result.x]
