"""How far a validation is, on standard error."""

from __future__ import annotations

import sys
import time

SILENCE = 15.0  # s between two lines


class PrintedProgress:
    """Called with what is being done, how many of how many are done, and the seconds so far; prints now and then."""

    def __init__(self) -> None:
        self._printed = time.perf_counter()

    def __call__(self, what: str, done: int, of: int, seconds: float) -> None:
        now = time.perf_counter()
        if now - self._printed >= SILENCE or (done == of and seconds >= SILENCE):
            self._printed = now
            print(f"{what}: {done} of {of} replications, {seconds:.0f} s", file=sys.stderr, flush=True)
