"""What the sensors of a line can measure: true vibration, temperature and power of its stations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.checks import known, number
from sim.energy import Meter
from sim.kernel import Component, Kernel
from sim.station import BUSY, Station

DAY = 86_400.0
QUANTITIES = ("vibration", "temperature", "power")


class Physics(Component):
    """True values, [vibration of all, temperature of all, power of all].

    vibration (mm/s) = base (1 + wear_effect x wear^1.5) speed^0.5 while the station works, nothing to measure
    otherwise (monitoring is gated by the running signal). temperature (deg C): first-order lag of time constant `lag` s
    towards ambient + load_effect x share of time at work + wear_effect x wear; ambient swings by the day.
    power (kW): mean since the last sample, wear adds power_effect x wear.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, stations: Sequence[Station], fields: Sequence[Mapping[str, Any]], meter: Meter,
        report: Any,
    ) -> None:  # fmt: skip
        super().__init__(kernel, name)
        self._stations, self._meter, self._report = tuple(stations), meter, report
        vibration = [_numbers(s.name, "vibration", f, base=2.0, wear_effect=1.5) for s, f in zip(stations, fields, strict=True)]
        heat = [
            _numbers(s.name, "temperature", f, ambient=21.0, swing=3.0, load_effect=22.0, wear_effect=12.0, lag=1800.0)
            for s, f in zip(stations, fields, strict=True)
        ]
        self._vibration = np.array([[v["base"], v["wear_effect"]] for v in vibration]).T
        self._heat = np.array([[h[k] for k in ("ambient", "swing", "load_effect", "wear_effect", "lag")] for h in heat]).T
        self._temperature: NDArray[np.float64] = self._heat[0].copy()
        self._joules = np.zeros(len(stations))
        self._busy = np.zeros(len(stations))
        self._at = 0.0

    def measure(self) -> NDArray[np.float64]:
        """[3 x stations] now."""
        self._meter.settle()
        now, stations = self.kernel._now, self._stations
        rows = np.array([
            (s.joules, s.seconds[BUSY], s.wear.wear if s.wear is not None else 0.0, s.speed, s.state == BUSY)
            for s in stations
        ]).T  # fmt: skip
        joules, busy, wear, speed, running = rows
        elapsed = max(now - self._at, 1e-9)
        load = (busy - self._busy) / elapsed
        power = (joules - self._joules) / elapsed / 1000.0
        self._joules, self._busy, self._at = joules, busy, now
        ambient, swing, load_effect, wear_effect, lag = self._heat
        target = ambient + swing * math.sin(2 * math.pi * (now / DAY - 0.375)) + load_effect * load + wear_effect * wear * load
        self._temperature = self._temperature + (target - self._temperature) * -np.expm1(-elapsed / lag)
        base, effect = self._vibration
        vibration = np.where(running > 0, base * (1.0 + effect * wear * np.sqrt(wear)) * np.sqrt(speed), np.nan)
        return np.concatenate([vibration, self._temperature, power * (1.0 + 0.1 * wear)])

    def report(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        """Pass a sample on to where reports go."""
        self._report.send_readings(time, signals, values)


def _numbers(station: str, what: str, fields: Mapping[str, Any], **defaults: float) -> dict[str, float]:
    given = {k: v for k, v in (fields.get(what) or {}).items() if k not in ("noise", "gain")}
    known(f"{station}.{what}", given, (*defaults, "noise", "gain"))
    return {key: number(f"{station}.{what}.{key}", given.get(key, default), low=0) for key, default in defaults.items()}
