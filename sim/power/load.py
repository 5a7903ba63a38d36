"""Loads: what draws by the hour whatever happens, and jobs that can wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Kernel, Timer
from sim.power.machine import Bus
from sim.units import HOUR


class Load(Component):
    """Something that draws power from the bus.

    priority: loads with less are shed first. wanted, served: kW now. energy, unserved: kWh served and not served so
    far. steady: whether the site's inputs say how much it wants.
    """

    steady = True

    def __init__(self, *, kernel: Kernel, name: str, priority: float = 0.0) -> None:
        super().__init__(kernel, name)
        self.priority = number(f"{name}.priority", priority)
        self.wanted = self.served = 0.0
        self.energy = self.unserved = 0.0
        self.bus: Bus | None = None

    def connect(self, bus: Bus) -> None:
        """The bus that it draws from."""
        self.bus = bus

    def pass_time(self, hours: float) -> None:
        """Let the flow of now go on."""
        self.energy += self.served * hours
        if self.served < self.wanted:
            self.unserved += (self.wanted - self.served) * hours


class Jobs(Load):
    """A load that comes in jobs: each draws `power` until its energy has been drawn, and can wait for a while.

    every: time between arrivals, s. energy: kWh of a job. slack: h that a job can wait at most. The setpoint `defer`
    (h, up to the slack) makes jobs wait; one that has begun is not interrupted. What is not served meanwhile is lost.
    Each job draws from a stream of its number. Raises ValueError for an unknown key or a value out of range.
    """

    steady = False

    def __init__(self, *, kernel: Kernel, name: str, seed: int, jobs: Mapping[str, Any], priority: float = 0.0) -> None:
        known(f"{name}.jobs", jobs, ("every", "energy", "power", "slack"))
        every = Distribution(jobs.get("every"), seed=seed, field=f"{name}.jobs.every")
        energy = Distribution(jobs.get("energy"), seed=seed, field=f"{name}.jobs.energy")
        self.power = number(f"{name}.jobs.power", jobs.get("power"), above=0)
        self.slack = number(f"{name}.jobs.slack", jobs.get("slack", 0.0), low=0)
        super().__init__(kernel=kernel, name=name, priority=priority)
        self._every, self._energy = every, energy
        self.defer, self.begun, self.waited_hours = 0.0, 0, 0.0
        self._number = 0
        self._waiting: list[tuple[float, float]] = []  # (arrival, seconds of work)
        self._ends: list[float] = []
        self._arrival, self._start, self._end = (
            Timer(kernel, self._arrive),
            Timer(kernel, self._begin_due),
            Timer(kernel, self._finish),
        )
        self._arrival.set(self._every.stream.at(0))

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return len(self._waiting)

    def command(self, actuator: str, value: float) -> str:
        """Carry out `defer`; see sim.telemetry.actuation.Receiver."""
        self.defer = value
        self._begin_due()
        return ""

    def _arrive(self) -> None:
        work = self._energy.stream.at(self._number) / self.power * HOUR
        self._number += 1
        self._waiting.append((self.kernel._now, work))
        self._arrival.set(self._every.stream.at(self._number))
        self._begin_due()

    def _begin_due(self) -> None:
        now, wait = self.kernel._now, self.defer * HOUR
        due = [job for job in self._waiting if job[0] + wait <= now + 1e-6]
        self._waiting = [job for job in self._waiting if job[0] + wait > now + 1e-6]
        for arrived, work in due:
            self.begun += 1
            self.waited_hours += (now - arrived) / HOUR
            self._ends.append(now + work)
        if self._waiting:
            self._start.set(min(arrived for arrived, _ in self._waiting) + wait - now)
        else:
            self._start.cancel()
        if due:
            self._draw()

    def _finish(self) -> None:
        now = self.kernel._now
        self._ends = [end for end in self._ends if end > now + 1e-6]
        self._draw()

    def _draw(self) -> None:
        assert self.bus is not None
        self.bus.accrue()
        self.wanted = self.power * len(self._ends)
        if self._ends:
            self._end.set(max(min(self._ends) - self.kernel._now, 0.0))
        self.bus.change()

    def reseed(self, seed: int) -> None:
        """Other jobs from the next on; those that have arrived stay."""
        self._energy.stream.reseed(seed)
        label, since = f"{self._number}", self._arrival.time - self._every.stream.at(self._number)
        self._every.stream.reseed(seed)
        left = self._every.stream.again(label, self.kernel._now - since)
        if left is not None and self._arrival.time < math.inf:
            self._arrival.set(since + left - self.kernel._now)
