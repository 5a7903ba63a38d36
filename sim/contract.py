"""What crosses the border between a plant and its controller, and nothing else.

A controller (the digital twin, or any other) knows the plant only through its `PlantSpec`, the `Message`s that its
network delivers and the `Action`s that it sends back. Times are seconds of simulated time, money is in the
objective's unit. Everything here is immutable and picklable.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

# Event kinds. A plant may emit others; a controller ignores those that it does not know.
FAILED = "failed"  # detail = failure mode; the asset is down from here on
REPAIR_STARTED = "repair_started"  # a technician is at work on the failed asset
REPAIRED = "repaired"  # corrective work done, the asset is renewed (or as good as the repair makes it)
MAINTENANCE_STARTED = "maintenance_started"  # preventive work begins, the asset stands still
MAINTAINED = "maintained"  # preventive work done
DEADLOCK = "deadlock"  # stations wait for each other and none will move again; detail = who waits for whom
COMMAND_APPLIED = "command_applied"  # detail = actuator key, value = the value applied
COMMAND_REFUSED = "command_refused"  # detail = "actuator key: reason", value = the value asked for
COMMAND_LATE = "command_late"  # applied, but it travelled longer than a tick; value = its delay in seconds


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that is monitored and perhaps maintained. `type` is what a surrogate shares weights by.

    nameplate: what is known of it as built, by name (a road's saturation flow, a battery's capacity).
    """

    name: str
    type: str
    nameplate: Mapping[str, float] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class OrderCost:
    """Economics of renewing one asset through a work order, as the plant's planners would state them.

    actuator: key of the work_order actuator. Costs are materials and labour per job; times are mean seconds of work.
    downtime_cost: what a second of standstill of this asset is reckoned to cost (lost margin).
    """

    asset: str
    actuator: str
    preventive_cost: float
    corrective_cost: float
    preventive_time: float
    corrective_time: float
    downtime_cost: float

    @property
    def preventive_total(self) -> float:
        """Cost of a planned renewal, standstill included."""
        return self.preventive_cost + self.preventive_time * self.downtime_cost

    @property
    def corrective_total(self) -> float:
        """Cost of a failure, standstill included."""
        return self.corrective_cost + self.corrective_time * self.downtime_cost


@dataclass(frozen=True, slots=True)
class Objective:
    """What the plant is run for.

    signal: key of the cumulative signal that measures it, "" where none does (a recording). sense: +1 maximise (profit), -1 minimise (cost).
    prices: currency per unit of each kind of signal that has a price (energy, scrap ...).
    orders: the economics of each work order.
    figure: name of the key figure that tells it as a rate (profit_per_hour, cost_per_day), "" for the plant's first.
    """

    signal: str
    unit: str
    sense: int = 1
    prices: Mapping[str, float] = field(default_factory=dict)
    orders: tuple[OrderCost, ...] = ()
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A quantity known ahead (tariff, shifts, timetable): piecewise constant from each of `times`, repeating."""

    name: str
    kind: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    repeat: float = math.inf

    def __post_init__(self) -> None:
        if not self.times or len(self.times) != len(self.values) or self.times[0] != 0.0:
            raise ValueError(f"Schedule {self.name}: times must start at 0 and match values")
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)) or self.times[-1] >= self.repeat:
            raise ValueError(f"Schedule {self.name}: times must rise and stay below repeat = {self.repeat}")

    def at(self, time: float) -> float:
        """Value in force at `time` (s)."""
        phase = time % self.repeat if math.isfinite(self.repeat) else time
        return self.values[bisect_right(self.times, phase) - 1]


@dataclass(frozen=True)
class PlantSpec:
    """Everything a controller may know before the first message.

    tick: seconds between decisions. modes: failure modes that `failed` events name. Raises ValueError where an
    asset, actuator or signal named elsewhere is missing.
    """

    assets: tuple[Asset, ...]
    links: tuple[Link, ...]
    signals: tuple[Signal, ...]
    actuators: tuple[Actuator, ...]
    objective: Objective
    tick: float
    modes: tuple[str, ...] = ()
    known_future: tuple[Schedule, ...] = ()

    def __post_init__(self) -> None:
        assets = [asset.name for asset in self.assets]
        for what, names in (
            ("asset", assets),
            ("signal", [s.key for s in self.signals]),
            ("actuator", [a.key for a in self.actuators]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"PlantSpec: {what} {twice[0]!r} appears twice")
        named = [(f"signal {s.key}", s.asset) for s in self.signals]
        named += [(f"actuator {a.key}", a.asset) for a in self.actuators]
        named += [("link", end) for link in self.links for end in (link.source, link.target)]
        for what, asset in named:
            if asset not in assets:
                raise ValueError(f"PlantSpec: {what} names asset {asset!r}; there are {', '.join(assets)}")
        if not self.tick > 0:
            raise ValueError(f"PlantSpec: tick = {self.tick}: must be > 0 s")
        if self.objective.signal and self.objective.signal not in self.signal_index:
            raise ValueError(f"PlantSpec: objective signal {self.objective.signal!r} is not a signal of the plant")
        for order in self.objective.orders:
            if order.actuator not in self.actuator_index:
                raise ValueError(
                    f"PlantSpec: order of {order.asset} names actuator {order.actuator!r}, which is missing"
                )

    @cached_property
    def asset_index(self) -> dict[str, int]:
        """Asset name → position in `assets`."""
        return {asset.name: i for i, asset in enumerate(self.assets)}

    @cached_property
    def signal_index(self) -> dict[str, int]:
        """Signal key → position in `signals` (what `Message.signals` holds)."""
        return {signal.key: i for i, signal in enumerate(self.signals)}

    @cached_property
    def actuator_index(self) -> dict[str, int]:
        """Actuator key → position in `actuators`."""
        return {actuator.key: i for i, actuator in enumerate(self.actuators)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement; many travel together as the arrays of a Message."""

    time: float
    signal: int
    value: float


