"""Tally: what traffic costs, and the figures by which a network is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.engine.checks import known, number
from sim.engine.kernel import Component, Kernel
from sim.maintenance.condition import DOWN, MAINTENANCE
from sim.maintenance.crew import Crew
from sim.maintenance.staff import utilisations
from sim.road.demand import TrafficDemand
from sim.road.link import RoadLink
from sim.road.upkeep import RoadUpkeep
from sim.units import HOUR

# EUR per vehicle-hour of delay, per stop (fuel, wear), per kg of CO2.
ECONOMICS = {"delay": 18.0, "stop": 0.012, "co2": 0.1}
IDLING, STOP = 2.07, 0.0276  # kg of CO2 per hour of idling and per stop: 0.9 l/h and 0.012 l of petrol at 2.3 kg/l


class RoadAccounts(Component):
    """Money and figures of a network so far. economics: EUR, by the keys of ECONOMICS."""

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        links: Sequence[RoadLink],
        demands: Sequence[TrafficDemand],
        upkeeps: Sequence[RoadUpkeep],
        crew: Crew,
        economics: Mapping[str, float],
    ) -> None:
        super().__init__(kernel, name)
        known("economics", economics, tuple(ECONOMICS))
        self.prices = {k: number(f"economics.{k}", economics.get(k, usual), low=0) for k, usual in ECONOMICS.items()}
        self._links, self._demands, self._upkeeps = tuple(links), tuple(demands), tuple(upkeeps)
        self._crew = crew

    def delay(self) -> float:
        """Vehicle-seconds of control delay, waiting outside the network included."""
        return sum([link.delay for link in self._links]) + sum([d.outside_seconds() for d in self._demands])

    def stops(self) -> int:
        return sum([link.stopped for link in self._links])

    def co2(self) -> float:
        """kg that delay and stops have caused."""
        return self.delay() / HOUR * IDLING + self.stops() * STOP

    def maintenance(self) -> float:
        """EUR for all jobs."""
        return sum([upkeep.cost for upkeep in self._upkeeps])

    def cost(self) -> float:
        """EUR: delay, stops, CO2, maintenance."""
        return self.running(self.delay() / HOUR, self.stops()) + self.maintenance()

    def running(self, hours: float, stops: int) -> float:
        """EUR for so many vehicle-hours of delay and stops."""
        co2 = hours * IDLING + stops * STOP
        return hours * self.prices["delay"] + stops * self.prices["stop"] + co2 * self.prices["co2"]

    def inside(self) -> int:
        """Vehicles on the links."""
        return sum([link.count for link in self._links])

    def born(self) -> int:
        return sum([demand.born for demand in self._demands])

    def outside(self) -> int:
        """Vehicles that wait for room on their first link."""
        return sum([demand.outside for demand in self._demands])

    def figures(self) -> dict[str, float]:
        """All of them by name; means over no vehicle are NaN."""
        hours = max(self.kernel._now, 1e-9) / HOUR
        delay, stops, cost = self.delay(), self.stops(), self.cost()
        passed = sum([link.passed for link in self._links])
        friction = sum([link.friction * link.passed for link in self._links])
        inside, outside, born = self.inside(), self.outside(), self.born()
        trips = max(born - inside - outside, 0)
        upkeeps = self._upkeeps
        for upkeep in upkeeps:
            upkeep.accrue()
        down = sum([u.seconds[DOWN] for u in upkeeps]) / HOUR
        closed = sum([u.seconds[MAINTENANCE] for u in upkeeps]) / HOUR
        return {
            "cost_per_hour": cost / hours,
            "cost": cost,
            "delay_hours": delay / HOUR,
            "control_delay": _mean(delay, passed),
            "time_loss": _mean(delay + friction, passed),
            "delay_per_trip": _mean(delay, trips),
            "stops": float(stops),
            "stops_per_trip": _mean(stops, trips),
            "co2_kg": self.co2(),
            "trips": float(trips),
            "throughput_per_hour": trips / hours,
            "vehicles_arrived": float(born),
            "vehicles_inside": float(inside),
            "vehicles_outside": float(outside),
            "link_traversals": float(passed),
            "maintenance_cost": self.maintenance(),
            "maintenance_preventive": float(sum([u.maintained for u in upkeeps])),
            "maintenance_corrective": float(sum([u.failures for u in upkeeps])),
            "downtime_hours": down + closed,
            "downtime_failure_hours": down,
            "downtime_maintenance_hours": closed,
            "downtime_waiting_hours": sum([u.waited for u in upkeeps]) / HOUR,
            "arrivals_refused": float(sum([demand.refused for demand in self._demands])),
            **utilisations("crew_utilisation", {"": self._crew}),
        }


def _mean(amount: float, count: int) -> float:
    """Of each; NaN where there is none."""
    return amount / count if count else math.nan
