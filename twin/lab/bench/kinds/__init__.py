"""The kinds of `tandem bench`, a file each: its help, its options, what it measures and prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Rows = list[dict[str, Any]]
Measure = Callable[..., Rows]
KINDS = ("plant", "pairing", "roads", "saving", "sweep", "fidelity", "train", "whatif")


@dataclass(frozen=True, slots=True)
class BenchKind:
    """One kind of bench.

    help: what `tandem bench KIND --help` prints.
    options: the keys that it takes.
    measure: called with the options, then run directories; prints a table and returns the rows of json=FILE.
    takes_runs: whether positional arguments (run directories) are allowed.
    """

    help: str
    options: Sequence[str]
    measure: Measure
    takes_runs: bool = False


def bench_kind(name: str) -> BenchKind:
    """The kind of this name, one of KINDS."""
    module = import_module(f"twin.lab.bench.kinds.{name}")
    return BenchKind(str(module.__doc__).strip(), module.OPTIONS, module.measure, getattr(module, "TAKES_RUNS", False))
