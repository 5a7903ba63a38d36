"""The plant's own true record of events, until someone takes it."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

from sim.contract import Event
from sim.engine.kernel import Component, Kernel

LIMIT = 100_000  # events


class Journal(Component):
    """Events noted by components; each also goes to `report.send_event`, which puts it on the network.

    A journal that nobody reads keeps its last 100,000 events.
    """

    def __init__(self, *, kernel: Kernel, name: str, report: Any = None) -> None:
        super().__init__(kernel, name)
        self._events: deque[Event] = deque(maxlen=LIMIT)
        self._report = report

    def note(self, asset: str, kind: str, detail: str = "", value: float = math.nan) -> None:
        """Something happened now."""
        event = Event(self.kernel._now, asset, kind, detail, value)
        self._events.append(event)
        if self._report is not None:
            self._report.send_event(event)

    def take(self) -> list[Event]:
        """All events since the last call."""
        events = list(self._events)
        self._events.clear()
        return events
