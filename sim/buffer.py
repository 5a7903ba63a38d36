"""Buffers: finite stores of parts between stations, first in, first out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sim.kernel import Component, Kernel

if TYPE_CHECKING:
    from sim.station import Station

# A part: when it entered the line, whether it is good, how often it was reworked.
Part = tuple[float, bool, int]


class Buffer(Component):
    """Holds up to `capacity` parts; a station that finds it full waits with its part (blocking after service)."""

    def __init__(self, *, kernel: Kernel, name: str, capacity: int) -> None:
        super().__init__(kernel, name)
        if isinstance(capacity, bool) or not isinstance(capacity, int) or capacity < 0:
            raise ValueError(f"{name}: buffer = {capacity!r}: must be a whole number >= 0")
        self.capacity = capacity
        self.parts: deque[Part] = deque()
        self.getters: deque[Station] = deque()
        self.putters: deque[Station] = deque()

    def put(self, part: Part, station: Station) -> bool:
        """Take the part; or, when full, note the station, which keeps it until `released`. True if taken."""
        if len(self.parts) < self.capacity:
            self.parts.append(part)
            if self.getters:
                self.kernel._soon.append(self.getters.popleft().wake)
            return True
        if self.getters:  # no room to lie in, but someone to hand it to
            self.parts.append(part)
            self.kernel._soon.append(self.getters.popleft().wake)
            return True
        self.putters.append(station)
        return False

    def get(self) -> Part:
        """The oldest part; the longest-waiting station moves up. Only when `ready`."""
        parts, putters = self.parts, self.putters
        if parts:
            part = parts.popleft()
            if putters and len(parts) < self.capacity:
                station = putters.popleft()
                parts.append(station.hand_over())
        else:
            part = putters.popleft().hand_over()
        return part

    @property
    def ready(self) -> bool:
        """Whether `get` would find a part."""
        return bool(self.parts or self.putters)

    @property
    def room(self) -> int:
        """Free places, less the stations that wait for one."""
        return self.capacity - len(self.parts) - len(self.putters)
