"""A walk through a configuration of plain mappings, sequences and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Place = tuple[str | int, ...]  # the keys and positions that lead to a node


def nodes(tree: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """(place, node) of a tree and of everything in it, the outer before the inner."""
    yield place, tree
    if isinstance(tree, Mapping):
        for name, inner in tree.items():
            yield from nodes(inner, (*place, str(name)))
    elif isinstance(tree, Sequence) and not isinstance(tree, str | bytes):
        for position, inner in enumerate(tree):
            yield from nodes(inner, (*place, position))


def dotted(place: Place) -> str:
    """A place as people write it: plant.stations.mill, wear[1].inner."""
    words = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return "".join(words).removeprefix(".")
