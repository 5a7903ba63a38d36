"""Lives that were recorded one by one, played as a plant that can only be watched."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim import contract
from sim.contract import Asset, Event, Message, Objective, PlantSpec, Signal

Floats = NDArray[np.float64]


MODE = "failure"


# A failure is noted just after the last reading, the renewal just after the failure, both before the next tick.
AFTER = 1e-3


@dataclass(frozen=True)
class Unit:
    """One life: values [ticks, signals] from its first reading on; failed: whether it ends in a failure."""

    name: str
    values: Floats
    failed: bool


@dataclass
class Fleet:
    """Lives played one after the other on each of `slots` assets, several assets at once.

    signals: names of the value columns. A slot rests for a tick after a life, then takes the next unit, renewed; a
    slot for which none is left stays down. channel: of the messages. now: ticks that have passed before.
    """

    signals: Sequence[str]
    units: Sequence[Unit]
    slots: int
    type: str = "unit"
    targets: Sequence[str] = ()
    channel: str = "telemetry"
    now: int = 0
    finished: list[tuple[int, Unit]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.slots < 1:
            raise ValueError(f"Fleet: slots = {self.slots}: must be >= 1")
        self.slots = min(self.slots, len(self.units))
        names = [f"{self.type}_{i + 1}" for i in range(self.slots)]
        wanted = set(self.targets or self.signals)
        self.spec = PlantSpec(
            assets=tuple(Asset(name, self.type) for name in names),
            links=(),
            signals=tuple(Signal(a, s, s, "", 1.0, forecast=s in wanted) for a in names for s in self.signals),
            actuators=(),
            objective=Objective("", ""),
            tick=1.0,
            modes=(MODE,),
        )

    def play(self) -> Iterator[list[Message]]:
        """Messages of each tick; after a tick, `finished` lists (slot, unit) of those whose last reading it held.

        The last message holds no readings: it tells how the last lives ended.
        """
        waiting, running, number = deque(self.units), dict[int, tuple[Unit, int]](), 0
        news: list[Event] = []
        while waiting or running or news:
            resting = {slot for slot, _ in self.finished}
            for slot in range(self.slots):
                if slot not in running and slot not in resting and waiting:
                    running[slot] = (waiting.popleft(), 0)
                    news += self._renew(slot)
            self.now += 1
            self.finished = [(slot, unit) for slot, (unit, at) in running.items() if at + 1 == len(unit.values)]
            yield [self._message(number, running, tuple(news))]
            running = {slot: (unit, at + 1) for slot, (unit, at) in running.items() if at + 1 < len(unit.values)}
            news = [event for slot, unit in self.finished for event in self._end(slot, unit)]
            number += 1

    def _message(self, number: int, running: Mapping[int, tuple[Unit, int]], news: tuple[Event, ...]) -> Message:
        """All readings of a tick."""
        count, time = len(self.signals), float(self.now)
        values = [unit.values[at] for unit, at in running.values()]
        signals = [np.arange(slot * count, (slot + 1) * count, dtype=np.int32) for slot in running]
        flat = np.concatenate(values) if values else np.zeros(0)
        index = np.concatenate(signals) if signals else np.zeros(0, np.int32)
        return Message(self.channel, number, time - 1.0, time, index, np.full(len(flat), time), flat, news)

    def _renew(self, slot: int) -> list[Event]:
        """A plant that starts has new assets; later ones are renewed."""
        return [Event(self.now + 2 * AFTER, self.spec.assets[slot].name, contract.REPAIRED)] if self.now else []

    def _end(self, slot: int, unit: Unit) -> list[Event]:
        name, time = self.spec.assets[slot].name, float(self.now)
        kind = contract.FAILED if unit.failed else contract.MAINTENANCE_STARTED
        return [Event(time + AFTER, name, kind, MODE if unit.failed else "")]
