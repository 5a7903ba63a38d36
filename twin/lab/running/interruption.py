"""Ctrl-C and SIGTERM: a run ends between two ticks."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class Stopped(KeyboardInterrupt):
    """The run was asked to stop and has, between two ticks: everything is as a checkpoint wants it."""


class Interruption:
    """Ctrl-C (or SIGTERM) ends the run after the tick in hand, so that every table ends at the same one.

    A second one ends it at once.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():  # signals reach no other
            self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Called between ticks. Raises Stopped where an end was asked for meanwhile."""
        if self._asked:
            raise Stopped

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
