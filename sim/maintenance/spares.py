"""Spare parts: a shelf that is restocked one for one, each order after a lead time."""

from __future__ import annotations

from heapq import heappop, heappush

from sim.engine.checks import integer
from sim.engine.distribution import Distribution
from sim.engine.instant import ARRIVALS, SUPPLIES
from sim.engine.kernel import Component, Kernel, Timer
from sim.maintenance.client import Supplied


class Spares(Component):
    """One kind of spare part. stock: parts at the start, and the level that orders restore (base stock, S-1, S).

    A job takes one before its technician is called; where there is none, it waits, first come, first served. Of those
    who ask at the same time, the one with the higher `priority` comes first.
    """

    def __init__(self, *, kernel: Kernel, name: str, stock: int, lead_time: Distribution) -> None:
        super().__init__(kernel, name)
        self.on_hand = self.stock = integer(f"{name}.stock", stock, low=0)
        self._lead_time = lead_time
        self._waiting: list[tuple[float, float, int, Supplied]] = []  # when asked, -priority, number, who
        self._due: list[float] = []
        self.used = 0
        self._timer = Timer(kernel, self._receive, ARRIVALS)
        self._counter = Timer(kernel, self._hand_out, SUPPLIES)

    def request(self, client: Supplied) -> None:
        """`client.supply` is called as soon as there is a part for it; a new one is ordered at once."""
        self.used += 1
        heappush(self._waiting, (self.kernel._now, -client.priority, self.used, client))
        heappush(self._due, self.kernel._now + self._lead_time.draw())
        self._timer.set_at(self._due[0])
        self._counter.set(0.0)

    def _receive(self) -> None:
        heappop(self._due)
        self.on_hand += 1
        if self._due:
            self._timer.set_at(self._due[0])
        self._counter.set(0.0)

    def _hand_out(self) -> None:
        while self.on_hand and self._waiting:
            self.on_hand -= 1
            heappop(self._waiting)[-1].supply()

    def reseed(self, seed: int) -> None:
        """Other lead times for what is ordered from now on."""
        self._lead_time.stream.reseed(seed)
