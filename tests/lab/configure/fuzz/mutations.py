"""Changes of a configuration: at every key, one of a menu of values that a person could write there."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator
from typing import Any

Place = tuple[Any, ...]
GROUPS = ("plant", "policy", "surrogate", "twin", "network")
LEAVE_OUT = object()  # the key is removed
MISSPELL = object()  # the key gets a letter more
NAMED = ("stations", "failures", "crews", "operators", "spares", "sensors", "conwip", "nodes", "links", "loads")
ANYTHING: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.5, -0.5, 1e-9, 1e6, 1e12, 10**6, 1e300),
    *(math.nan, math.inf, -math.inf, "yes", "no", "true", "1", "600", "nan", "", " ", "abc", "4 h", "-4 h", "4 kW"),
    *([], {}, [1], [0, 1], ["a"], {"a": 1}, {"law": "gamma", "mean": 5.0, "cv": 0.5}, LEAVE_OUT, MISSPELL),
)


def places(node: Any, above: Place = ()) -> Iterator[Place]:
    """Every key of a tree of mappings and lists, but `_target_` and `_partial_`, which name classes."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        if key not in ("_target_", "_partial_"):
            yield (*above, key)
            yield from places(value, (*above, key))


def changed(config: dict[str, Any], changes: list[tuple[Place, Any]]) -> dict[str, Any] | None:
    """The configuration with the changes; None where an earlier one has removed the place of a later one."""
    config = copy.deepcopy(config)
    for place, value in changes:
        node: Any = config
        for key in place[:-1]:
            node = node[key] if isinstance(node, dict) and key in node else node if isinstance(node, list) else None
            if isinstance(node, list):
                return None
            if node is None:
                return None
        if not isinstance(node, dict) or place[-1] not in node:
            return None
        if value is LEAVE_OUT:
            del node[place[-1]]
        elif value is MISSPELL:
            node[f"{place[-1]}x"] = node.pop(place[-1])
        else:
            node[place[-1]] = copy.deepcopy(value)
    return config


def drawn(config: dict[str, Any], luck: random.Random, count: int) -> list[list[tuple[Place, Any]]]:
    """So many lists of changes: three in four a single one, each place in turn, the others pairs."""
    every = [(group, *place) for group in GROUPS if group in config for place in places(config[group])]
    top = [(key,) for key in ("seed", "days", "threads", "part", "checkpoint", "quick", "report", "device")]
    every = [place for place in (*every, *top) if not any(isinstance(key, int) for key in place)]
    luck.shuffle(every)
    found = []
    for number in range(count):
        one, other = (_at(place, luck) for place in (every[number % len(every)], luck.choice(every)))
        pair = [one, other]
        found.append(pair if number % 4 == 3 else [one])
    return found


def _at(place: Place, luck: random.Random) -> tuple[Place, Any]:
    """A change at a place. A name that a person gives is never misspelt: another one is as good."""
    value = luck.choice(ANYTHING)
    named = len(place) > 1 and place[-2] in NAMED
    return place, None if value is MISSPELL and named else value


def told(changes: list[tuple[Place, Any]]) -> str:
    """The changes, to write in a failed test's message."""
    words = {id(LEAVE_OUT): "left out", id(MISSPELL): "misspelt"}
    return "; ".join(f"{'.'.join(map(str, place))} = {words.get(id(value), repr(value))}" for place, value in changes)
