"""What every plant here shares: a kernel, a network both ways, a journal, commands; forks and snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol, Self, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Event, Message, PlantSpec, Silenceable, Truth
from sim.engine.checks import known
from sim.engine.kernel import Component, Kernel
from sim.engine.sealing import seal, unseal
from sim.telemetry.actuation import Actuation, Receiver
from sim.telemetry.channel import Channel
from sim.telemetry.journal import Journal

NO_SIGNALS = np.zeros(0, dtype=np.int32)
NO_VALUES = np.zeros(0)


@runtime_checkable
class Reseedable(Protocol):
    """A component that draws random numbers: told of another seed, it has another future from now on."""

    def reseed(self, seed: int) -> None:
        """Draw what is not drawn yet from the streams of `seed`."""
        ...


class SimulatedPlant(Component):
    """A Plant (see sim.contract) but for its insides: a subclass builds them and defines `figures` and `truth`.

    A subclass's constructor calls this one first, makes its components on `self.kernel` and ends with `_open`.
    network: `uplink` and `downlink`, see sim.telemetry.channel.Channel. Times in seconds.
    Raises ValueError in one line that names the field, the value and what is allowed.
    """

    SHARED: ClassVar[tuple[str, ...]] = ("_spec",)

    _spec: PlantSpec
    _actuation: Actuation

    def __init__(self, *, seed: int, network: Mapping[str, Any] | None = None) -> None:
        super().__init__(Kernel(), "plant")
        kernel, network = self.kernel, dict(network or {})
        known("network", network, ("uplink", "downlink"))
        self._telemetry = Channel(kernel=kernel, name="telemetry", seed=seed, settings=network.get("uplink"))
        self._events = Channel(kernel=kernel, name="events", seed=seed, settings=network.get("uplink"))
        self._downlink = Channel(kernel=kernel, name="downlink", seed=seed, settings=network.get("downlink"))
        self._journal = Journal(kernel=kernel, name="journal", report=self)

    def _open(self, spec: PlantSpec, receivers: Mapping[str, Receiver]) -> None:
        """Begin to take commands. receivers: who carries them out, by asset."""
        self._spec = spec
        self._actuation = Actuation(
            kernel=self.kernel,
            name="actuation",
            channel=self._downlink,
            journal=self._journal,
            receivers=receivers,
            actuators={a.key: a for a in spec.actuators},
            late=spec.tick,
        )

    # The contract

    @property
    def spec(self) -> PlantSpec:
        return self._spec

    @property
    def now(self) -> float:
        return self.kernel._now

    def advance(self, until: float) -> list[Message]:
        """Run to `until` (s, inclusive) and return the messages delivered on the way, in order of arrival."""
        self.kernel.advance(until)
        arrived = self._telemetry.arrived(until) + self._events.arrived(until)
        arrived.sort(key=lambda entry: entry[0])
        return [_message(time, content) for time, content in arrived]

    def apply(self, action: Action) -> None:
        """Put a command on the downlink now."""
        self._actuation.send(action)
        self.kernel.advance(self.kernel._now)  # a command without latency arrives at once

    def kpis(self) -> dict[str, float]:
        """Key figures so far, and the accounts of network and commands."""
        up, events = self._telemetry.counts(), self._events.counts()
        figures = self.figures()
        for what in ("sent", "delivered", "lost", "duplicated", "in_flight", "retried"):
            figures[f"uplink_{what}"] = up[f"telemetry_{what}"] + events[f"events_{what}"]
        return figures | self._downlink.counts() | self._actuation.counts()

    def figures(self) -> dict[str, float]:
        """A new dict of the plant's own key figures so far."""
        raise TypeError(f"{type(self).__name__} must define figures")

    def truth(self) -> Truth:
        """Hidden state; a subclass owes the keys of sim.contract.Truth and adds its own."""
        raise TypeError(f"{type(self).__name__} must define truth")

    def journal(self) -> list[Event]:
        """All true events since the last call."""
        return self._journal.take()

    def fork(self, reseed: int | None = None) -> Self:
        """An independent copy: with the same future, or, reseeded, with another one from here on."""
        copy = cast(Self, self.kernel.copy().components["plant"])
        if reseed is not None:
            for component in copy._components(Reseedable):
                component.reseed(reseed)
        return copy

    def silence(self) -> None:
        """Send no more readings, at less than half the cost: for a copy that nobody looks at.

        What happens hardly depends on who looks: at most by the step in which slow ageing is integrated, 2e-6 of the
        figure.
        """
        for component in self._components(Silenceable):
            component.silence()

    def _components(self, role: type[Any]) -> Iterator[Any]:
        """The components that have this role (a runtime_checkable protocol); classes are checked once each."""
        others = [component for component in self.kernel.components.values() if component is not self]
        kinds = dict.fromkeys(type(component) for component in others)
        having = tuple(kind for kind in kinds if issubclass(kind, role))
        return (component for component in others if isinstance(component, having))

    def snapshot(self) -> bytes:
        """The whole state, versioned and checked."""
        return seal(self.kernel.save())

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """The plant that `snapshot` saved. Raises ValueError for anything else."""
        package = cls.__module__.split(".")[0]
        plant = Kernel.load(unseal(data), (package,)).components.get("plant")
        if not isinstance(plant, cls):
            raise ValueError(f"snapshot: holds {type(plant).__name__}, not {cls.__name__}")
        return plant

    # What components report to

    def send_readings(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        """One sample of many signals, taken at `time`, as one message."""
        channel = self._telemetry
        times = np.empty(len(values))
        times.fill(time)
        channel.send((channel.name, channel.sent, self.kernel._now, signals, times, values, ()))

    def send_event(self, event: Event) -> None:
        """One event as one message, sent again if it is lost."""
        channel = self._events
        content = (channel.name, channel.sent, self.kernel._now, NO_SIGNALS, NO_VALUES, NO_VALUES, (event,))
        channel.send(content, reliable=True)


def _message(arrived: float, content: tuple[Any, ...]) -> Message:
    channel, sequence, sent, *rest = content
    return Message(channel, sequence, sent, arrived, *rest)
