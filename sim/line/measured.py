"""What the sensors of a line can measure: true vibration, temperature and power of its stations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.checks import known, number
from sim.engine.kernel import Component, Kernel
from sim.line.machine import BUSY
from sim.line.station import Station
from sim.telemetry.sensors import FAULTS, Sensor, SensorBank
from sim.units import DAY, MINUTE

QUANTITIES = ("vibration", "temperature", "power")
# Unit and plausible range of each, and the noise of a common sensor.
UNITS = {"vibration": ("mm/s", 0.0, 60.0), "temperature": ("degC", -20.0, 150.0), "power": ("kW", -5.0, 200.0)}
HEAT = {"ambient": 21.0, "swing": 3.0, "load_effect": 22.0, "wear_effect": 12.0, "lag": 30 * MINUTE}
NOISE = {"vibration": 0.25, "temperature": 0.6, "power": 0.15}


class StationQuantities(Component):
    """True values, [vibration of all, temperature of all, power of all].

    vibration (mm/s) = base (1 + wear_effect x wear^1.5) speed^0.5 while the station works, nothing to measure
    otherwise (monitoring is gated by the running signal). temperature (deg C): first-order lag of time constant `lag` s
    towards ambient + load_effect x share of time at work + wear_effect x wear; ambient swings by the day.
    power (kW): mean since the last sample of any sensor, a tenth more at a wear of 1.
    Plain Python in one loop: for the stations of a line it is faster than arrays.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        stations: Sequence[Station],
        fields: Sequence[Mapping[str, Any]],
        report: Any,
    ) -> None:
        super().__init__(kernel, name)
        self._report = report
        self._stations = tuple(stations)
        self._physics = [
            (
                *_numbers(station.name, "vibration", described, base=2.0, wear_effect=1.5).values(),
                *_numbers(station.name, "temperature", described, **HEAT).values(),
            )
            for station, described in zip(stations, fields, strict=True)
        ]
        self._temperature = [ambient for _, _, ambient, *_ in self._physics]
        self._joules, self._busy = [0.0] * len(stations), [0.0] * len(stations)
        self._at = 0.0
        self._true: NDArray[np.float64] | None = None

    def measure(self) -> NDArray[np.float64]:
        """[3 x stations] now."""
        now = self.kernel._now
        if self._true is None or now != self._at:  # another bank may sample at this instant too
            elapsed = max(now - self._at, 1e-9)
            wave = math.sin(2 * math.pi * (now / DAY - 0.375))
            self._at = now
            vibration, power, temperatures, joules, busy = ([] for _ in range(5))
            sqrt, nan, last_lag, decay = math.sqrt, math.nan, 0.0, 0.0
            for station, (base, effect, ambient, swing, load_effect, wear_effect, lag), warm, drawn, worked in zip(
                self._stations, self._physics, self._temperature, self._joules, self._busy, strict=True
            ):
                station.accrue()
                wear = station.wear.wear if station.wear is not None else 0.0
                works = station.state == BUSY
                vibration.append(base * (1.0 + effect * wear * sqrt(wear)) * sqrt(station.speed) if works else nan)
                joules.append(spent := station.joules)
                power.append((spent - drawn) / elapsed / 1000.0 * (1.0 + 0.1 * wear))
                busy.append(at_work := station.seconds[BUSY])
                target = ambient + swing * wave + (load_effect + wear_effect * wear) * ((at_work - worked) / elapsed)
                if lag != last_lag:
                    last_lag, decay = lag, math.expm1(-elapsed / lag)
                temperatures.append(warm - (target - warm) * decay)
            self._temperature, self._joules, self._busy = temperatures, joules, busy
            self._true = np.array(vibration + temperatures + power)
        return self._true

    def report(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        """Pass a sample on to where reports go."""
        self._report.send_readings(time, signals, values)


def _numbers(station: str, what: str, fields: Mapping[str, Any], **defaults: float) -> dict[str, float]:
    values = {k: v for k, v in (fields.get(what) or {}).items() if k not in ("noise", "gain")}
    known(f"{station}.{what}", values, (*defaults, "noise", "gain"))
    return {
        key: number(f"{station}.{what}.{key}", values.get(key, default), low=0) for key, default in defaults.items()
    }


def sampling_periods(
    fields: Mapping[str, Any], sample: float | Mapping[str, float], faults: Mapping[str, Mapping[str, Any]]
) -> dict[str, float]:
    """Seconds between samples of each sensor's signal: one for all, one by quantity, or the sensor's own `period`.

    A station has the sensors whose fields it has: vibration, temperature, power.
    """
    by_quantity = dict(sample) if isinstance(sample, Mapping) else dict.fromkeys(QUANTITIES, sample)
    known("sample", by_quantity, QUANTITIES)
    keys = [key for key, asked in _every(fields).items() if asked]
    for key in faults:
        if key in _every(fields) and key not in keys:
            station, _, quantity = key.partition(".")
            raise ValueError(f"sensors.{key}: {station} has no such sensor; its field {quantity} asks for one")
    known("sensors", faults, keys)
    periods = {key: (faults.get(key) or {}).get("period", by_quantity.get(key.split(".")[1], MINUTE)) for key in keys}
    return {
        key: number("sample" if "period" not in (faults.get(key) or {}) else f"sensors.{key}.period", p, above=0)
        for key, p in periods.items()
    }


def _every(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """Whether each sensor that the stations could have is asked for, in the order of StationQuantities."""
    return {f"{name}.{q}": own.get(q) is not None for q in QUANTITIES for name, own in fields.items()}


def make_banks(
    *,
    kernel: Kernel,
    seed: int,
    fields: Mapping[str, Mapping[str, Any]],
    faults: Mapping[str, Mapping[str, Any]],
    periods: Mapping[str, float],
    subject: StationQuantities,
    index: Mapping[str, int],
) -> list[SensorBank]:
    """The sensors of all stations, those of one period in one bank. Raises ValueError naming the field."""
    column, banks = {key: at for at, key in enumerate(_every(fields))}, []
    for period in dict.fromkeys(periods.values()):
        chosen = [key for key in periods if periods[key] == period]
        banks.append(
            SensorBank(
                kernel=kernel,
                name=f"sensors.{period:g}",
                seed=seed,
                period=period,
                subject=subject,
                columns=[column[key] for key in chosen],
                sensors=[_sensor(key, fields, faults.get(key) or {}) for key in chosen],
                signals=[index[key] for key in chosen],
            )
        )
    return banks


def _sensor(key: str, fields: Mapping[str, Mapping[str, Any]], faults: Mapping[str, Any]) -> Sensor:
    name, quantity = key.split(".")
    station = (
        fields[name].get(quantity) or {}
        if quantity != "power"
        else {"noise": fields[name].get("power_noise", NOISE["power"])}
    )
    known(f"sensors.{key}", faults, (*FAULTS, "noise", "gain", "period"))
    usual = {"noise": station.get("noise", NOISE[quantity]), "gain": station.get("gain", 1.0)}
    return Sensor(key=key, **(usual | {k: v for k, v in faults.items() if k != "period"}))
