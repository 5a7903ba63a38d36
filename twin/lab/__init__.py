"""The laboratory: the one place that knows both sides. Makes, runs, records, scores and compares.

`from twin.lab import make, step, what_if, run, load`: the Python interface, see twin/lab/interactive.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.lab.interactive.asking import what_if
    from twin.lab.interactive.making import make
    from twin.lab.interactive.running import run
    from twin.lab.interactive.stepping import step
    from twin.lab.record.loading import load

__all__ = ["load", "make", "run", "step", "what_if"]
HOMES = {
    "load": "twin.lab.record.loading",
    "make": "twin.lab.interactive.making",
    "run": "twin.lab.interactive.running",
    "step": "twin.lab.interactive.stepping",
    "what_if": "twin.lab.interactive.asking",
}


def __getattr__(name: str) -> Any:
    """What the interface offers, imported only when it is asked for: it needs torch and pandas."""
    if name in HOMES:
        if name != "load":  # one thread, as on the command line, where numpy is not loaded yet: more change last bits
            os.environ.setdefault("OMP_NUM_THREADS", "1")
        return getattr(importlib.import_module(HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
