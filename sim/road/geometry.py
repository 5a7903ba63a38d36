"""From a compact description of a network to its links and signals, as plain fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.engine.checks import integer, known, number

GRID = (
    "rows",
    "columns",
    "spacing",
    "entry",
    "lanes",
    "flow",
    "speed",
    "friction",
    "turns",
    "demand",
    "cycle",
    "splits",
    "wave",
    "min_green",
    "max_green",
    "pedestrians",
    "walk",
)
# Where a vehicle that drives in a direction comes from, and its next one on turning.
AXES = {"east": "ew", "west": "ew", "north": "ns", "south": "ns"}
TURNS = {
    "east": {"left": "north", "through": "east", "right": "south"},
    "west": {"left": "south", "through": "west", "right": "north"},
    "north": {"left": "west", "through": "north", "right": "east"},
    "south": {"left": "east", "through": "south", "right": "west"},
}
STEP = {"east": (0, 1), "west": (0, -1), "north": (-1, 0), "south": (1, 0)}
OPPOSITE = {"east": "west", "west": "east", "north": "south", "south": "north"}
Fields = dict[str, dict[str, Any]]


def grid(fields: Mapping[str, Any]) -> tuple[Fields, Fields]:
    """(links, signals) of `rows` x `columns` crossings, named A1, B1 ... from the north-west.

    spacing: m between crossings; entry: m of the roads that lead in. lanes, demand, splits: by axis, `ew` and `ns`
    (lanes per link; veh/h per entrance; weights of the two stages). turns: shares left, through, right. wave: m/s of a
    green wave eastwards and southwards, None for no offsets. flow, speed, friction: see RoadLink and Lanes. cycle,
    min_green, max_green, pedestrians, walk: of every signal. Links are named by their ends: `west1_A1` leads from the
    entrance in the west of row 1 to crossing A1. Raises ValueError naming the field.
    """
    known("grid", fields, GRID)
    rows, columns = (
        integer("grid.rows", fields.get("rows", 1), low=1),
        integer("grid.columns", fields.get("columns", 1), low=1),
    )
    links: Fields = {}
    signals: Fields = {}
    for row in range(rows):
        for column in range(columns):
            stages: dict[str, list[str]] = {"ew": [], "ns": []}
            for direction in TURNS:
                name = _name(row, column, direction, rows, columns)
                links[name] = _link(row, column, direction, rows, columns, fields)
                stages[AXES[direction]].append(name)
            signals[_crossing(row, column)] = _signal(stages, row, column, fields)
    return links, signals


def crossing_places(fields: Mapping[str, Any]) -> dict[str, tuple[tuple[float, float], ...]]:
    """The point of each crossing of a grid, m to the east and north of A1."""
    spacing = float(fields.get("spacing", 300.0))
    cells = ((r, c) for r in range(int(fields.get("rows", 1))) for c in range(int(fields.get("columns", 1))))
    return {_crossing(row, column): ((column * spacing, -row * spacing),) for row, column in cells}


def link_places(fields: Mapping[str, Any]) -> dict[str, tuple[tuple[float, float], ...]]:
    """Both ends of each link of a grid, in the order in which it is driven, m to the east and north of A1."""
    spacing, entry = float(fields.get("spacing", 300.0)), float(fields.get("entry", 300.0))
    rows, columns = int(fields.get("rows", 1)), int(fields.get("columns", 1))
    found: dict[str, tuple[tuple[float, float], ...]] = {}
    for row in range(rows):
        for column in range(columns):
            for direction, (down, right) in STEP.items():
                length = spacing if _inside(row - down, column - right, rows, columns) else entry
                x, y = column * spacing, -row * spacing
                begin = (x - right * length, y + down * length)
                found[_name(row, column, direction, rows, columns)] = (begin, (x, y))
    return found


def _crossing(row: int, column: int) -> str:
    return f"{chr(ord('A') + column) if column < 26 else f'Z{column}_'}{row + 1}"


def _inside(row: int, column: int, rows: int, columns: int) -> bool:
    return 0 <= row < rows and 0 <= column < columns


def _name(row: int, column: int, direction: str, rows: int, columns: int) -> str:
    """Of the link that leads, in this direction, to a crossing."""
    down, right = STEP[direction]
    before = row - down, column - right
    if _inside(*before, rows, columns):
        return f"{_crossing(*before)}_{_crossing(row, column)}"
    side = OPPOSITE[direction]
    return f"{side}{row + 1 if AXES[direction] == 'ew' else column + 1}_{_crossing(row, column)}"


def _link(row: int, column: int, direction: str, rows: int, columns: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    axis, turns = AXES[direction], fields.get("turns") or {"through": 1.0}
    known("grid.turns", turns, ("left", "through", "right"))
    down, right = STEP[direction]
    entrance = not _inside(row - down, column - right, rows, columns)
    ways: dict[str, float] = {}
    for turn, share in turns.items():
        heading = TURNS[direction][turn]
        ahead = row + STEP[heading][0], column + STEP[heading][1]
        target = _name(*ahead, heading, rows, columns) if _inside(*ahead, rows, columns) else "out"
        ways[target] = ways.get(target, 0.0) + number(f"grid.turns.{turn}", share, low=0, high=1)
    link = {key: fields[key] for key in ("flow", "speed", "friction") if key in fields}
    link |= {"length": fields.get("entry" if entrance else "spacing", 300.0), "to": ways}
    link["lanes"] = _by_axis(fields, "lanes", axis, 1)
    if entrance:
        link["demand"] = _by_axis(fields, "demand", axis, 400.0)
    return link


def _signal(stages: Mapping[str, list[str]], row: int, column: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    stage = {key: fields[key] for key in ("min_green", "max_green", "pedestrians", "walk") if key in fields}
    wave, spacing = fields.get("wave"), float(fields.get("spacing", 300.0))
    cycle = float(fields.get("cycle", 90.0))
    return {
        "cycle": cycle,
        "offset": 0.0 if wave is None else (row + column) * spacing / number("grid.wave", wave, above=0) % cycle,
        "stages": {
            axis: {"links": links, "split": _by_axis(fields, "splits", axis, 1.0), **stage}
            for axis, links in stages.items()
        },
    }


def _by_axis(fields: Mapping[str, Any], field: str, axis: str, default: Any) -> Any:
    value = fields.get(field, default)
    if isinstance(value, Mapping):
        known(f"grid.{field}", value, ("ew", "ns"))
        return value.get(axis, default)
    return value
