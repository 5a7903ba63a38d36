"""What a plant consists of, as its controller knows it: assets, links, signals, actuators."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that is monitored and perhaps maintained. `type` is what a surrogate shares weights by.

    nameplate: what is known of it as built, by name (a road's saturation flow, a battery's capacity).
    place: where it lies, m to the east and north: a point, or the two ends of a stretch; empty where nobody says.
    """

    name: str
    type: str
    nameplate: Mapping[str, float] = field(default_factory=dict)
    place: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Flow (of parts, power, vehicles) from one asset to another, by asset name."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured quantity.

    kind: what it measures (vibration, temperature, power, count, level, speed, state, price, profit, energy ...).
    period: seconds between samples. low, high: the sensor's plausible range; readings outside it are faults.
    cumulative: a counter that only its differences give meaning to (good parts, profit so far, energy so far).
    forecast: a surrogate should forecast it.
    """

    asset: str
    name: str
    kind: str
    unit: str
    period: float
    low: float = -math.inf
    high: float = math.inf
    cumulative: bool = False
    forecast: bool = False

    def __post_init__(self) -> None:
        if not self.period > 0:
            raise ValueError(f"Signal {self.key}: period = {self.period}: must be > 0 s")
        if not self.low < self.high:
            raise ValueError(f"Signal {self.key}: low = {self.low} must be below high = {self.high}")

    @property
    def key(self) -> str:
        """`asset.name`, unique within a plant."""
        return f"{self.asset}.{self.name}"


@dataclass(frozen=True, slots=True)
class Actuator:
    """What a controller may move. kind: `setpoint` (holds a value in [low, high]) or `work_order` (value ignored)."""

    asset: str
    name: str
    kind: str
    unit: str
    low: float
    high: float
    default: float

    def __post_init__(self) -> None:
        if self.kind not in ("setpoint", "work_order"):
            raise ValueError(f"Actuator {self.key}: kind = {self.kind!r}: must be setpoint or work_order")
        if not self.low <= self.default <= self.high:
            raise ValueError(f"Actuator {self.key}: default = {self.default}: must lie in [{self.low}, {self.high}]")

    @property
    def key(self) -> str:
        """`asset.name`, unique within a plant."""
        return f"{self.asset}.{self.name}"
