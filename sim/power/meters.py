"""What the site's sensors can measure, and the counters of its control systems."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Signal
from sim.engine.checks import known, number
from sim.engine.instant import REPORTS
from sim.engine.kernel import Component, Kernel, Timer
from sim.power.accounts import SiteAccounts
from sim.power.load import Jobs
from sim.power.site import Site
from sim.telemetry.sensors import FAULTS, Sensor, SensorBank
from sim.units import HOUR, MINUTE

# Standard deviation of a common sensor's noise, by quantity: kW, kWh, deg C, mm/s, W/m2.
NOISE = {"power": 0.1, "energy": 0.2, "temperature": 0.5, "vibration": 0.15, "irradiance": 8.0}
EARLY = MINUTE  # before the end of the tick


class Gauges(Component):
    """True values of the measured signals, in the order of `columns()`.

    Powers and irradiance are means since the last sample, as meters give them; stored energy, temperatures and
    vibration are those of the moment.
    """

    def __init__(self, *, kernel: Kernel, name: str, site: Site, report: Any) -> None:
        super().__init__(kernel, name)
        self._site, self._report = site, report
        self._at, self._before = 0.0, [0.0] * len(self._totals())
        self._true: NDArray[np.float64] | None = None

    def signals(self, period: float) -> list[Signal]:
        """What is measured, in the order of `measure`."""
        site, signals = self._site, []
        for source in site.sources:
            signals.append(_power(source.name, 0.0, source.rated if source.rated < math.inf else _wide(site), period))
        if site.battery is not None:
            signals.append(_power(site.battery.name, -site.battery.power, site.battery.power, period, forecast=False))
        if site.generator is not None:
            signals.append(_power(site.generator.name, 0.0, site.generator.rated, period, forecast=False))
        signals.append(_power(site.grid.name, -_wide(site), _wide(site), period))
        signals += [_power(load.name, 0.0, _wide(site), period) for load in site.loads]
        if site.panels is not None:
            signals.append(
                Signal(site.panels.name, "irradiance", "irradiance", "W/m2", period, -100.0, 1500.0, forecast=True)
            )
        if site.inverter is not None:
            signals.append(_temperature(site.inverter.name, period, forecast=True))
        if site.battery is not None:
            battery = site.battery
            signals.append(
                Signal(
                    battery.name,
                    "stored",
                    "stored_energy",
                    "kWh",
                    period,
                    -0.05 * battery.nominal,
                    1.1 * battery.nominal,
                )
            )
            signals.append(_temperature(battery.name, period, forecast=True))
        if site.generator is not None:
            name = site.generator.name
            signals.append(Signal(name, "vibration", "vibration", "mm/s", period, 0.0, 60.0, forecast=True))
        return [*signals, _temperature(site.name, period, forecast=False)]

    def measure(self) -> NDArray[np.float64]:
        """[signals] now."""
        now = self.kernel._now
        if self._true is None or now != self._at:
            hours = max(now - self._at, 1e-9) / HOUR
            self._site.accrue()
            totals = self._totals()
            means = [(total - before) / hours for total, before in zip(totals, self._before, strict=True)]
            self._at, self._before = now, totals
            self._true = np.array(means + self._moments())
        return self._true

    def _totals(self) -> list[float]:
        site = self._site
        totals = [source.energy for source in site.sources]
        if site.battery is not None:
            totals.append(site.battery.discharged - site.battery.charged)
        if site.generator is not None:
            totals.append(site.generator.energy)
        totals.append(site.grid.imported - site.grid.exported)
        totals += [load.energy for load in site.loads]
        return [*totals, site.light] if site.panels is not None else totals

    def _moments(self) -> list[float]:
        site = self._site
        values = [site.inverter.temperature] if site.inverter is not None else []
        values += [site.battery.energy, site.battery.temperature] if site.battery is not None else []
        values += [site.generator.vibration()] if site.generator is not None else []
        return [*values, site.temperature]

    def report(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        """Pass a sample on to where reports go."""
        self._report.send_readings(time, signals, values)


class SiteCounters(Component):
    """The counters of the site's control systems, reported every tick without error, EARLY s before its end.

    So a controller has them when it decides, over a network of some seconds too.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, site: Site, accounts: SiteAccounts, period: float, report: Any
    ) -> None:
        super().__init__(kernel, name)
        self._site, self._accounts, self._period, self._report = site, accounts, period, report
        self._first = 0
        self._timer = Timer(kernel, self._tell, REPORTS)
        self._timer.set(max(period - EARLY, 0.5 * period))

    def signals(self) -> list[Signal]:
        """What is reported, in order."""
        site, tick = self._site, self._period
        signals = []
        if site.generator is not None:
            name = site.generator.name
            signals += [
                Signal(name, "hours", "count", "h", tick, 0.0, cumulative=True),
                Signal(name, "starts", "count", "", tick, 0.0, cumulative=True),
                Signal(name, "fuel", "fuel", "l", tick, 0.0, cumulative=True),
            ]
        signals += [Signal(load.name, "waiting", "level", "jobs", tick, 0.0) for load in site.loads if _jobs(load)]
        signals += [
            Signal(site.grid.name, "price", "price", "EUR/kWh", tick),
            Signal(site.name, "energy", "energy", "kWh", tick, 0.0, cumulative=True),
            Signal(site.name, "unserved", "unserved", "kWh", tick, 0.0, cumulative=True),
            Signal(site.name, "carbon", "carbon", "kg", tick, 0.0, cumulative=True),
            Signal(site.name, "cost", "cost", "EUR", tick, cumulative=True, forecast=True),
        ]
        return signals

    def number(self, first: int) -> None:
        """Index of the first of these signals in the spec; the others follow."""
        self._first = first

    def silence(self) -> None:
        """Report no more: for a copy of the plant whose readings nobody will see."""
        self._timer.cancel()

    def _tell(self) -> None:
        self._timer.set(self._period)
        site, accounts = self._site, self._accounts
        cost = accounts.cost()
        generator = site.generator
        values = [generator.hours, float(generator.starts), generator.fuel] if generator is not None else []
        values += [float(load.waiting) for load in site.loads if isinstance(load, Jobs)]
        values += [site.grid.price_now, sum(load.energy for load in site.loads), accounts.unserved()]
        values += [accounts.carbon(), cost]
        signals = np.arange(self._first, self._first + len(values), dtype=np.int32)
        self._report.send_readings(self.kernel._now, signals, np.array(values))


