"""Ctrl-C and SIGTERM: a run ends between two ticks, or within one that takes long."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

GRACE = 1.0  # s that the tick in hand may still take
AGAIN = 0.25  # s until the next attempt, where an interrupt got lost: Python drops what a destructor raises


class Stopped(KeyboardInterrupt):
    """The run was asked to stop and has, between two ticks: everything is as a checkpoint wants it."""


class Interruption:
    """Ctrl-C (or SIGTERM) ends the run after the tick in hand, so that every table ends at the same one.

    Where the tick takes longer than GRACE, and at a second Ctrl-C, KeyboardInterrupt ends it at once. From then on, and
    before `listen`, requests are only counted: whoever closes the run is interrupted in `giving_up` alone.
    """

    def __init__(self) -> None:
        self.asked = 0  # times
        self._deaf, self._waiting, self._before = True, False, dict[int, Any]()

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():  # signals reach no other
            handlers = {signal.SIGINT: self._ask, signal.SIGTERM: self._ask, signal.SIGALRM: self._late}
            self._before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        return self

    def __exit__(self, *_: object) -> None:
        self.taken()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def listen(self) -> None:
        """The ticks begin. Raises Stopped where an end was asked for before."""
        self.check()
        self._deaf = False

    def check(self) -> None:
        """Called between ticks. Raises Stopped where an end was asked for meanwhile."""
        if self.asked:
            self.taken()
            raise Stopped

    def taken(self) -> None:
        """The run is being closed: requests are only counted."""
        self._deaf = True
        self._alarm(0.0)

    @contextmanager
    def giving_up(self) -> Iterator[None]:
        """Around what may be left out of a stopped run: one more request raises KeyboardInterrupt."""
        if self.asked > 1:
            raise KeyboardInterrupt
        self._deaf = False
        try:
            yield
        finally:
            self.taken()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1
        if self._deaf:
            return
        if self.asked == 1:
            self._alarm(GRACE)
        else:
            self._alarm(AGAIN)
            self._deaf = True
            raise KeyboardInterrupt

    def _late(self, number: int, frame: FrameType | None) -> None:
        if self._waiting:
            self._deaf = True
            raise KeyboardInterrupt

    def _alarm(self, seconds: float) -> None:
        """Have `_late` called in so many seconds, and again and again; 0: not any more."""
        self._waiting = seconds > 0
        if self._before:
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN if seconds else 0.0)
