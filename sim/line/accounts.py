"""Key figures of a line: output, OEE and its factors (ISO 22400-2), downtime, MTBF, energy, cost, profit."""

from __future__ import annotations

import math

from sim.engine.checks import known, number
from sim.engine.kernel import Component, Kernel
from sim.line.energy_meter import EnergyMeter
from sim.line.machine import BLOCKED, BUSY, DOWN, IDLE, MAINTENANCE
from sim.line.wiring import LineBuilder
from sim.line.work_in_process import WorkInProcess
from sim.maintenance.staff import utilisations
from sim.units import HOUR, MINUTE

MODES = ("wear", "shock")  # of wear; stations may have others beside them
ECONOMICS = ("margin", "scrap_cost", "holding_cost")


class LineAccounts(Component):
    """Turns what has happened into money and figures.

    margin: per good part. scrap_cost: per scrapped part. holding_cost: per part and hour in process.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        line: LineBuilder,
        meter: EnergyMeter,
        wip: WorkInProcess,
        economics: dict[str, float],
    ) -> None:
        super().__init__(kernel, name)
        known("economics", economics, ECONOMICS)
        values = {key: number(f"economics.{key}", economics.get(key, 0.0), low=0) for key in ECONOMICS}
        self.margin, self.scrap_cost, self.holding_cost = (values[key] for key in ECONOMICS)
        self._stations, self._sinks, self._sources = list(line.stations.values()), line.sinks, line.sources
        self._upkeeps = [s.upkeep for s in self._stations if s.upkeep is not None]
        self.modes = tuple(
            dict.fromkeys((*MODES, *(m.name for s in self._stations if s.failures for m in s.failures.modes)))
        )
        self._meter, self._wip = meter, wip
        self._crews, self._operators = line.crews, line.operators
        self.ideal_cycle = 1.0 / line.rate

    @property
    def good(self) -> int:
        return sum(sink.good for sink in self._sinks)

    @property
    def scrap(self) -> int:
        """Scrapped at an inspection, or found defective at the end."""
        return sum(s.scrapped for s in self._stations) + sum(sink.defective for sink in self._sinks)

    @property
    def entered(self) -> int:
        return sum(source.entered for source in self._sources)

    def maintenance_cost(self) -> float:
        """Of all failures and of all planned work begun so far, standstill not included."""
        return sum(u.cost for u in self._upkeeps)

    def profit(self) -> float:
        """Margin - scrap - energy - maintenance - work in process, so far."""
        self._meter.accrue()
        holding = self._wip.area(self.kernel._now) / HOUR * self.holding_cost
        income = self.margin * self.good - self.scrap_cost * self.scrap
        return income - self._meter.cost - self.maintenance_cost() - holding

    def figures(self) -> dict[str, float]:
        """All of them by name; rates are over the whole time so far.

        A mean or share of nothing is NaN: the time between failures before the first one, quality before the first
        part. OEE and its factors take the line for one work unit (ISO 22400-2): its planned cycle time is that of the
        largest flow that routing and mean cycle times allow, its availability the mean over the stations. So
        performance exceeds 1 where cycles happen to be short, speeds are set above 1, or parts are scrapped before the
        slowest station: they count as made and took none of its time.
        """
        profit, now = self.profit(), max(self.kernel._now, 1e-9)
        hours, stations, good, scrap = now / HOUR, self._stations, self.good, self.scrap
        upkeeps = self._upkeeps
        seconds = [sum(s.seconds[state] for s in stations) for state in range(5)]
        stopped = seconds[DOWN] + seconds[MAINTENANCE]
        total = now * len(stations)
        failures = sum(u.failed for u in upkeeps)
        availability, quality = 1.0 - stopped / total, _ratio(good, good + scrap)
        oee = good * self.ideal_cycle / now
        return {
            "profit_per_hour": profit / hours,
            "profit": profit,
            "good_parts": float(good),
            "scrap_parts": float(scrap),
            "throughput_per_hour": good / hours,
            "oee": oee,
            "availability": availability,
            "performance": _ratio(oee, availability * quality),
            "quality": quality,
            "energy_kwh": self._meter.kwh,
            "energy_cost": self._meter.cost,
            "energy_per_good_part": _ratio(self._meter.kwh, good),
            "maintenance_preventive": float(sum(u.maintained for u in upkeeps)),
            "maintenance_corrective": float(failures),
            "maintenance_cost": self.maintenance_cost(),
            "downtime_hours": stopped / HOUR,
            "downtime_failure_hours": seconds[DOWN] / HOUR,
            "downtime_maintenance_hours": seconds[MAINTENANCE] / HOUR,
            "downtime_waiting_hours": sum(u.waited for u in upkeeps) / HOUR,
            **{f"failures_{mode}": float(sum(u.failures_by_mode.get(mode, 0) for u in upkeeps)) for mode in self.modes},
            "starved_hours": seconds[IDLE] / HOUR,
            "blocked_hours": seconds[BLOCKED] / HOUR,
            "busy_hours": seconds[BUSY] / HOUR,
            "mtbf_hours": _ratio(total - stopped, failures, HOUR),
            "mttr_hours": _ratio(seconds[DOWN], failures, HOUR),
            "wip": float(self._wip.count),
            "wip_mean": self._wip.area(now) / now,
            "lead_time_minutes": _ratio(self._wip.lead_time, self._wip.left, MINUTE),
            "parts_entered": float(self.entered),
            "arrivals_refused": float(sum(source.refused for source in self._sources)),
            **utilisations("crew_utilisation", self._crews),
            **(utilisations("operator_utilisation", self._operators) if self._operators else {}),
        }


def _ratio(amount: float, of: float, unit: float = 1.0) -> float:
    """In a unit; NaN where it would be of nothing."""
    return amount / of / unit if of > 0 else math.nan