def _jobs(load: Any) -> bool:
    return isinstance(load, Jobs)


def _wide(site: Site) -> float:
    """kW that no flow of this site reaches, as the range of a meter: a broken one shows more."""
    most = max(site.grid.import_limit, site.grid.export_limit)
    return most if most > 0 and site.grid.import_limit < math.inf else 1e6


def _power(asset: str, low: float, high: float, period: float, forecast: bool = True) -> Signal:
    room = 0.1 * (high - low)
    return Signal(asset, "power", "power", "kW", period, low - room, high + room, forecast=forecast)


def _temperature(asset: str, period: float, forecast: bool) -> Signal:
    return Signal(asset, "temperature", "temperature", "degC", period, -50.0, 150.0, forecast=forecast)


def make_bank(
    *,
    kernel: Kernel,
    seed: int,
    gauges: Gauges,
    signals: Sequence[Signal],
    period: float,
    faults: Mapping[str, Mapping[str, Any]],
    noise: Mapping[str, float],
) -> SensorBank:
    """All sensors of a site in one bank, `signals` being the first of the spec. Raises ValueError naming the field."""
    known("sensors", faults, [signal.key for signal in signals])
    known("noise", noise, tuple(NOISE))
    return SensorBank(
        kernel=kernel,
        name="sensors",
        seed=seed,
        period=period,
        subject=gauges,
        columns=range(len(signals)),
        signals=range(len(signals)),
        sensors=[_sensor(s, faults.get(s.key) or {}, NOISE | dict(noise)) for s in signals],
    )


def _sensor(signal: Signal, faults: Mapping[str, Any], noise: Mapping[str, float]) -> Sensor:
    known(f"sensors.{signal.key}", faults, (*FAULTS, "noise", "gain"))
    quantity = "energy" if signal.kind == "stored_energy" else signal.kind
    usual = number(f"noise.{quantity}", noise[quantity], low=0)
    return Sensor(key=signal.key, **({"noise": usual} | dict(faults)))
