"""The kinds of `tandem bench`, a file each: its help, its options, what it measures and prints."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import Any

Rows = list[dict[str, Any]]
Measure = Callable[..., Rows]
KINDS = ("plant", "pairing", "roads", "saving", "sweep", "fidelity", "train", "whatif", "replay")


@dataclass(frozen=True, slots=True)
class BenchKind:
    """One kind of bench.

    options: the keys that it takes.
    measure: called with the options, then run directories; prints a table and returns the rows of json=FILE.
    takes_runs: whether positional arguments (run directories) are allowed.
    """

    options: Sequence[str]
    measure: Measure
    takes_runs: bool = False


def kind_help(name: str) -> str:
    """What `tandem bench KIND --help` prints: the docstring of the kind's file, read without importing it."""
    source = files(__name__).joinpath(f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").strip()


def bench_kind(name: str) -> BenchKind:
    """The kind of this name, one of KINDS."""
    module = import_module(f"twin.lab.bench.kinds.{name}")
    return BenchKind(module.OPTIONS, module.measure, getattr(module, "TAKES_RUNS", False))
