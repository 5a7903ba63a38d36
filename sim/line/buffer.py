"""Buffers: finite stores of parts between stations, first in, first out."""

from __future__ import annotations

from collections import deque
from typing import ClassVar

from sim.engine.kernel import Component, Kernel
from sim.line.part import Part
from sim.line.roles import Taker


class Buffer(Component):
    """plain: a part that lies in `parts` can be taken from there while nobody waits to put one, as `get` would.

    Holds up to `capacity` parts; a station that finds it full waits with its part (blocking after service)."""

    __slots__ = ("capacity", "getters", "parts", "putters")
    plain: ClassVar[bool] = True

    def __init__(self, *, kernel: Kernel, name: str, capacity: int) -> None:
        super().__init__(kernel, name)
        if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 0:
            raise ValueError(f"{name}: buffer = {capacity!r}: must be a whole number >= 0")
        self.capacity = capacity
        self.parts: deque[Part] = deque()
        self.getters: deque[Taker] = deque()
        self.putters: deque[Taker] = deque()

    def put(self, part: Part, station: Taker) -> bool:
        """Take the part; or, when full, note the station, which keeps it until its `hand_over`. True if taken."""
        if self.getters:  # even without a place to lie in: someone is there to take it
            self.parts.append(part)
            self.kernel._soon.append(self.getters.popleft().wake)
            return True
        if len(self.parts) < self.capacity:
            self.parts.append(part)
            return True
        self.putters.append(station)
        return False

    def get(self) -> Part | None:
        """The oldest part, or None; the station that has waited longest for room moves up."""
        parts, putters = self.parts, self.putters
        if parts:
            part = parts.popleft()
            if putters and len(parts) < self.capacity:
                parts.append(putters.popleft().hand_over())
            return part
        return putters.popleft().hand_over() if putters else None

    def wait(self, station: Taker) -> None:
        """The station waits for a part."""
        if station not in self.getters:
            self.getters.append(station)

    def call(self) -> None:
        """Wake the next waiting station, where the one that was woken could not come."""
        if self.getters and self.ready:
            self.kernel._soon.append(self.getters.popleft().wake)

    @property
    def ready(self) -> bool:
        """Whether `get` would find a part."""
        return bool(self.parts or self.putters)

    @property
    def level(self) -> int:
        """Parts that take up a place."""
        return len(self.parts)

    @property
    def room(self) -> int:
        """Free places and stations that wait for a part, less those that wait to hand one over."""
        return self.capacity - len(self.parts) - len(self.putters) + len(self.getters)
