"""The counters that a traffic centre keeps."""

from __future__ import annotations

import numpy as np

from sim.contract import PlantSpec
from sim.engine.instant import REPORTS
from sim.engine.kernel import Component, Kernel, Timer
from sim.road.description import BOOKS, NETWORK
from sim.road.tally import RoadAccounts
from sim.telemetry.reports import Reports
from sim.units import HOUR

EARLY = 0.2  # of a period: so long before the decisions are the figures sent, so that they are there in time


class RoadCounters(Component):
    """Reports vehicles, trips, stops, delay and cost every `period` (s) without error, EARLY before its end."""

    def __init__(
        self, *, kernel: Kernel, name: str, accounts: RoadAccounts, spec: PlantSpec, period: float, report: Reports
    ) -> None:
        super().__init__(kernel, name)
        self._accounts, self._reports, self._period = accounts, report, period
        index = spec.signal_index
        self._signals = np.array([index[f"{NETWORK}.{what}"] for what, *_ in BOOKS], dtype=np.int32)
        self._timer = Timer(kernel, self._report, REPORTS)
        self._timer.set((1.0 - EARLY) * period)

    def silence(self) -> None:
        """Report no more: for a copy of the plant whose readings nobody will see."""
        self._timer.cancel()

    def _report(self) -> None:
        self._timer.set(self._period)
        accounts = self._accounts
        inside, outside = accounts.inside(), accounts.outside()
        hours, stops = accounts.delay() / HOUR, accounts.stops()
        cost = accounts.running(hours, stops) + accounts.maintenance()
        values = [inside, accounts.born() - inside - outside, stops, hours, cost]
        self._reports.send_readings(self.kernel._now, self._signals, np.array(values, dtype=float))
