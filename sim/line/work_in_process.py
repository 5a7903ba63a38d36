"""Work in process: how many parts are in the line, and for how long."""

from __future__ import annotations

from sim.engine.kernel import Component, Kernel
from sim.line.part import CARD, ENTERED, Part


class WorkInProcess(Component):
    """Counts parts in the line and integrates the count over time (for holding cost and Little's law)."""

    def __init__(self, *, kernel: Kernel, name: str) -> None:
        super().__init__(kernel, name)
        self.count, self._area, self._since, self.lead_time, self.left = 0, 0.0, 0.0, 0.0, 0

    def enter(self, now: float) -> None:
        """A part comes in."""
        self._area += self.count * (now - self._since)
        self._since = now
        self.count += 1

    def leave(self, now: float, part: Part) -> None:
        """A part goes out: good, scrapped, or joined to another. The card that it carries is free again."""
        self._area += self.count * (now - self._since)
        self._since = now
        self.count -= 1
        self.lead_time += now - part[ENTERED]
        self.left += 1
        card = part[CARD]
        if card is not None:
            card.give_back()

    def area(self, now: float) -> float:
        """Part-seconds so far."""
        return self._area + self.count * (now - self._since)
