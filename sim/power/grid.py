"""The connection to the public grid: what it costs, what it limits, and when it fails."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.contract import Schedule
from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.power.machine import Bus
from sim.telemetry.journal import Journal
from sim.units import DAY

OUTAGE, RESTORED = "outage", "restored"
FIELDS = ("import_limit", "export_limit", "outages", "peak_charge", "peak_period")


class UtilityGrid(Component):
    """Power is positive where it is taken from the grid, kW.

    price, export_price, carbon: schedules, EUR/kWh twice and kg/kWh. import_limit, export_limit: kW, None for none.
    peak_charge: EUR per kW of the highest import in each peak_period (days). outages: `every` and `lasts`,
    distributions of seconds, None for none. Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        journal: Journal,
        price: Schedule,
        export_price: Schedule,
        carbon: Schedule,
        **fields: Any,
    ) -> None:
        known(name, fields, FIELDS)
        self.import_limit = _limit(f"{name}.import_limit", fields.get("import_limit"))
        self.export_limit = _limit(f"{name}.export_limit", fields.get("export_limit"))
        self.peak_charge = number(f"{name}.peak_charge", fields.get("peak_charge", 0.0), low=0)
        period = number(f"{name}.peak_period", fields.get("peak_period", 30.0), above=0) * DAY
        outages: Mapping[str, Any] | None = fields.get("outages")
        known(f"{name}.outages", outages or {}, ("every", "lasts"))
        self._between = self._lasting = None
        if outages:
            self._between = Distribution(outages.get("every"), seed=seed, field=f"{name}.outages.every")
            self._lasting = Distribution(outages.get("lasts"), seed=seed, field=f"{name}.outages.lasts")
        super().__init__(kernel, name)
        self.price, self.export_price, self.carbon = price, export_price, carbon
        self._journal, self.peak_period = journal, period
        self.bus: Bus | None = None
        self.peak_cap = self.import_limit
        self.up, self.flow, self.outages, self.outage_hours = True, 0.0, 0, 0.0
        self.imported = self.exported = self.bought = self.sold = self.emitted = 0.0
        self.peak, self.highest, self.peak_cost = 0.0, 0.0, 0.0
        self._prices = (0.0, 0.0, 0.0)
        self._switch, self._month = Timer(kernel, self._turn, STRIKES), Timer(kernel, self._bill)
        self._month.set(period)
        self._since = 0.0
        if self._between is not None:
            self._switch.set(self._between.stream.at(0))
        self.see()

    def connect(self, bus: Bus) -> None:
        """The site's bus."""
        self.bus = bus

    def command(self, actuator: str, value: float) -> str:
        """Carry out `peak_cap` (kW); see sim.telemetry.actuation.Receiver."""
        assert self.bus is not None
        self.peak_cap = value
        self.bus.change()
        return ""

    def see(self) -> None:
        """Take the prices of now; what has flowed so far must have been counted."""
        now = self.kernel._now
        self._prices = self.price.at(now), self.export_price.at(now), self.carbon.at(now)

    @property
    def price_now(self) -> float:
        """EUR/kWh of import."""
        return self._prices[0]

    def set_flow(self, flow: float) -> None:
        """Power from now on."""
        self.flow = flow

    def pass_time(self, hours: float) -> None:
        """Let the flow of now go on."""
        energy, (price, export_price, carbon) = self.flow * hours, self._prices
        if energy > 0:
            self.imported += energy
            self.bought += energy * price
            self.emitted += energy * carbon
            if self.flow > self.peak:
                self.peak_cost += (self.flow - self.peak) * self.peak_charge
                self.peak = self.flow
                self.highest = max(self.highest, self.peak)
        else:
            self.exported -= energy
            self.sold -= energy * export_price
        if not self.up:
            self.outage_hours += hours

    def _turn(self) -> None:
        assert self.bus is not None
        assert self._between is not None
        assert self._lasting is not None
        self.bus.accrue()
        self.up, self._since = not self.up, self.kernel._now
        self.outages += not self.up
        law = self._between if self.up else self._lasting
        self._switch.set(law.stream.at(self.outages))
        self._journal.note(self.name, RESTORED if self.up else OUTAGE)
        self.bus.change()

    def _bill(self) -> None:
        assert self.bus is not None
        self.bus.accrue()
        self.peak = 0.0
        self._month.set(self.peak_period)

    def reseed(self, seed: int) -> None:
        """Other outages: the one in progress, or the time to the next, given that it has lasted so long."""
        if self._between is None or self._lasting is None:
            return
        for law in (self._between, self._lasting):
            law.stream.reseed(seed)
        law = self._between if self.up else self._lasting
        left = law.stream.again(f"{self.outages}", self.kernel._now - self._since)
        if left is not None:
            self._switch.set(self._since + left - self.kernel._now)


def _limit(field: str, value: float | None) -> float:
    return math.inf if value is None else number(field, value, low=0)
