"""The battery of a plant and what surrounds it, from asset types, signal kinds and nameplates in its spec."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.contract import Action, Asset, PlantSpec, Schedule
from twin.forecast import Floats
from twin.layout import Layout
from twin.sensing.window import Window
from twin.state import SavedFields

LOADS, RENEWABLES = ("load", "jobs"), ("solar", "wind")  # asset types


@dataclass(frozen=True, slots=True)
class Storage:
    """A battery.

    capacity: kWh. power: kW. efficiency: of charging and of discharging each, in (0, 1]. floor: least charge, kWh.
    """

    capacity: float
    power: float
    efficiency: float
    floor: float = 0.0


class StorageSite(SavedFields):
    """The battery of a plant, its setpoints, its loads and renewables, and the prices known ahead.

    Raises ValueError where a plant has no battery whose power can be set, or whose nameplate lacks a value.
    """

    STATE_FIELDS = ("_seen", "_stored")

    def __init__(self, *, spec: PlantSpec) -> None:
        self.spec, self._layout = spec, Layout(spec)
        self.asset = _battery(spec)
        missing = [key for key in ("capacity", "power", "efficiency") if key not in self.asset.nameplate]
        settable = [a.key for a in spec.actuators if a.asset == self.asset.name and a.kind == "setpoint"]
        if missing or any(f"{self.asset.name}.{name}" not in settable for name in ("power", "follow", "reserve")):
            raise ValueError(
                f"StorageSite: battery {self.asset.name!r}: needs a nameplate and setpoints power, follow, reserve"
            )
        floor = spec.actuators[spec.actuator_index[f"{self.asset.name}.reserve"]].default
        plate = self.asset.nameplate
        self.storage = Storage(plate["capacity"], plate["power"], plate["efficiency"], floor)
        self._index = spec.asset_index[self.asset.name]
        self._charge, self._power = self._slot("stored_energy"), self._slot("power")
        self._sign = np.array([float(a.type in LOADS) - float(a.type in RENEWABLES) for a in spec.assets])
        prices = {schedule.kind: schedule for schedule in reversed(spec.known_future)}
        self._seen: Floats = np.full(len(spec.assets), np.nan)
        self._stored = float("nan")
        self._price, self._export, self._carbon = (prices.get(kind) for kind in ("price", "export_price", "carbon"))

    def _slot(self, kind: str) -> int:
        if kind not in self._layout.slots:
            raise ValueError(f"StorageSite: the plant has no signal of kind {kind!r}")
        return self._layout.slots.index(kind)

    @property
    def balance(self) -> Floats:
        """[assets] signs that make up the net load: +1 for loads, -1 for sun and wind, 0 for others."""
        return self._sign

    def stored(self, window: Window) -> float:
        """kWh in the battery by its last reading, NaN before the first."""
        seen = float(window.frame.value[self._index, self._charge])
        self._stored = seen if np.isfinite(seen) else self._stored
        return self._stored

    def net(self, window: Window) -> float:
        """Net load, kW: loads less sun and wind, from the last known mean power of each.

        NaN before all of them have been measured.
        """
        power = window.frame.value[:, self._power]
        self._seen = np.where(np.isfinite(power), power, self._seen)
        part = self._sign != 0
        return float((self._sign[part] * self._seen[part]).sum())

    def prices(self, now: float, steps: int) -> tuple[Floats, Floats]:
        """Prices of the next ticks, [steps] each: currency per kWh imported, and earned per kWh exported.

        The import price includes that of carbon. now: s.
        """
        times: Floats = now + self.spec.tick * np.arange(steps, dtype=np.float64)
        carbon = self.spec.objective.prices.get("carbon", 0.0)
        price = _series(self._price, times) + carbon * _series(self._carbon, times)
        return price, _series(self._export, times)

    def commands(self, window: Window, reason: str, **wanted: float) -> list[Action]:
        """Commands for the battery's setpoints by name, only those that are not in force already."""
        result = []
        for name, value in wanted.items():
            key = f"{self.asset.name}.{name}"
            actuator = self.spec.actuators[self.spec.actuator_index[key]]
            value = float(np.clip(value, actuator.low, actuator.high))
            in_force = window.setpoints[self._index, self._layout.setpoints.index(name)]
            if abs(in_force - value) > 1e-9 * max(abs(actuator.high), 1.0):
                result.append(Action(window.now, key, value, reason))
        return result


def _battery(spec: PlantSpec) -> Asset:
    batteries = [asset for asset in spec.assets if asset.type == "battery"]
    if not batteries:
        types = sorted({asset.type for asset in spec.assets})
        raise ValueError(f"StorageSite: the plant has no asset of type battery; it has {', '.join(types)}")
    return batteries[0]


def _series(schedule: Schedule | None, times: Floats) -> Floats:
    values = [schedule.at(float(t)) for t in times] if schedule is not None else [0.0] * len(times)
    return np.array(values, dtype=np.float64)
