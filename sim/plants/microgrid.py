"""The microgrid: sun, wind, a battery, a generator, a grid that may fail, loads; one objective, what a day costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.contract import Actuator, Asset, Link, Objective, OrderCost, PlantSpec, Schedule, Signal
from sim.engine.checks import known, number
from sim.engine.schedule import make_schedule
from sim.plant import SimulatedPlant
from sim.power.accounts import MODES, SiteAccounts
from sim.power.battery import Battery
from sim.power.generator import Generator
from sim.power.grid import UtilityGrid
from sim.power.inputs import SiteInputs, schedule_of
from sim.power.load import Jobs, Load
from sim.power.machine import PowerAsset
from sim.power.meters import Gauges, SiteCounters, make_bank
from sim.power.records import Records, read
from sim.power.site import Site
from sim.power.solar import Inverter, Panels
from sim.power.truth import SiteTruth, site_truth
from sim.power.wind import Turbine
from sim.telemetry.actuation import Receiver

NO_PRICE = {"times": [0.0], "values": [0.0]}
WIDE = 1e6  # kW, where the grid has no limit


class Microgrid(SimulatedPlant):
    """A site behind one meter. Times in seconds, power in kW, energy in kWh, money in EUR.

    panels, inverter, wind, battery, generator: fields of sim.power.solar.Panels and so on; None where there is none.
    grid: see sim.power.grid.UtilityGrid. loads: name -> `priority` and either a profile (see sim.power.demand.LoadDemand) or
    `jobs` (see sim.power.load.Jobs). inputs: None to generate weather and demand, or recorded files, see
    sim.power.records.read; recorded loads need no entry in `loads` and take the place of all that have a profile. weather: see sim.power.weather.Weather.
    tariff, export_tariff, carbon: times, values, repeat of EUR/kWh, EUR/kWh and kg/kWh, on the inputs' steps; what was
    recorded goes before. economics: see sim.power.accounts.SiteAccounts. wear: False switches wear, failures, fade and
    soiling off. sample: seconds between sensor samples. noise, sensors: of the sensors, by quantity and faults by signal.
    Raises ValueError in one line that names the field, the value and what is allowed.
    """

    def __init__(
        self,
        *,
        seed: int,
        loads: Mapping[str, Mapping[str, Any]] | None = None,
        panels: Mapping[str, Any] | None = None,
        inverter: Mapping[str, Any] | None = None,
        wind: Mapping[str, Any] | None = None,
        battery: Mapping[str, Any] | None = None,
        generator: Mapping[str, Any] | None = None,
        grid: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        weather: Mapping[str, float] | None = None,
        tariff: Mapping[str, Any] | None = None,
        export_tariff: Mapping[str, Any] | None = None,
        carbon: Mapping[str, Any] | None = None,
        economics: Mapping[str, float] | None = None,
        network: Mapping[str, Any] | None = None,
        sensors: Mapping[str, Mapping[str, Any]] | None = None,
        noise: Mapping[str, float] | None = None,
        wear: bool = True,
        tick: float = 3600.0,
        sample: float = 900.0,
    ) -> None:
        super().__init__(seed=seed, network=network)
        number("tick", tick, above=0)
        number("sample", sample, above=0)
        records = read(inputs) if inputs else None
        fields = {name: dict(own or {}) for name, own in (loads or {}).items()}
        if records is not None and records.loads:
            fields = {name: own for name, own in fields.items() if "profile" not in own or name in records.loads}
            fields = {name: {} for name in records.loads} | fields
        self._site = self._build(
            seed=seed, records=records, loads=fields, wear=wear, weather=weather or {}, grid=grid or {},
            schedules=_schedules(records, tariff, export_tariff, carbon),
            parts={"panels": panels, "inverter": inverter, "wind": wind, "battery": battery, "generator": generator},
        )  # fmt: skip
        self._machines = self._all_machines()
        self._accounts = SiteAccounts(
            kernel=self.kernel, name="accounts", site=self._site, machines=self._machines, economics=dict(economics or {})
        )  # fmt: skip
        gauges = Gauges(kernel=self.kernel, name="gauges", site=self._site, report=self)
        measured = gauges.signals(sample)
        self._bank = make_bank(
            kernel=self.kernel, seed=seed, gauges=gauges, signals=measured, period=sample, faults=sensors or {},
            noise=noise or {},
        )  # fmt: skip
        books = SiteCounters(
            kernel=self.kernel, name="books", site=self._site, accounts=self._accounts, period=tick, report=self
        )
        books.number(len(measured))
        self._open(self._specify([*measured, *books.signals()], tick), self._receivers())

    def figures(self) -> dict[str, float]:
        """Of the site, see sim.power.accounts.SiteAccounts."""
        return self._accounts.figures()

    def truth(self) -> SiteTruth:
        """Hidden state by asset."""
        return site_truth(self._site, self._machines, self._bank, self.kernel.processed)

    def _build(
        self, *, seed: int, records: Records | None, loads: Mapping[str, dict[str, Any]], wear: bool,
        weather: Mapping[str, float], grid: Mapping[str, Any], schedules: tuple[Schedule, Schedule, Schedule],
        parts: Mapping[str, Mapping[str, Any] | None],
    ) -> Site:  # fmt: skip
        kernel, journal = self.kernel, self._journal
        given: dict[str, Any] = {"kernel": kernel, "seed": seed, "journal": journal, "wear": wear}
        made = [_load(self, seed, name, own, records) for name, own in loads.items()]
        if not made:
            raise ValueError("loads = {}: must name at least one load")
        profiles = {n: own["profile"] for n, own in loads.items() if "jobs" not in own and not _recorded(records, n)}
        series = SiteInputs(
            kernel=kernel, name="inputs", seed=seed, records=records, weather=weather, profiles=profiles
        )  # fmt: skip
        for schedule in schedules:
            off = [t for t in (*schedule.times, schedule.repeat) if t < math.inf and t % series.step]
            if off:
                raise ValueError(
                    f"{schedule.name}.times = {off[0]:g}: must be on the inputs' steps of {series.step:g} s"
                )
        connection = UtilityGrid(
            kernel=kernel, name="grid", seed=seed, journal=journal, price=schedules[0], export_price=schedules[1],
            carbon=schedules[2], **grid,
        )  # fmt: skip
        panels = Panels(name="panels", **given, **parts["panels"]) if parts["panels"] is not None else None
        if panels is None and parts["inverter"] is not None:
            raise ValueError("inverter: needs panels")
        inverter = Inverter(name="inverter", panels=panels, **given, **(parts["inverter"] or {})) if panels else None
        turbine = Turbine(name="wind", **given, **parts["wind"]) if parts["wind"] is not None else None
        battery = Battery(name="battery", **given, **parts["battery"]) if parts["battery"] is not None else None
        generator = (
            Generator(name="generator", **given, **parts["generator"]) if parts["generator"] is not None else None
        )
        return Site(
            kernel=kernel, name="site", inputs=series, grid=connection, loads=made, panels=panels, inverter=inverter,
            turbine=turbine, battery=battery, generator=generator,
        )  # fmt: skip

    def _all_machines(self) -> list[PowerAsset]:
        site = self._site
        found = (site.panels, site.inverter, site.turbine, site.battery, site.generator)
        return [machine for machine in found if machine is not None]

    def _receivers(self) -> dict[str, Receiver]:
        jobs = [load for load in self._site.loads if isinstance(load, Jobs)]
        found: list[Any] = [*self._machines, self._site.grid, *jobs]
        return {receiver.name: receiver for receiver in found}

    def _specify(self, signals: list[Signal], tick: float) -> PlantSpec:
        site, grid = self._site, self._site.grid
        types = {
            "panels": "panels",
            "inverter": "solar",
            "wind": "wind",
            "battery": "battery",
            "generator": "generator",
        }
        assets = [Asset(machine.name, types[machine.name], _nameplate(machine)) for machine in self._machines]
        limits = _finite(import_limit=grid.import_limit, export_limit=grid.export_limit)
        assets += [Asset(grid.name, "grid", limits | {"peak_period": grid.peak_period})]
        assets += [Asset(load.name, "jobs" if isinstance(load, Jobs) else "load") for load in site.loads]
        assets += [Asset(site.name, "site")]
        feeds = [m.name for m in self._machines if m is not site.panels] + [grid.name]
        links = [Link(name, site.name) for name in feeds] + [Link(site.name, load.name) for load in site.loads]
        if site.panels is not None and site.inverter is not None:
            links.insert(0, Link(site.panels.name, site.inverter.name))
        prices = {"carbon": self._accounts.carbon_price, "unserved": self._accounts.unserved_cost}
        prices |= {"fuel": site.generator.fuel_price} if site.generator is not None else {}
        prices |= {"peak": grid.peak_charge} if grid.peak_charge else {}
        return PlantSpec(
            assets=tuple(assets),
            links=tuple(links),
            signals=tuple(signals),
            actuators=tuple(self._actuators()),
            objective=Objective("site.cost", "EUR", -1, prices, tuple(self._orders()), "cost_per_day"),
            tick=tick,
            modes=MODES,
            known_future=(grid.price, grid.export_price, grid.carbon),
        )

    def _actuators(self) -> list[Actuator]:
        site, found = self._site, []
        if site.battery is not None:
            b = site.battery
            found += [
                Actuator(b.name, "power", "setpoint", "kW", -b.power, b.power, 0.0),
                Actuator(b.name, "follow", "setpoint", "", 0.0, 1.0, b.follow),
                Actuator(b.name, "reserve", "setpoint", "kWh", 0.0, b.nominal, b.reserve),
            ]
        if site.generator is not None:
            found.append(Actuator(site.generator.name, "power", "setpoint", "kW", 0.0, site.generator.rated, 0.0))
        most = min(site.grid.import_limit, WIDE)
        site.grid.peak_cap = most
        found.append(Actuator(site.grid.name, "peak_cap", "setpoint", "kW", 0.0, most, most))
        for load in site.loads:
            if isinstance(load, Jobs) and load.slack > 0:
                found.append(Actuator(load.name, "defer", "setpoint", "h", 0.0, load.slack, 0.0))
        return found + [Actuator(m.name, "maintain", "work_order", "", 1.0, 1.0, 1.0) for m in self._machines]

    def _orders(self) -> list[OrderCost]:
        """What standing still costs: of the inverter, a typical sun's worth of energy; of others, what their yaml says."""
        return [
            OrderCost(
                m.name, f"{m.name}.maintain", m.preventive_cost, m.corrective_cost if m.ageing else m.preventive_cost,
                m.works["preventive"].mean, (m.works["response"].mean + m.works["corrective"].mean) if m.ageing
                else m.works["preventive"].mean, self._standstill(m),
            )
            for m in self._machines
        ]  # fmt: skip

    def _standstill(self, machine: PowerAsset) -> float:
        """EUR per second that the asset stands still: sun and wind at a sixth of their rating; what else, is not reckoned."""
        site = self._site
        price = sum(site.grid.price.values) / len(site.grid.price.values)
        rated = 0.0
        if machine is site.inverter and site.panels is not None:
            rated = site.panels.rated
        elif machine is site.turbine and site.turbine is not None:
            rated = site.turbine.rated
        return rated / 6.0 * price / 3600.0


