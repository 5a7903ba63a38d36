"""A link: a road from one crossing to the next, as a spatial queue."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from sim.engine.checks import number
from sim.engine.kernel import Component, Kernel
from sim.engine.streams import Stream
from sim.road.lanes import STOPPED, Lanes
from sim.road.roles import Hopeful
from sim.units import HOUR

SPACING = 7.5  # m per standing vehicle
# s per vehicle and lane where the signal is dark: the departure headway of an all-way stop with vehicles opposite and
# on one side (Highway Capacity Manual 2000, exhibit 17-30, case 4).
ALL_WAY_STOP = 7.0
LEAST = 0.4  # share of the saturation flow that a narrowed or worked-on single lane keeps


class RoadLink(Component):
    """Vehicles enter at one end, need at least the free travel time, and leave by the lanes of the way they want.

    A link holds at most `storage` vehicles; where it is full nobody enters (spatial queue: Zhang, Nie & Qian 2013).
    length: m. speed: m/s, free. friction: s that a vehicle loses on the way even with all signals green (following,
    spread of speeds); it counts as time lost but not as control delay. shares: of the ways, in the order in which
    `serve` names them; each vehicle draws one on entering.
    Raises ValueError naming the field.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, seed: int, length: float, speed: float, friction: float, lanes: int
    ) -> None:
        super().__init__(kernel, name)
        self.length = number(f"{name}.length", length, above=0)
        self.speed = number(f"{name}.speed", speed, above=0)
        self.friction = number(f"{name}.friction", friction, low=0)
        self.width = lanes
        self.storage = max(int(self.length * lanes / SPACING), 1)
        self.travel = self.length / self.speed + self.friction
        self.count = 0
        self.entered = 0
        self.lanes: tuple[Lanes, ...] = ()
        self.hopeful: deque[Hopeful] = deque()
        self.condition = 1.0  # share of the saturation flow that the pavement leaves
        self.clear = 1.0  # share that incidents leave
        self.works = False
        self.dark = False  # the signal at its end is: an all-way stop
        self._bounds: tuple[float, ...] = ()
        self._places: tuple[tuple[Lanes, int], ...] = ()
        self._turn = Stream(seed, f"{name}.turn")

    def serve(self, lanes: Sequence[Lanes], ways: Sequence[tuple[Lanes, RoadLink | None, float]]) -> None:
        """Wire up the lanes at its end. ways: (lanes, next link or None, share of the vehicles); shares sum to 1."""
        self.lanes = tuple(lanes)
        total = sum(share for _, _, share in ways)
        if not math.isclose(total, 1.0, abs_tol=1e-6) or min(share for _, _, share in ways) < 0:
            raise ValueError(f"{self.name}.to: shares = {[s for _, _, s in ways]}: must be >= 0 and sum to 1")
        for group in lanes:
            group.ways = tuple(target for served, target, _ in ways if served is group)
        places: list[tuple[Lanes, int]] = []
        bounds, seen = [], 0.0
        for group, _, share in ways:
            places.append((group, sum(served is group for served, _ in places)))
            seen += share
            bounds.append(seen)
        self._places, self._bounds = tuple(places), (*bounds[:-1], math.inf)

    def enter(self) -> None:
        """One vehicle, now; there is room."""
        self.count += 1
        self.entered += 1
        if len(self._places) == 1:
            lanes, way = self._places[0]
        else:
            draw, i = self._turn.draw(), 0
            while draw >= self._bounds[i]:
                i += 1
            lanes, way = self._places[i]
        lanes.join(self.kernel._now + self.travel, way)

    def await_room(self, waiting: Hopeful) -> None:
        """`waiting.look` is called when there is room again."""
        if waiting not in self.hopeful:
            self.hopeful.append(waiting)

    def make_room(self) -> None:
        """A vehicle has left: all that wait for room try again, first come, first served."""
        hopeful, self.hopeful = self.hopeful, deque()
        for waiting in hopeful:
            waiting.look()

    def narrow(self) -> None:
        """Take over a change of condition, incidents or works into the saturation flow."""
        open_share = max((self.width - 1) / self.width, LEAST) if self.works else 1.0
        for lanes in self.lanes:
            headway = HOUR / (lanes.flow * self.condition * self.clear * open_share)
            lanes.headway = max(headway, ALL_WAY_STOP if self.dark else 0.0) / lanes.lanes

    @property
    def delay(self) -> float:
        """Seconds of control delay so far, of vehicles that passed and of those that wait."""
        total = 0.0
        for lanes in self.lanes:
            total += lanes.delay
            if lanes.queue:
                total += lanes.waiting()
        return total

    @property
    def passed(self) -> int:
        """Vehicles that have left it."""
        return self.entered - self.count

    @property
    def stopped(self) -> int:
        """Stops so far, of vehicles that passed and of those that stand."""
        total = 0
        for lanes in self.lanes:
            total += lanes.stopped
            if lanes.queue:
                total += lanes.standing(STOPPED)
        return total

    @property
    def flow(self) -> float:
        """Saturation flow of all lanes as built, veh/h."""
        return sum(lanes.flow * lanes.lanes for lanes in self.lanes)

    def standing(self) -> int:
        """Vehicles that wait at its stop lines."""
        return sum(lanes.standing() for lanes in self.lanes)

    def reseed(self, seed: int) -> None:
        """Other turns from now on."""
        self._turn.reseed(seed)
