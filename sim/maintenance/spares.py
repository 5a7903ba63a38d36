"""Spare parts: a shelf that is restocked one for one, each order after a lead time."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

from sim.engine.checks import integer
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Kernel, Timer
from sim.maintenance.client import Supplied


class Spares(Component):
    """One kind of spare part. stock: parts at the start, and the level that orders restore (base stock, S-1, S).

    A job takes one before its technician is called; where there is none, it waits, first come, first served.
    """

    def __init__(self, *, kernel: Kernel, name: str, stock: int, lead_time: Distribution) -> None:
        super().__init__(kernel, name)
        self.on_hand = self.stock = integer(f"{name}.stock", stock, low=0)
        self._lead_time = lead_time
        self._waiting: deque[Supplied] = deque()
        self._due: list[float] = []
        self.used = 0
        self._timer = Timer(kernel, self._receive)

    def request(self, client: Supplied) -> None:
        """`client.supply` is called as soon as there is a part for it; a new one is ordered at once."""
        self.used += 1
        self._waiting.append(client)
        heappush(self._due, self.kernel._now + self._lead_time.draw())
        self._timer.set(self._due[0] - self.kernel._now)
        self._hand_out()

    def _receive(self) -> None:
        heappop(self._due)
        self.on_hand += 1
        if self._due:
            self._timer.set(self._due[0] - self.kernel._now)
        self._hand_out()

    def _hand_out(self) -> None:
        while self.on_hand and self._waiting:
            self.on_hand -= 1
            self.kernel.soon(self._waiting.popleft().supply)

    def reseed(self, seed: int) -> None:
        """Other lead times for what is ordered from now on."""
        self._lead_time.stream.reseed(seed)
