"""What the site costs: energy, carbon, fuel, peaks, wear, upkeep, and what was not served; its key figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.engine.checks import known, number
from sim.engine.kernel import Component, Kernel
from sim.maintenance.condition import DOWN, MAINTENANCE
from sim.power.machine import PowerAsset
from sim.power.site import Site
from sim.units import DAY, HOUR

MODES = ("wear", "shock")
ECONOMICS = {"carbon_price": 0.0, "unserved_cost": 0.0}


class SiteAccounts(Component):
    """Money and figures of a site. carbon_price: EUR/kg. unserved_cost: EUR/kWh of load that was not served."""

    def __init__(
        self, *, kernel: Kernel, name: str, site: Site, machines: Sequence[PowerAsset], economics: Mapping[str, float]
    ) -> None:
        known("economics", economics, tuple(ECONOMICS))
        prices = {k: number(f"economics.{k}", economics.get(k, value), low=0) for k, value in ECONOMICS.items()}
        super().__init__(kernel, name)
        self.carbon_price, self.unserved_cost = prices["carbon_price"], prices["unserved_cost"]
        self._site, self._machines = site, list(machines)

    def costs(self) -> dict[str, float]:
        """EUR so far, by what for; their sum is the objective."""
        site, grid = self._site, self._site.grid
        site.accrue()
        generator, battery = site.generator, site.battery
        return {
            "energy": grid.bought - grid.sold,
            "carbon": self.carbon() * self.carbon_price,
            "fuel": generator.running_cost if generator is not None else 0.0,
            "peak": grid.peak_cost,
            "wear": battery.wear_cost if battery is not None else 0.0,
            "maintenance": sum(machine.cost for machine in self._machines),
            "unserved": self.unserved() * self.unserved_cost,
        }

    def cost(self) -> float:
        """EUR so far."""
        return sum(self.costs().values())

    def carbon(self) -> float:
        """kg so far, of import and fuel."""
        generator = self._site.generator
        burnt = generator.fuel * generator.fuel_carbon if generator is not None else 0.0
        return self._site.grid.emitted + burnt

    def unserved(self) -> float:
        """kWh that loads wanted and did not get."""
        return sum(load.unserved for load in self._site.loads)

    def figures(self) -> dict[str, float]:
        """All of them by name; a share of nothing is NaN, such as self-sufficiency before any load."""
        costs = self.costs()
        days = max(self.kernel._now, 1e-9) / DAY
        total = sum(costs.values())
        result = {"cost_per_day": total / days, "cost": total}
        result |= {f"cost_{what}": value for what, value in costs.items()}
        return result | self._energies() | self._machinery()

    def _energies(self) -> dict[str, float]:
        site, grid = self._site, self._site.grid
        used = sum(load.energy for load in site.loads)
        generated = sum(source.energy for source in site.sources)
        return {
            "energy_kwh": used,
            "import_kwh": grid.imported,
            "export_kwh": grid.exported,
            "renewable_kwh": generated,
            "curtailed_kwh": max(sum(source.curtailed for source in site.sources), 0.0),  # rounding
            "self_consumption": 1.0 - min(grid.exported / generated, 1.0) if generated > 0 else math.nan,
            "self_sufficiency": 1.0 - min(grid.imported / used, 1.0) if used > 0 else math.nan,
            "unserved_kwh": self.unserved(),
            "carbon_kg": self.carbon(),
            "peak_kw": grid.highest,
            "outages": float(grid.outages),
            "outage_hours": grid.outage_hours,
        }

    def _machinery(self) -> dict[str, float]:
        machines, battery, generator = self._machines, self._site.battery, self._site.generator
        for machine in machines:
            machine.accrue()
        failures = sum(machine.failures for machine in machines)
        stopped = [sum(machine.seconds[state] for machine in machines) / HOUR for state in (DOWN, MAINTENANCE)]
        total = self.kernel._now * max(len(machines), 1) / HOUR
        result = {
            "maintenance_preventive": float(sum(machine.maintained for machine in machines)),
            "maintenance_corrective": float(failures),
            "downtime_hours": sum(stopped),
            "downtime_failure_hours": stopped[0],
            "downtime_maintenance_hours": stopped[1],
            "availability": 1.0 - sum(stopped) / max(total, 1e-9),
            **{f"failures_{mode}": float(sum(m.failures_by_mode.get(mode, 0) for m in machines)) for mode in MODES},
        }
        if battery is not None:
            result |= {
                "battery_cycles": battery.cycles,
                "battery_losses_kwh": battery.losses,
                "battery_health": battery.health,
            }
        if generator is not None:
            result |= {
                "generator_hours": generator.hours,
                "generator_starts": float(generator.starts),
                "fuel_litres": generator.fuel,
            }
        return result
