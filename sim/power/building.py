"""From the fields of a site to its components."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.contract import Schedule
from sim.engine.checks import known
from sim.engine.kernel import Kernel
from sim.engine.schedule import make_schedule
from sim.power.battery import Battery
from sim.power.generator import Generator
from sim.power.grid import UtilityGrid
from sim.power.inputs import SiteInputs, schedule_of
from sim.power.load import Jobs, Load
from sim.power.machine import PowerAsset
from sim.power.records import Records
from sim.power.site import Site
from sim.power.solar import Inverter, Panels
from sim.power.wind import Turbine
from sim.telemetry.journal import Journal

Fields = Mapping[str, Any]
NO_PRICE = {"times": [0.0], "values": [0.0]}
MACHINES = ("panels", "inverter", "wind", "battery", "generator")
TAKEN = (*MACHINES, "grid", "site")  # names that no load can have


class Tariffs(NamedTuple):
    """Prices known ahead: EUR/kWh, EUR/kWh, kg/kWh."""

    price: Schedule
    export_price: Schedule
    carbon: Schedule


def make_tariffs(
    records: Records | None, tariff: Fields | None, export_tariff: Fields | None, carbon: Fields | None
) -> Tariffs:
    """Tariffs from the records where they have them, else from the fields. Raises ValueError naming the field."""
    price = make_schedule("tariff", "price", "EUR/kWh", tariff or NO_PRICE)
    intensity = make_schedule("carbon", "carbon", "kg/kWh", carbon or NO_PRICE)
    if records is not None and records.price is not None:
        price = schedule_of("tariff", "price", "EUR/kWh", records.price, records.step)
    if records is not None and records.carbon is not None:
        intensity = schedule_of("carbon", "carbon", "kg/kWh", records.carbon, records.step)
    return Tariffs(
        price, make_schedule("export_tariff", "export_price", "EUR/kWh", export_tariff or NO_PRICE), intensity
    )


def load_fields(loads: Mapping[str, Fields | None], records: Records | None) -> dict[str, dict[str, Any]]:
    """Fields by load. Recorded loads need none, and take the place of all that have a profile."""
    fields = {name: dict(options or {}) for name, options in loads.items()}
    if records is not None and records.loads:
        fields = {
            name: options for name, options in fields.items() if options.get("profile") is None or name in records.loads
        }
        fields = {name: {} for name in records.loads} | fields
    if not fields:
        raise ValueError("loads = {}: must name at least one load")
    return fields


def build_site(
    *,
    kernel: Kernel,
    seed: int,
    journal: Journal,
    records: Records | None,
    loads: Mapping[str, Fields],
    weather: Mapping[str, float],
    grid: Fields,
    tariffs: Tariffs,
    machines: Mapping[str, Fields | None],
    wear: bool,
) -> Site:
    """The site, wired up. machines: fields by MACHINES, None for none. Raises ValueError naming the field."""
    made = [_load(kernel, seed, name, options, records) for name, options in loads.items()]
    profiles = {
        n: options["profile"] for n, options in loads.items() if not (options.get("jobs") or _is_recorded(records, n))
    }
    inputs = SiteInputs(kernel=kernel, name="inputs", seed=seed, records=records, weather=weather, profiles=profiles)
    _check_steps(tariffs, inputs.step)
    connection = UtilityGrid(
        kernel=kernel,
        name="grid",
        seed=seed,
        journal=journal,
        price=tariffs.price,
        export_price=tariffs.export_price,
        carbon=tariffs.carbon,
        **grid,
    )
    common = {"kernel": kernel, "seed": seed, "journal": journal, "wear": wear}
    return Site(
        kernel=kernel, name="site", inputs=inputs, grid=connection, loads=made, **_make_machines(machines, common)
    )


def machines_of(site: Site) -> list[PowerAsset]:
    """The machines that the site has, in the order of MACHINES."""
    machines = (site.panels, site.inverter, site.turbine, site.battery, site.generator)
    return [machine for machine in machines if machine is not None]


def _make_machines(fields: Mapping[str, Fields | None], common: dict[str, Any]) -> dict[str, Any]:
    panels = _machine(Panels, "panels", fields, common)
    if panels is None and fields["inverter"] is not None:
        raise ValueError("inverter: needs panels")
    inverter = None
    if panels is not None:
        inverter = Inverter(name="inverter", panels=panels, **common, **(fields["inverter"] or {}))
    return {
        "panels": panels,
        "inverter": inverter,
        "turbine": _machine(Turbine, "wind", fields, common),
        "battery": _machine(Battery, "battery", fields, common),
        "generator": _machine(Generator, "generator", fields, common),
    }


def _machine(kind: type[Any], name: str, fields: Mapping[str, Fields | None], common: dict[str, Any]) -> Any:
    options = fields[name]
    return kind(name=name, **common, **options) if options is not None else None


def _check_steps(tariffs: Sequence[Schedule], step: float) -> None:
    """Prices change only where the inputs do, `step` in s."""
    for schedule in tariffs:
        off = [t for t in (*schedule.times, schedule.repeat) if t < math.inf and t % step]
        if off:
            raise ValueError(f"{schedule.name}.times = {off[0]:g}: must be on the inputs' steps of {step:g} s")


def _is_recorded(records: Records | None, name: str) -> bool:
    return records is not None and name in records.loads


def _load(kernel: Kernel, seed: int, name: str, options: Fields, records: Records | None) -> Load:
    known(f"loads.{name}", options, ("priority", "profile", "jobs"))
    if "." in name or name in TAKEN:
        raise ValueError(f"loads: {name!r}: a load's name has no dot and is no other asset's")
    priority = options.get("priority", 0.0)
    if options.get("jobs"):
        return Jobs(kernel=kernel, name=name, seed=seed, jobs=options["jobs"], priority=priority)
    if options.get("profile") is None and not _is_recorded(records, name):
        raise ValueError(f"loads.{name}: needs a profile or jobs, or a recorded series")
    return Load(kernel=kernel, name=name, priority=priority)
