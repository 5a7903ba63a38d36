"""Demand: vehicles that come to an entrance of the network, at a rate that varies over the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.engine.checks import known, number
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import generator_of
from sim.road.link import RoadLink
from sim.road.recorded_day import mean_day
from sim.units import HOUR

Floats = NDArray[np.float64]
BLOCK = 512  # arrivals drawn at a time


class DemandProfile:
    """How many times its mean the demand is, in equal steps, repeated for ever.

    factors: >= 0, not all 0. step: s. field: name for messages. Raises ValueError naming it.
    """

    def __init__(self, factors: Sequence[float], step: float = HOUR, field: str = "profile") -> None:
        self.factors = tuple(number(field, factor, low=0) for factor in factors)
        self.step = number(f"{field}.step", step, above=0)
        if not any(self.factors):
            raise ValueError(f"{field} = {list(factors)}: must name at least one factor > 0")
        least = 1e-9 * max(self.factors)  # so that the integral rises even in a night without demand
        self._steps = np.arange(len(self.factors) + 1) * self.step
        self._sums = np.concatenate([[0.0], np.cumsum(np.maximum(self.factors, least)) * self.step])

    def area(self, time: float) -> float:
        """Integral of the factors from 0 to `time` (s)."""
        rounds, rest = divmod(time, float(self._steps[-1]))
        return rounds * float(self._sums[-1]) + float(np.interp(rest, self._steps, self._sums))

    def times(self, areas: Floats) -> list[float]:
        """When the integral reaches each of `areas` (s)."""
        rounds, rest = np.divmod(areas, self._sums[-1])
        moments: list[float] = (rounds * self._steps[-1] + np.interp(rest, self._sums, self._steps)).tolist()
        return moments


def make_profile(spec: Any, field: str = "profile") -> DemandProfile:
    """From None (steady), a list of hourly factors, {step, factors} or {file, …}, see sim.road.recorded_day."""
    if spec is None:
        return DemandProfile([1.0], HOUR, field)
    if isinstance(spec, list | tuple):
        return DemandProfile(spec, HOUR, field)
    if not isinstance(spec, Mapping):
        raise ValueError(f"{field} = {spec!r}: must be a list of factors or a mapping")
    if "file" in spec:
        return DemandProfile(mean_day(spec, field), HOUR, field)
    known(field, spec, ("factors", "step"))
    return DemandProfile(spec.get("factors", ()), spec.get("step", HOUR), field)


class TrafficDemand(Component):
    """Poisson arrivals at one link, a mean of `rate` veh/h times the profile; who finds no room waits outside.

    born: vehicles that have come. refused: those of them that found no room at once. outside: those that wait now.
    Arrival times are made in blocks: unit exponentials summed and mapped through the integral of the rate, so that a
    change of rate keeps the luck.
    """

    SHARED: ClassVar[tuple[str, ...]] = ("_profile",)

    def __init__(
        self, *, kernel: Kernel, name: str, seed: int, link: RoadLink, rate: float, profile: DemandProfile
    ) -> None:
        super().__init__(kernel, name)
        self.rate = number(f"{name}.rate", rate, above=0)
        self._link, self._profile, self._seed = link, profile, seed
        self._block, self._area = 0, 0.0
        self._times: list[float] = []
        self._at = 0
        self.born = self.refused = 0
        self.outside = 0
        self._outside_area, self._since = 0.0, 0.0
        self._timer = Timer(kernel, self._arrive)
        self._schedule()

    def outside_seconds(self) -> float:
        """Vehicle-seconds so far spent waiting outside."""
        return self._outside_area + self.outside * (self.kernel._now - self._since)

    def _schedule(self) -> None:
        if self._at == len(self._times):
            self._more()
        self._timer.set(self._times[self._at] - self.kernel._now)

    def _more(self) -> None:
        generator = generator_of(self._seed, f"{self.name}#{self._block}")
        areas = self._area + np.cumsum(generator.standard_exponential(BLOCK)) * (HOUR / self.rate)
        self._block, self._area = self._block + 1, float(areas[-1])
        self._times, self._at = self._profile.times(areas), 0

    def _arrive(self) -> None:
        self.born += 1
        self._at += 1
        self._schedule()
        if self.outside or self._link.count >= self._link.storage:
            self.refused += 1
            self._wait(1)
            self._link.await_room(self)
        else:
            self._link.enter()

    def look(self) -> None:
        """There is room on the link."""
        if self.outside:
            self._wait(-1)
            self._link.enter()
            if self.outside:
                self._link.await_room(self)

    def _wait(self, change: int) -> None:
        now = self.kernel._now
        self._outside_area += self.outside * (now - self._since)
        self._since = now
        self.outside += change

    def reseed(self, seed: int) -> None:
        """Other arrivals from now on; a Poisson process has no memory."""
        self._seed = seed
        self._area = self._profile.area(self.kernel._now)
        self._more()
        self._schedule()