def _nameplate(machine: PowerAsset) -> dict[str, float]:
    """What is known of a machine as built."""
    match machine:
        case Battery():
            return {"capacity": machine.nominal, "power": machine.power, "efficiency": machine.efficiency}
        case Generator():
            return {"rated": machine.rated, "min_load": machine.least, "cost": machine.marginal_cost}
        case Panels() | Inverter() | Turbine():
            return _finite(rated=machine.rated)
    return {}


def _finite(**values: float) -> dict[str, float]:
    return {name: value for name, value in values.items() if value < math.inf}


def _recorded(records: Records | None, name: str) -> bool:
    return records is not None and name in records.loads


def _load(plant: Microgrid, seed: int, name: str, own: Mapping[str, Any], records: Records | None) -> Load:
    known(f"loads.{name}", own, ("priority", "profile", "jobs"))
    if "." in name or name in ("panels", "inverter", "wind", "battery", "generator", "grid", "site"):
        raise ValueError(f"loads: {name!r}: a load's name has no dot and is no other asset's")
    priority = own.get("priority", 0.0)
    if own.get("jobs"):
        return Jobs(kernel=plant.kernel, name=name, seed=seed, jobs=own["jobs"], priority=priority)
    if "profile" not in own and not _recorded(records, name):
        raise ValueError(f"loads.{name}: needs a profile or jobs, or a recorded series")
    return Load(kernel=plant.kernel, name=name, priority=priority)


def _schedules(
    records: Records | None, tariff: Mapping[str, Any] | None, export: Mapping[str, Any] | None,
    carbon: Mapping[str, Any] | None,
) -> tuple[Schedule, Schedule, Schedule]:  # fmt: skip
    price = make_schedule("tariff", "price", "EUR/kWh", tariff or NO_PRICE)
    intensity = make_schedule("carbon", "carbon", "kg/kWh", carbon or NO_PRICE)
    if records is not None and records.price is not None:
        price = schedule_of("tariff", "price", "EUR/kWh", records.price, records.step)
    if records is not None and records.carbon is not None:
        intensity = schedule_of("carbon", "carbon", "kg/kWh", records.carbon, records.step)
    return price, make_schedule("export_tariff", "export_price", "EUR/kWh", export or NO_PRICE), intensity
