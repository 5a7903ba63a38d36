"""Where crossings and roads lie, m to the east and north: known of a grid, laid out from lengths otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

from sim.road.geometry import crossing_places, link_places

Point = tuple[float, float]
Places = dict[str, tuple[Point, ...]]
STEPS = 200  # of the layout
MOST = 400  # junctions that are laid out


def places(
    grid: Mapping[str, Any] | None,
    links: Mapping[str, tuple[float, Sequence[str]]],
    served: Mapping[str, Sequence[str]],
) -> Places:
    """The point of each signal and the two ends of each link, by name; none of what is not known.

    grid: see sim.road.geometry.grid, or None. links: length (m) and next links. served: links that end at each signal.
    Without a grid only lengths are known: junctions are laid out so that distances along the roads are kept as well as
    a plane can (stress majorisation, de Leeuw 1977, from a circle).
    """
    if grid is not None:
        return crossing_places(grid) | link_places(grid)
    begin, end = _junctions(links, served)
    count = 1 + max((*begin.values(), *end.values()), default=-1)
    if not 1 < count <= MOST:
        return {}
    at = _laid_out([(begin[name], end[name], length) for name, (length, _) in links.items()], count)
    found: Places = {name: (at[begin[name]], at[end[name]]) for name in links}
    return found | {signal: (at[end[own[0]]],) for signal, own in served.items() if own}


def _junctions(
    links: Mapping[str, tuple[float, Sequence[str]]], served: Mapping[str, Sequence[str]]
) -> tuple[dict[str, int], dict[str, int]]:
    """(number of the junction where each link begins, and where it ends)."""
    same: dict[tuple[str, str], tuple[str, str]] = {(name, side): (name, side) for name in links for side in "be"}

    def root(one: tuple[str, str]) -> tuple[str, str]:
        while same[one] != one:
            one = same[one]
        return one

    for name, (_, targets) in links.items():
        for target in targets:
            same[root((target, "b"))] = root((name, "e"))
    for own in served.values():
        for name in own[1:]:
            same[root((name, "e"))] = root((own[0], "e"))
    number = {one: i for i, one in enumerate(dict.fromkeys(map(root, same)))}
    return {n: number[root((n, "b"))] for n in links}, {n: number[root((n, "e"))] for n in links}


def _laid_out(stretches: Sequence[tuple[int, int, float]], count: int) -> list[Point]:
    """A point for each of `count` junctions. stretches: (junction, junction, length)."""
    near = np.full((count, count), np.inf)
    for a, b, length in stretches:
        near[a, b] = near[b, a] = min(near[a, b], length)
    far = shortest_path(np.where(np.isfinite(near), near, 0.0), directed=False)
    far[~np.isfinite(far)] = 1.5 * far[np.isfinite(far)].max()
    angle = 2 * np.pi * np.arange(count) / count
    at: NDArray[np.float64] = far.max() / 2 * np.stack([np.cos(angle), np.sin(angle)], 1)
    for _ in range(STEPS):
        apart = np.linalg.norm(at[:, None] - at[None], axis=2)
        pull = np.divide(far, apart, out=np.zeros_like(far), where=apart > 1e-9)
        at = (pull.sum(1)[:, None] * at - pull @ at) / count
    return [(float(x), float(y)) for x, y in np.round(at, 1)]
