"""Pavement: a worn road passes fewer vehicles per hour of green."""

from __future__ import annotations

import math

from sim.engine.checks import number
from sim.road.link import RoadLink

MOST_EFFECT = 0.9  # share of the saturation flow that wear takes at most


class Pavement:
    """The surface of a link. effect: share of the saturation flow that is lost at a wear of 1.

    A failed one (potholes) keeps `broken` of it until it is repaired. While people work on it a lane is closed.
    """

    def __init__(self, *, link: RoadLink, effect: float = 0.15, broken: float = 0.65) -> None:
        self.link = link
        self.effect = number(f"{link.name}.pavement.effect", effect, low=0, high=MOST_EFFECT)
        self.broken = number(f"{link.name}.pavement.broken", broken, above=0, high=1)
        self.wear = 0.0
        self._counted = 0

    def load(self, seconds: float) -> float:
        """Vehicles that have passed since the last call."""
        del seconds
        passed = self.link.passed
        load, self._counted = passed - self._counted, passed
        return float(load)

    def wear_to(self, wear: float) -> None:
        self.wear = wear
        self._pass_on(max(1.0 - self.effect * wear, 1.0 - MOST_EFFECT))  # wear can exceed 1 before it fails

    def fail(self, mode: str) -> None:
        del mode
        self._pass_on(self.broken)

    def noticed(self) -> None:
        """Nothing more."""

    def works(self, begin: bool) -> None:
        self.link.works = begin
        self.link.narrow()

    def renew(self) -> None:
        self.wear_to(0.0)

    def vibration(self) -> float:
        """What a probe vehicle feels, mm/s."""
        return 2.0 * (1.0 + 1.5 * self.wear * math.sqrt(self.wear))

    def _pass_on(self, condition: float) -> None:
        self.link.condition = condition
        self.link.narrow()
