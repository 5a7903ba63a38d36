"""Channels: what is sent arrives late, twice, out of order, or never; all of it is accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Any

from sim.engine.checks import integer, known, number
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Kernel
from sim.engine.streams import Stream

FIELDS = ("latency", "loss", "duplicate", "retries", "timeout")


class Channel(Component):
    """One direction of the network.

    latency: distribution of seconds (0 or None for none). loss, duplicate: chances per message. A reliable message
    that is lost is sent again `timeout` seconds later, up to `retries` times; so loss mostly becomes delay. Order is
    kept only as far as the latencies keep it. Always: sent + duplicated = delivered + lost + in flight.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(self, *, kernel: Kernel, name: str, seed: int, settings: Mapping[str, Any] | None = None) -> None:
        super().__init__(kernel, name)
        settings = dict(settings or {})
        known(name, settings, FIELDS)
        self._loss = number(f"{name}.loss", settings.get("loss", 0.0), low=0, high=1)
        self._duplicate = number(f"{name}.duplicate", settings.get("duplicate", 0.0), low=0, high=1)
        self._retries = integer(f"{name}.retries", settings.get("retries", 0), low=0)
        self._timeout = number(f"{name}.timeout", settings.get("timeout", 10.0), above=0)
        latency = settings.get("latency") or None
        self._latency = Distribution(latency, seed=seed, field=f"{name}.latency") if latency else None
        self._perfect = not (self._loss or self._duplicate or latency)
        self._chance = Stream(seed, f"{name}.chance")
        self._again = Stream(seed, f"{name}.again")
        self._flight: list[tuple[float, int, Any]] = []
        self._serial = 0
        self.sent = self.delivered = self.lost = self.duplicated = self.retried = 0

    def send(self, payload: Any, *, reliable: bool = False) -> None:
        """Put a payload on its way. Every message draws the same number of times, whatever becomes of it."""
        if self._perfect:
            self.sent += 1
            self._serial += 1
            heappush(self._flight, (self.kernel._now, self._serial, payload))
            return
        lost, twice = self._chance.draw() < self._loss, self._chance.draw() < self._duplicate
        first, second = self._delay(), self._delay()
        self.sent += 1
        waited = 0.0
        for _ in range(self._retries if reliable else 0):
            if not lost:
                break
            self.retried += 1
            waited += self._timeout
            lost = self._again.draw() < self._loss
        if lost:
            self.lost += 1
            return
        self._fly(waited + first, payload)
        if twice:
            self.duplicated += 1
            self._fly(waited + first + second, payload)

    def arrived(self, until: float) -> list[tuple[float, Any]]:
        """(time, payload) of all that arrives by `until`, in order of arrival."""
        result, flight = [], self._flight
        while flight and flight[0][0] <= until:
            time, _, payload = heappop(flight)
            result.append((time, payload))
        self.delivered += len(result)
        return result

    @property
    def next_arrival(self) -> float:
        """When the next message arrives, inf for none."""
        return self._flight[0][0] if self._flight else float("inf")

    def counts(self) -> dict[str, float]:
        """The account, by `NAME_sent` and so on."""
        figures = {
            "sent": self.sent,
            "delivered": self.delivered,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "in_flight": len(self._flight),
            "retried": self.retried,
        }
        return {f"{self.name}_{what}": float(count) for what, count in figures.items()}

    def reseed(self, seed: int) -> None:
        """Another future for what is sent from now on."""
        for stream in (self._chance, self._again, *([self._latency.stream] if self._latency else [])):
            stream.reseed(seed)

    def _delay(self) -> float:
        return self._latency.draw() if self._latency is not None else 0.0

    def _fly(self, delay: float, payload: Any) -> None:
        self._serial += 1
        heappush(self._flight, (self.kernel._now + delay, self._serial, payload))
