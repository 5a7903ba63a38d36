"""Energy: what stations draw in each state, and what it costs at the tariff of the moment."""

from __future__ import annotations

import math

from sim.contract import Schedule
from sim.engine.instant import REPORTS
from sim.engine.kernel import Component, Kernel, Timer
from sim.line.station import Station
from sim.units import KWH


class EnergyMeter(Component):
    """Integrates power over time whenever it is read, and by itself where the tariff changes.

    kwh, cost: totals so far, as of the last `accrue`. Prices are per kWh.
    """

    def __init__(self, *, kernel: Kernel, name: str, stations: list[Station], tariff: Schedule) -> None:
        super().__init__(kernel, name)
        self._stations, self.tariff = stations, tariff
        self.kwh, self.cost, self._price = 0.0, 0.0, tariff.at(0.0)
        self._timer = Timer(kernel, self._change, REPORTS)
        self._await_change()

    def accrue(self) -> None:
        """Count the energy used since the last time, at the price that held."""
        joules = 0.0
        for station in self._stations:
            joules += station.take_energy()
        self.kwh += joules / KWH
        self.cost += joules / KWH * self._price

    def _change(self) -> None:
        self.accrue()
        self._price = self.tariff.at(self.kernel._now)
        self._await_change()

    def _await_change(self) -> None:
        wait = self.tariff.until_change(self.kernel._now)
        if wait < math.inf:
            self._timer.set(wait)
