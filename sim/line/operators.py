"""Operators: people that a station needs while it works, shared by several stations."""

from __future__ import annotations

from collections import deque

from sim.engine.checks import integer
from sim.engine.kernel import Component, Kernel
from sim.line.roles import Taker


class Operators(Component):
    """A pool of people; each attends one station for one cycle. Who has waited longest is served first.

    busy_seconds: person-seconds with a station, present_seconds: in all, as of the last change or `accrue`.
    """

    def __init__(self, *, kernel: Kernel, name: str, count: int) -> None:
        super().__init__(kernel, name)
        self.count = self.free = integer(name, count, low=1)
        self.waiting: deque[Taker] = deque()
        self._called: list[Taker] = []  # woken, and not yet here to take theirs
        self.busy_seconds, self.present_seconds, self._since = 0.0, 0.0, 0.0

    def take(self, station: Taker) -> bool:
        """One for this station; without one, it is woken as soon as somebody is free."""
        if station in self._called:
            self._called.remove(station)
        elif self.free <= len(self._called):
            if station not in self.waiting:
                self.waiting.append(station)
            return False
        self.accrue()
        self.free -= 1
        return True

    def release(self) -> None:
        """The cycle is over."""
        self.accrue()
        self.free += 1
        self._call()

    def _call(self) -> None:
        if self.waiting and self.free > len(self._called):
            station = self.waiting.popleft()
            self._called.append(station)
            self.kernel.soon(station.wake)

    def withdraw(self, station: Taker) -> None:
        """The station no longer waits; who was called for it serves another."""
        if station in self.waiting:
            self.waiting.remove(station)
        elif station in self._called:
            self._called.remove(station)
            self._call()

    def accrue(self) -> None:
        """Bring `busy_seconds` and `present_seconds` up to now."""
        now = self.kernel._now
        self.busy_seconds += (self.count - self.free) * (now - self._since)
        self.present_seconds += self.count * (now - self._since)
        self._since = now
