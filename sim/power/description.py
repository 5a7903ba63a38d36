"""What a controller may know of a site beforehand: its PlantSpec."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sim.contract import Actuator, Asset, Link, Objective, OrderCost, PlantSpec, Signal
from sim.power.accounts import MODES, SiteAccounts
from sim.power.battery import Battery
from sim.power.generator import Generator
from sim.power.load import Jobs
from sim.power.machine import PowerAsset
from sim.power.site import Site
from sim.power.solar import Inverter, Panels
from sim.power.wind import Turbine
from sim.units import HOUR

WIDE = 1e6  # kW, where the grid has no limit
RATED_TO_MEAN = 6.0  # of sun and wind: their rating over the power that they give on average
TYPES = {"panels": "panels", "inverter": "solar", "wind": "wind", "battery": "battery", "generator": "generator"}


def describe(
    *, site: Site, machines: Sequence[PowerAsset], accounts: SiteAccounts, signals: Sequence[Signal], tick: float
) -> PlantSpec:
    """Assets are machines, grid, loads and the site itself; links follow the power. signals: as they are reported."""
    grid = site.grid
    return PlantSpec(
        assets=tuple(_assets(site, machines)),
        links=tuple(_links(site, machines)),
        signals=tuple(signals),
        actuators=tuple(_actuators(site, machines)),
        objective=Objective(
            f"{site.name}.cost", "EUR", -1, _prices(site, accounts), tuple(_orders(site, machines)), "cost_per_day"
        ),
        tick=tick,
        modes=MODES,
        known_future=(grid.price, grid.export_price, grid.carbon),
    )


def peak_cap(site: Site) -> float:
    """kW that the site may import at most before anybody says otherwise."""
    return min(site.grid.import_limit, WIDE)


def _assets(site: Site, machines: Sequence[PowerAsset]) -> Iterator[Asset]:
    grid = site.grid
    yield from (Asset(machine.name, TYPES[machine.name], _nameplate(machine)) for machine in machines)
    limits = _finite(import_limit=grid.import_limit, export_limit=grid.export_limit)
    yield Asset(grid.name, "grid", limits | {"peak_period": grid.peak_period})
    yield from (Asset(load.name, "jobs" if isinstance(load, Jobs) else "load") for load in site.loads)
    yield Asset(site.name, "site")


def _nameplate(machine: PowerAsset) -> dict[str, float]:
    """What is known of a machine as built: kW, kWh, EUR/kWh."""
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


def _links(site: Site, machines: Sequence[PowerAsset]) -> Iterator[Link]:
    if site.panels is not None and site.inverter is not None:
        yield Link(site.panels.name, site.inverter.name)
    yield from (Link(machine.name, site.name) for machine in machines if machine is not site.panels)
    yield Link(site.grid.name, site.name)
    yield from (Link(site.name, load.name) for load in site.loads)


def _prices(site: Site, accounts: SiteAccounts) -> dict[str, float]:
    """EUR per kg, kWh, litre and kW, by kind of signal."""
    prices = {"carbon": accounts.carbon_price, "unserved": accounts.unserved_cost}
    if site.generator is not None:
        prices["fuel"] = site.generator.fuel_price
    if site.grid.peak_charge:
        prices["peak"] = site.grid.peak_charge
    return prices


def _actuators(site: Site, machines: Sequence[PowerAsset]) -> Iterator[Actuator]:
    if site.battery is not None:
        battery = site.battery
        yield Actuator(battery.name, "power", "setpoint", "kW", -battery.power, battery.power, 0.0)
        yield Actuator(battery.name, "follow", "setpoint", "", 0.0, 1.0, battery.follow)
        yield Actuator(battery.name, "reserve", "setpoint", "kWh", 0.0, battery.nominal, battery.reserve)
    if site.generator is not None:
        yield Actuator(site.generator.name, "power", "setpoint", "kW", 0.0, site.generator.rated, 0.0)
    most = peak_cap(site)
    yield Actuator(site.grid.name, "peak_cap", "setpoint", "kW", 0.0, most, most)
    for load in site.loads:
        if isinstance(load, Jobs) and load.slack > 0:
            yield Actuator(load.name, "defer", "setpoint", "h", 0.0, load.slack, 0.0)
    yield from (Actuator(machine.name, "maintain", "work_order", "", 1.0, 1.0, 1.0) for machine in machines)


def _orders(site: Site, machines: Sequence[PowerAsset]) -> Iterator[OrderCost]:
    """What renewing each machine costs; one that never fails costs the same either way."""
    for machine in machines:
        preventive, fails = machine.works["preventive"].mean, machine.ageing is not None
        yield OrderCost(
            asset=machine.name,
            actuator=f"{machine.name}.maintain",
            preventive_cost=machine.preventive_cost,
            corrective_cost=machine.corrective_cost if fails else machine.preventive_cost,
            preventive_time=preventive,
            corrective_time=machine.works["response"].mean + machine.works["corrective"].mean if fails else preventive,
            downtime_cost=_standstill(site, machine),
        )


def _standstill(site: Site, machine: PowerAsset) -> float:
    """EUR per second that sun and wind do not feed in meanwhile; for other machines it is not estimated."""
    rated = 0.0
    if machine is site.inverter and site.panels is not None:
        rated = site.panels.rated
    elif machine is site.turbine and site.turbine is not None:
        rated = site.turbine.rated
    price = sum(site.grid.price.values) / len(site.grid.price.values)
    return rated / RATED_TO_MEAN * price / HOUR
