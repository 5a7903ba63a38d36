"""What becomes of a configuration: a line, a run of a few ticks, or a fault of ours."""

from __future__ import annotations

import math
import re
import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.lab.configure.fuzz.mutations import LEAVE_OUT, MISSPELL, Place
from twin.lab.configure.checks import check
from twin.lab.core import build, closed_loop
from twin.lab.errors import UserError

LIMIT = 20  # s, beyond which it counts as hung
TICKS = 3
WORDS = re.compile(
    r"must|there is no|is missing|there are|is unknown|fields are|cannot|needs|has no|no crew|is no unit"
)


class TooLongError(BaseException):
    """It has not ended within the limit; no `except Exception` stops it."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise TooLongError in the block after so many seconds."""

    def ring(*_: Any) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fault(config: dict[str, Any], changes: list[tuple[Place, Any]]) -> str | None:
    """What is wrong in how a changed configuration was taken; None for a good line or a good run."""
    try:
        with limited(LIMIT), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            used = check(config)
            run(used)
    except UserError as error:
        return _bad_line(str(error), changes)
    except TooLongError:
        return f"hung for {LIMIT} s"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"traceback: {type(error).__name__}: {error} ({place.filename.rpartition('/')[2]}:{place.lineno})"
    return _nonsense(used, changes)


def run(config: dict[str, Any]) -> None:
    """Build both and take a few ticks."""
    plant, twin = build.pair(config, "cpu")
    tick = plant.spec.tick
    for number in range(1, TICKS + 1):
        closed_loop.step(plant, twin, number * tick)
    plant.kpis()


def _bad_line(line: str, changes: list[tuple[Place, Any]]) -> str | None:
    names = {str(key) for place, _ in changes for key in place}
    if "\n" in line:
        return f"several lines: {line}"
    if not WORDS.search(line):
        return f"does not say what is allowed: {line}"
    if not any(name in line for name in names) and not re.search(r"\w+\.\w+|\w+ = ", line):
        return f"names no field: {line}"
    return None


def _nonsense(used: dict[str, Any], changes: list[tuple[Place, Any]]) -> str | None:
    """Whether a class of values got through that stands for nothing anywhere."""
    for place, value in changes:
        if value in (LEAVE_OUT, MISSPELL):
            if value is MISSPELL:
                return "a misspelt key was taken"
            continue
        node: Any = used
        for key in place:
            node = node.get(key) if isinstance(node, dict) else None
        if isinstance(node, float) and math.isnan(node):
            return "NaN was taken"
    return None
