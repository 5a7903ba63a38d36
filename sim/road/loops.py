"""What the sensors of a network measure at a sample: one vector, in the order of sim.road.description.measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel import Component, Kernel
from sim.road.cabinet import Cabinet
from sim.road.pavement import Pavement
from sim.road.roads import Roads
from sim.road.signal import GREEN


class Loops(Component):
    """True readings, but for what the detectors themselves get wrong.

    travel_times: links with a travel-time sensor, which gives the mean of those who left since the last sample, and
    nothing where nobody did.
    """

    SHARED: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        roads: Roads,
        pavements: Mapping[str, Pavement],
        cabinets: Mapping[str, Cabinet],
        travel_times: Sequence[str],
        report: Any,
    ) -> None:
        super().__init__(kernel, name)
        self._detectors = tuple(roads.detectors.values())
        self._pavements = tuple(pavements.values())
        self._timed = tuple(roads.links[link] for link in travel_times)
        self._signals = tuple(roads.signals.values())
        self._cabinets = tuple(cabinets.values())
        self._left = [(0, 0.0)] * len(self._timed)
        self._report = report

    def measure(self) -> NDArray[np.float64]:
        """[signals sampled] now."""
        values: list[float] = []
        for detector in self._detectors:
            values += detector.sample()
            values.append(detector.noise() if not detector.mode else math.nan)
        values += [pavement.vibration() for pavement in self._pavements]
        values += [self._travel_time(i) for i in range(len(self._timed))]
        for signal in self._signals:
            values += [
                float(signal.phase == GREEN and signal.current == i and not signal.dark)
                for i in range(len(signal.stages))
            ]
        values += [cabinet.noise() for cabinet in self._cabinets]
        return np.array(values)

    def _travel_time(self, which: int) -> float:
        link, (before, spent) = self._timed[which], self._left[which]
        left = link.entered - link.count
        if left == before:
            return math.nan
        delay = 0.0
        for lanes in link.lanes:
            delay += lanes.delay
        self._left[which] = left, delay
        return link.travel + (delay - spent) / (left - before)

    def report(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        """Pass a sample on to where reports go."""
        self._report.send_readings(time, signals, values)
