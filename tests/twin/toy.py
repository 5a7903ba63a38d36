"""A small fleet for the twin's tests: wear that grows linearly with noise, one vibration signal, a known failure level.

It speaks the contract only, so the twin's tests need no plant.
"""

from __future__ import annotations

import itertools

import numpy as np

from sim import contract
from sim.contract import Action, Actuator, Asset, Event, Link, Message, Objective, OrderCost, PlantSpec, Signal

TICK = 600.0


def toy_spec(assets: int = 3) -> PlantSpec:
    names = [f"pump_{i}" for i in range(assets)]
    return PlantSpec(
        assets=(*(Asset(name, "pump") for name in names), Asset("site", "site")),
        links=tuple(Link(a, b) for a, b in itertools.pairwise(names)),
        signals=(
            *(Signal(name, "vibration", "vibration", "mm/s", 60.0, 0.0, 100.0, forecast=True) for name in names),
            Signal("site", "profit", "profit", "EUR", 600.0, cumulative=True, forecast=True),
        ),
        actuators=(
            *(Actuator(name, "speed", "setpoint", "", 0.5, 1.5, 1.0) for name in names),
            *(Actuator(name, "maintain", "work_order", "", 1.0, 1.0, 1.0) for name in names),
        ),
        objective=Objective(
            "site.profit",
            "EUR",
            orders=tuple(OrderCost(n, f"{n}.maintain", 100.0, 900.0, 600.0, 6000.0, 0.01) for n in names),
        ),
        tick=TICK,
        modes=("wear", "shock"),
    )


class ToyFleet:
    """Vibration = 1 + wear + noise; wear grows by `rate` per tick (random per life) and fails at 10; repair: 5
    ticks."""

    def __init__(self, seed: int, assets: int = 3, rate: float = 0.1) -> None:
        self.spec, self._assets, self._rate = toy_spec(assets), assets, rate
        self._random = np.random.default_rng(seed)
        self.wear, self.rates = np.zeros(assets), self._draw(assets)
        self._down = np.zeros(assets, dtype=int)
        self._kind = [contract.REPAIRED] * assets
        self._ordered: set[int] = set()
        self._sequence = {"telemetry": 0, "events": 0}
        self.profit, self.now, self.failures = 0.0, 0.0, 0

    def _draw(self, count: int) -> np.ndarray:
        return self._rate * self._random.uniform(0.5, 1.5, count)

    def apply(self, action: Action) -> None:
        name, what = action.actuator.split(".")
        if what == "maintain":
            self._ordered.add(int(name.removeprefix("pump_")))

    def advance(self) -> list[Message]:
        """One tick."""
        start, self.now = self.now, self.now + TICK
        events: list[Event] = []
        for i in range(self._assets):
            self._step(i, start, events)
        times = np.concatenate([np.full(self._assets, start + 60.0 * (k + 1)) for k in range(10)])
        noise = self._random.normal(0, 0.2, (10, self._assets))
        values = np.where(self._down > 0, 0.0, 1.0 + self.wear + noise)
        self.profit += 10.0 * np.count_nonzero(self._down == 0)
        signals = np.tile(np.arange(self._assets), 10)
        telemetry = self._message(
            "telemetry",
            np.append(signals, self._assets),
            np.append(times, self.now),
            np.append(values.clip(0).ravel(), self.profit),
        )
        empty = np.zeros(0)
        return [telemetry, self._message("events", empty.astype(int), empty, empty, tuple(events))]

    def _step(self, i: int, start: float, events: list[Event]) -> None:
        name = f"pump_{i}"
        if self._down[i]:
            self._down[i] -= 1
            if not self._down[i]:
                events.append(Event(start + 1.0, name, self._kind[i]))
                self.wear[i], self.rates[i] = 0.0, self._draw(1)[0]
        elif i in self._ordered:
            events.append(Event(start + 1.0, name, contract.MAINTENANCE_STARTED))
            self._down[i], self._kind[i] = 1, contract.MAINTAINED
        else:
            self.wear[i] += self.rates[i]
            if self.wear[i] >= 10:
                events.append(Event(self.now - 1.0, name, contract.FAILED, "wear"))
                self._down[i], self._kind[i] = 5, contract.REPAIRED
                self.failures += 1
        self._ordered.discard(i)

    def _message(self, channel, signals, times, values, events=()) -> Message:  # type: ignore[no-untyped-def]
        number = self._sequence[channel]
        self._sequence[channel] += 1
        return Message(channel, number, self.now, self.now, signals.astype(np.int32), times, values, events)
