"""The battery: what it stores, what it loses on the way, and how it fades."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.engine.checks import known, number
from sim.engine.kernel import Kernel
from sim.power.machine import PowerAsset
from sim.power.rainflow import Rainflow
from sim.telemetry.journal import Journal
from sim.units import HOUR

YEAR = 365.0 * 24.0  # h
FADE = {"calendar": 0.0, "cycle": 0.0, "depth_exponent": 1.5, "resistance": 1.5, "cell_price": 0.0}
HEAT = {"rise": 0.0, "lag": 3.0}
FIELDS = ("capacity", "power", "efficiency", "initial", "reserve", "fade", "heat", "ageing", "upkeep", "standby")
# Xu et al. 2018 (IEEE Trans. Smart Grid 9): stress of temperature and of state of charge on calendar and cycle ageing.
WARM, FULL = 0.0693, 1.04  # exponents of ageing: per K above REFERENCE; per unit of charge above one half
REFERENCE = 25.0  # degrees Celsius
ROUNDING = 1e-9  # of the capacity: stored energies as near as this are the same
LEAST_WAY = 0.05  # efficiency of one direction that the worst cells keep


class Battery(PowerAsset):
    """A battery with its converter. Power is positive where it discharges, in kW at the bus.

    capacity: kWh when new. power: largest, kW, both ways. efficiency: each way, when new; a flow stays a straight line
    in stored energy, so that it is integrated exactly. initial: share of the capacity that is stored at the start.
    reserve: share of the capacity held for outages, unless a setpoint changes it.
    fade: `calendar`, share of the capacity lost in a year at 25 deg C and half charge; `cycle`, share lost in one full
    cycle, times its depth to the `depth_exponent` for others, cycles counted by rainflow; `resistance`, rise of the
    losses per share of capacity lost; `cell_price`, EUR per kWh of capacity lost.
    heat: `rise` over the air, deg C per kW of losses, and `lag`, h. standby: equivalent full cycles of ageing per hour
    of standing by. ageing: cell faults, exposure in equivalent full cycles. upkeep: of replacing cells.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, seed: int, journal: Journal, wear: bool = True, **fields: Any
    ) -> None:
        known(name, fields, FIELDS)
        self.nominal = number(f"{name}.capacity", fields.get("capacity", 0.0), above=0)
        self.power = number(f"{name}.power", fields.get("power", 0.0), above=0)
        self.efficiency = number(f"{name}.efficiency", fields.get("efficiency", 0.95), above=0, high=1)
        initial = number(f"{name}.initial", fields.get("initial", 0.5), low=0, high=1)
        self.reserve = self.nominal * number(f"{name}.reserve", fields.get("reserve", 0.0), low=0, high=1)
        fade = _numbers(f"{name}.fade", fields.get("fade") if wear else None, FADE)
        self._calendar, self._cycle, self._exponent, self._stiffening, self.cell_price = fade.values()
        self._rise, self._lag = _numbers(f"{name}.heat", fields.get("heat"), HEAT).values()
        number(f"{name}.heat.lag", self._lag, above=0)
        self._standby = number(f"{name}.standby", fields.get("standby", 0.0), low=0)
        super().__init__(
            kernel=kernel,
            name=name,
            seed=seed,
            journal=journal,
            ageing=fields.get("ageing") if wear else None,
            upkeep=fields.get("upkeep"),
        )
        self.energy, self.flow = initial * self.nominal, 0.0
        self.follow, self.setpoint = 1.0, 0.0
        self.health, self.lost, self.temperature, self.ambient = 1.0, 0.0, REFERENCE, REFERENCE
        self.charged = self.discharged = self.losses = self.cycles = 0.0
        self._count, self._rising, self._way = Rainflow(), 0, 1.0
        self._set_way()

    @property
    def capacity(self) -> float:
        """kWh that it can hold now."""
        return self.nominal * self.health

    @property
    def one_way(self) -> float:
        """Efficiency of one direction now: losses grow with the resistance, which grows as capacity fades."""
        losses = (1.0 - self.efficiency) * (1.0 + self._stiffening * (1.0 - self.health))
        return max(1.0 - losses, min(LEAST_WAY, self.efficiency))

    @property
    def wear_cost(self) -> float:
        """EUR: the capacity lost so far at the cells' price."""
        return self.lost * self.nominal * self.cell_price

    def command(self, actuator: str, value: float) -> str:
        """Carry out `power`, `follow`, `reserve` or `maintain`; see sim.telemetry.actuation.Receiver."""
        if actuator == "maintain":
            return super().command(actuator, value)
        self._accrue_flows()
        if actuator == "power":
            self.setpoint = value
        elif actuator == "follow":
            self.follow = value
        else:
            self.reserve = value
        self._ask()
        return ""

    def limits(self, floor: float) -> tuple[float, float]:
        """(kW that it can take, kW that it can give), the stored energy not to fall below `floor` (kWh)."""
        if not self.up:
            return 0.0, 0.0
        room, stored = self.capacity - self.energy, self.energy - floor
        return (self.power if room > self._rounding else 0.0), (self.power if stored > self._rounding else 0.0)

    @property
    def _rounding(self) -> float:
        return ROUNDING * self.nominal

    def set_flow(self, flow: float) -> None:
        """Power from now on; what has flowed so far must have been counted."""
        rising = (flow < 0) - (flow > 0)
        if rising and rising != self._rising:
            if self._rising:
                self._turn()
                self._lose_excess()
            self._rising = rising
        self.flow = flow
        self._set_way()
        self.expose((abs(self._inside) / (2.0 * self.nominal) + self._standby) / HOUR)

    def _set_way(self) -> None:
        way = self.one_way
        self._inside = -self.flow * way if self.flow < 0 else -self.flow / way

    def pass_time(self, hours: float) -> None:
        """Let the flow of now go on."""
        inside, flow = self._inside, self.flow
        if flow > 0:
            self.discharged += flow * hours
        else:
            self.charged -= flow * hours
        lost = (-inside - flow) * hours if flow else 0.0
        energy = self.energy + inside * hours
        self.losses += lost
        self.cycles += abs(inside) * hours / (2.0 * self.nominal)
        self._warm(abs(flow + inside), hours)
        if self._calendar:
            self._fade(self._calendar * hours / YEAR * self._hardship(energy / self.nominal))
        self.energy = energy
        self._lose_excess()

    def snap(self, levels: Sequence[float]) -> None:
        """Put right by rounding: exactly at a level that was reached."""
        for level in (*levels, self.capacity):
            if abs(self.energy - level) < self._rounding:
                self.losses += self.energy - level
                self.energy = level

    def hours_to(self, levels: Sequence[float]) -> float:
        """Hours until the stored energy reaches the next of `levels`, empty or full; inf for never."""
        inside = self._inside
        if inside == 0.0:
            return math.inf
        gaps = [level - self.energy for level in (*levels, 0.0, self.capacity)]
        ahead = [gap / inside for gap in gaps if abs(gap) > self._rounding]
        return min((hours for hours in ahead if hours > 0.0), default=math.inf)

    def renew(self) -> None:
        """New cells."""
        super().renew()
        self.health, self._count, self._rising = 1.0, Rainflow(), 0
        self._set_way()

    def _warm(self, heat: float, hours: float) -> None:
        target = self.ambient + self._rise * heat
        self.temperature -= (target - self.temperature) * math.expm1(-hours / self._lag)

    def _hardship(self, charge: float) -> float:
        return math.exp(WARM * (self.temperature - REFERENCE) + FULL * (charge - 0.5))

    def _turn(self) -> None:
        """The flow changes its direction: count the cycles that this closes."""
        for depth, count in self._count.push(self.energy / self.nominal):
            stress = math.exp(WARM * (self.temperature - REFERENCE))
            self._fade(self._cycle * count * depth**self._exponent * stress)

    def _lose_excess(self) -> None:
        """What faded cells no longer hold is lost; rounding is put right."""
        if self.energy > self.capacity:
            self.losses += self.energy - self.capacity
            self.energy = self.capacity

    def _fade(self, share: float) -> None:
        share = min(share, self.health - 0.05)
        self.health -= share
        self.lost += share


def _numbers(field: str, values: Mapping[str, Any] | None, defaults: Mapping[str, float]) -> dict[str, float]:
    values = dict(values or {})
    known(field, values, tuple(defaults))
    return {key: number(f"{field}.{key}", values.get(key, default), low=0) for key, default in defaults.items()}
