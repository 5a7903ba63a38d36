"""The rooms, in the order in which they may import each other, and the imports of the code, from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Floors from the ground up: a room imports only rooms on floors below it (and itself).
FLOORS: tuple[tuple[str, ...], ...] = (
    ("sim.contract", "sim.units"),
    ("sim.engine",),
    ("sim.telemetry", "sim.maintenance"),
    ("sim.plant", "sim.line", "sim.power", "sim.road"),
    ("sim.plants",),
    ("twin.forecast", "twin.state", "twin.checks", "twin.units"),
    ("twin.layout",),
    ("twin.columns",),
    ("twin.sensing",),
    ("twin.reliability", "twin.policies", "twin.surrogates"),
    ("twin.planning",),
    ("twin.memory",),
    ("twin.scoring",),
    ("twin.learning",),
    ("twin.parts",),
    ("twin.twin", "twin.unaided"),
    ("twin.lab.errors", "twin.lab.extras"),
    ("twin.lab.arguments", "twin.lab.workers", "twin.lab.statistics", "twin.lab.draw"),
    ("twin.lab.record", "twin.lab.losses"),
    ("twin.lab.configure",),
    ("twin.lab.core",),
    ("twin.lab.report", "twin.lab.validate", "twin.lab.tune"),
    ("twin.lab.running",),
    ("twin.lab.replay",),
    ("twin.lab.sweep", "twin.lab.interactive"),
    ("twin.lab.compare",),
    ("twin.lab.bench", "twin.lab.check"),
    ("twin.lab.jobs",),
    ("twin.lab.cli",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FACES = ("sim", "twin", "twin.lab")  # packages' own files: they import lazily what they offer


def files() -> list[Path]:
    """Every file of the product."""
    return sorted([*(ROOT / "sim").rglob("*.py"), *(ROOT / "twin").rglob("*.py")])


def module(path: Path) -> str:
    """Dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> frozenset[str]:
    """Dotted names of every file of the product."""
    return frozenset(module(path) for path in files())


def room(name: str) -> str:
    """The room that a module lies in: the longest name in FLOORS that it begins with, or its own name."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in FLOOR:
            return ".".join(parts[:length])
    return name


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at whatever depth and under TYPE_CHECKING; `from a import b` counts as a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> list[tuple[str, str]]:
    """(module, module that it imports) within the product."""
    found = []
    for path in files():
        for name in imports(path):
            target = name if name in modules() else name.rpartition(".")[0]
            if target in modules() and target != module(path):
                found.append((module(path), target))
    return found
