"""The backup generator: fuel, starts, least load, wear, and the vibration that tells of it."""

from __future__ import annotations

import math
from typing import Any

from sim.engine.checks import known, number
from sim.engine.kernel import Kernel, Timer
from sim.power.machine import PowerAsset
from sim.telemetry.journal import Journal
from sim.units import HOUR

OFF, STARTING, RUNNING = 0, 1, 2
NUMBERS = {
    "min_load": 0.3,
    "idle_fuel": 0.06,
    "fuel": 0.24,
    "fuel_price": 1.5,
    "fuel_carbon": 2.7,
    "start_time": 30.0,
    "start_cost": 2.0,
    "start_wear": 2.0,
    "standby_wear": 0.0,
    "vibration": 3.0,
    "vibration_wear": 1.5,
}


class Generator(PowerAsset):
    """A generating set. Power in kW at the bus.

    rated: kW. min_load: share of it that a running set gives at least. Fuel in l/h: idle_fuel x rated + fuel x power
    (a straight Willans line). fuel_price: EUR/l. fuel_carbon: kg/l. start_time: s from the call to power. start_cost:
    EUR of each start. ageing: exposure in running hours; a start counts start_wear of them, an hour of standing by
    standby_wear. vibration: mm/s when new and running, times 1 + vibration_wear x damage^1.5.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, seed: int, journal: Journal, wear: bool = True, **fields: Any
    ) -> None:
        known(name, fields, ("rated", "ageing", "upkeep", *NUMBERS))
        self.rated = number(f"{name}.rated", fields.get("rated", 0.0), above=0)
        values = {key: number(f"{name}.{key}", fields.get(key, value), low=0) for key, value in NUMBERS.items()}
        number(f"{name}.min_load", values["min_load"], low=0, high=1)
        self.least = values["min_load"] * self.rated
        self._idle, self._slope = values["idle_fuel"] * self.rated, values["fuel"]
        self.fuel_price, self.fuel_carbon, self.start_cost = (
            values["fuel_price"],
            values["fuel_carbon"],
            values["start_cost"],
        )
        self._start_time, self._start_wear = values["start_time"], values["start_wear"]
        self._standby_wear, self._shake, self._shake_wear = (
            values["standby_wear"],
            values["vibration"],
            values["vibration_wear"],
        )
        super().__init__(
            kernel=kernel,
            name=name,
            seed=seed,
            journal=journal,
            ageing=fields.get("ageing") if wear else None,
            upkeep=fields.get("upkeep"),
        )
        self.mode, self.flow, self.dispatch = OFF, 0.0, 0.0
        self.starts, self.hours, self.fuel, self.energy = 0, 0.0, 0.0, 0.0
        self._ready = Timer(kernel, self._run)
        self.expose(self._standby_wear / HOUR)

    def command(self, actuator: str, value: float) -> str:
        """Carry out `power` (kW, 0 for off) or `maintain`; see sim.telemetry.actuation.Receiver."""
        if actuator == "maintain":
            return super().command(actuator, value)
        self.dispatch = value
        self._ask()
        return ""

    def call(self, wanted: bool) -> None:
        """Start it or stop it."""
        if not self.up:
            return
        if wanted and self.mode == OFF:
            self.mode = STARTING
            self.starts += 1
            self._ready.set(self._start_time)
            self.shock(self._start_wear)
        elif not wanted and self.mode != OFF:
            self._stop()

    def output(self, wanted: float) -> float:
        """kW that it gives now where `wanted` are asked for."""
        return min(max(wanted, self.least), self.rated) if self.mode == RUNNING and self.up else 0.0

    def set_flow(self, flow: float) -> None:
        """Power from now on; what has flowed so far must have been counted."""
        self.flow = flow
        if self.up:
            self.expose((1.0 if self.mode == RUNNING else self._standby_wear) / HOUR)

    def pass_time(self, hours: float) -> None:
        """Let the flow of now go on."""
        if self.mode == RUNNING:
            self.hours += hours
            self.fuel += (self._idle + self._slope * self.flow) * hours
            self.energy += self.flow * hours

    def vibration(self) -> float:
        """mm/s now; NaN while it does not run: there is nothing to measure."""
        if self.mode != RUNNING or not self.up:
            return math.nan
        return (
            self._shake * (1.0 + self._shake_wear * math.pow(self.wear(), 1.5)) * (0.85 + 0.15 * self.flow / self.rated)
        )

    @property
    def running_cost(self) -> float:
        """EUR of fuel and starts so far."""
        return self.fuel * self.fuel_price + self.starts * self.start_cost

    @property
    def marginal_cost(self) -> float:
        """EUR of fuel per kWh at rated power."""
        return (self._idle / self.rated + self._slope) * self.fuel_price

    def _run(self) -> None:
        self._accrue_flows()
        self.mode = RUNNING
        self._ask()

    def _stop(self) -> None:
        self.mode, self.flow = OFF, 0.0
        self._ready.cancel()

    def _enter(self, state: int) -> None:
        self._stop()
        super()._enter(state)
        if self.up:
            self.expose(self._standby_wear / HOUR)
