"""A buffer that is some way off: parts travel to it."""

from __future__ import annotations

from heapq import heappop, heappush

from sim.engine.distribution import Distribution
from sim.engine.instant import ARRIVALS
from sim.engine.kernel import Kernel, Timer
from sim.line.buffer import Buffer
from sim.line.part import Part
from sim.line.roles import Taker


class Conveyor(Buffer):
    """A part holds its place from the moment it sets out. transit: seconds on the way; who is faster overtakes.

    turn: of the station that it leads to, see sim.engine.instant.

    Raises ValueError for a capacity < 1.
    """

    def __init__(self, *, kernel: Kernel, name: str, capacity: int, transit: Distribution, turn: float = 0.0) -> None:
        super().__init__(kernel=kernel, name=name, capacity=capacity)
        if capacity < 1:
            raise ValueError(f"{name}: buffer = {capacity}: must be >= 1 where parts have a transit time")
        self._transit = transit
        self._moving: list[tuple[float, int, Part]] = []
        self._serial = 0
        self._timer = Timer(kernel, self._arrive, ARRIVALS + turn)

    def put(self, part: Part, station: Taker) -> bool:
        """Send the part on its way; or, when every place is taken, note the station. True if taken."""
        if self.level < self.capacity:
            self._send(part)
            return True
        self.putters.append(station)
        return False

    def get(self) -> Part | None:
        """The oldest part that has arrived, or None; the station that has waited longest for room sends its own."""
        if not self.parts:
            return None
        part = self.parts.popleft()
        if self.putters and self.level < self.capacity:
            self._send(self.putters.popleft().hand_over())
        return part

    def _send(self, part: Part) -> None:
        self._serial += 1
        heappush(self._moving, (self.kernel._now + self._transit.draw(), self._serial, part))
        self._timer.set_at(self._moving[0][0])

    def _arrive(self) -> None:
        self.parts.append(heappop(self._moving)[2])
        if self._moving:
            self._timer.set_at(self._moving[0][0])
        self.call()

    @property
    def ready(self) -> bool:
        return bool(self.parts)

    @property
    def level(self) -> int:
        return len(self.parts) + len(self._moving)

    @property
    def room(self) -> int:
        return self.capacity - self.level - len(self.putters)

    def reseed(self, seed: int) -> None:
        """Other travel times for what sets out from now on."""
        self._transit.stream.reseed(seed)