class Event(NamedTuple):
    """Something that happened at an asset. detail and value by kind, see the constants above."""

    time: float
    asset: str
    kind: str
    detail: str = ""
    value: float = math.nan


class Message(NamedTuple):
    """What the uplink delivers: readings as arrays [n], or events, or both.

    channel and sequence identify it (a duplicate has the same); sent and arrived are in seconds. signals indexes
    PlantSpec.signals; times are the times of measurement; a value may be NaN (the sensor gave none).
    """

    channel: str
    sequence: int
    sent: float
    arrived: float
    signals: NDArray[np.int32]
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A command for one actuator (by key), issued at `time`, with the reason a person can read.

    propensity: the probability with which the controller chose what it chose; 1 where it could not have done otherwise.
    """

    time: float
    actuator: str
    value: float = 1.0
    reason: str = ""
    propensity: float = 1.0


@runtime_checkable
class Plant(Protocol):
    """The physical side. It can be advanced, forked and saved; it never knows who controls it."""

    @property
    def spec(self) -> PlantSpec: ...
    @property
    def now(self) -> float: ...

    def advance(self, until: float) -> list[Message]:
        """Run to `until` (s, inclusive) and return the messages delivered on the way, in order of arrival."""
        ...

    def apply(self, action: Action) -> None:
        """Put a command on the downlink now; it takes effect, or is refused with an Event, when it arrives."""
        ...

    def kpis(self) -> dict[str, float]:
        """Key figures of the whole run so far (names as in kpis.json)."""
        ...

    def truth(self) -> dict[str, Any]:
        """Hidden state, for scoring and for references that call themselves privileged."""
        ...

    def journal(self) -> list[Event]:
        """All true events since the last call, for recording. Privileged like `truth`."""
        ...

    def fork(self, reseed: int | None = None) -> Self:
        """An independent copy: with the same future, or, reseeded, with another one from here on."""
        ...

    def snapshot(self) -> bytes:
        """The whole state, to be restored in another process."""
        ...

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """The plant that `snapshot` saved. Raises ValueError for bytes that are not such a snapshot."""
        ...


@runtime_checkable
class Controller(Protocol):
    """The virtual side, as the loop sees it."""

    def observe(self, message: Message) -> None: ...
    def decide(self, now: float) -> Sequence[Action]: ...
