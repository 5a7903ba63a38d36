"""Energy: what stations draw in each state, and what it costs at the tariff of the moment."""

from __future__ import annotations

from sim.checks import number
from sim.contract import Schedule
from sim.kernel import Component, Kernel, Timer
from sim.station import Station


class Meter(Component):
    """Integrates power over time at every settlement; settles by itself where the tariff changes.

    kwh, cost: totals so far, as of the last `settle`. Prices are per kWh.
    """

    def __init__(self, *, kernel: Kernel, name: str, stations: list[Station], tariff: Schedule) -> None:
        super().__init__(kernel, name)
        for price in tariff.values:
            number(f"{tariff.name}.values", price, low=0)
        self._stations, self.tariff = stations, tariff
        self.kwh, self.cost, self._settled, self._price = 0.0, 0.0, 0.0, tariff.at(0.0)
        self._timer = Timer(kernel, self._change)
        self._await_change()

    def settle(self) -> None:
        """Count the energy used since the last time, at the price that held."""
        joules = 0.0
        for station in self._stations:
            joules += station.take_energy()
        self.kwh += joules / 3.6e6
        self.cost += joules / 3.6e6 * self._price

    def _change(self) -> None:
        self.settle()
        self._price = self.tariff.at(self.kernel._now)
        self._await_change()

    def _await_change(self) -> None:
        now, repeat = self.kernel._now, self.tariff.repeat
        phase = now % repeat if repeat < float("inf") else now
        later = [t - phase for t in (*self.tariff.times, repeat) if t > phase]
        if later and min(later) < float("inf"):
            self._timer.set(min(later))
