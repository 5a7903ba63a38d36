"""Direct stage requests: which stage each crossing serves, sent where it changes and before it lapses."""

from __future__ import annotations

from collections.abc import Sequence

from sim.contract import Action
from twin.policies.crossings.layout import Crossing
from twin.sensing.window import Window
from twin.state import SavedFields


class StageRequests(SavedFields):
    """The stage that each crossing was asked for last, and since when.

    crossings: of the plant. refresh: s after which an unchanged request is sent again, so that it does not lapse.
    current: [crossings] number of the stage. since: [crossings] s.
    """

    STATE_FIELDS = ("current", "since", "_sent")

    def __init__(self, crossings: Sequence[Crossing], refresh: float = 25.0) -> None:
        self.current = [0] * len(crossings)
        self.since = [0.0] * len(crossings)
        self._crossings, self._refresh = crossings, refresh
        self._sent = [float("-inf")] * len(crossings)

    def ask(self, window: Window, index: int, stage: int, reason: str) -> list[Action]:
        """Ask crossing number `index` to serve `stage`: a command, or nothing where it was asked recently."""
        now = window.now
        if stage != self.current[index]:
            self.current[index], self.since[index] = stage, now
        elif now - self._sent[index] < self._refresh:
            return []
        self._sent[index] = now
        return [Action(now, f"{self._crossings[index].stages[stage].name}.request", 1.0, reason)]

    def green_for(self, window: Window, index: int) -> float:
        """Seconds since the running stage was first asked for."""
        return window.now - self.since[index]
