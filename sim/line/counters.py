"""The counters that a line's own systems keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.contract import DEADLOCK, PlantSpec
from sim.engine.instant import REPORTS
from sim.engine.kernel import Component, Kernel, Timer
from sim.line.accounts import LineAccounts
from sim.line.deadlock import Deadlocks, in_words
from sim.line.energy_meter import EnergyMeter
from sim.line.measured import QUANTITIES
from sim.line.station import Station
from sim.line.work_in_process import WorkInProcess
from sim.telemetry.journal import Journal
from sim.telemetry.reports import Reports


class LineCounters(Component):
    """Reports parts, levels, energy and profit every `period` (s) without error.

    spec: its signals that no sensor measures are reported, in their order. A deadlock is noted as an event of the asset
    `line` when the first period finds it.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        stations: Sequence[Station],
        accounts: LineAccounts,
        meter: EnergyMeter,
        wip: WorkInProcess,
        deadlocks: Deadlocks,
        journal: Journal,
        spec: PlantSpec,
        period: float,
        report: Reports,
    ) -> None:
        super().__init__(kernel, name)
        self._stations, self._accounts, self._meter, self._wip = tuple(stations), accounts, meter, wip
        self._deadlocks, self._journal, self._reports, self._period = deadlocks, journal, report, period
        unmeasured = [i for i, signal in enumerate(spec.signals) if signal.name not in QUANTITIES]
        self._signals = np.array(unmeasured, dtype=np.int32)
        self._stalled = False
        self._timer = Timer(kernel, self._report, REPORTS)
        self._timer.set(period)

    def silence(self) -> None:
        """Report no more: for a copy of the plant whose readings nobody will see."""
        self._timer.cancel()

    def _report(self) -> None:
        self._timer.set(self._period)
        self._watch_for_deadlock()
        accounts, profit = self._accounts, self._accounts.profit()
        values: list[float] = []
        for station in self._stations:
            values += (float(station.cycles), float(sum(buffer.level for buffer in station.inputs)))
        values += [float(accounts.good), float(accounts.scrap), self._meter.kwh, float(self._wip.count), profit]
        self._reports.send_readings(self.kernel._now, self._signals, np.array(values))

    def _watch_for_deadlock(self) -> None:
        waits = self._deadlocks.find()
        if waits and not self._stalled:
            self._journal.note("line", DEADLOCK, in_words(waits))
        self._stalled = bool(waits)
