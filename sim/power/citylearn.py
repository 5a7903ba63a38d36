"""CityLearn's format: a schema.json, a table for each building, and tables of prices, carbon and weather."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.checks import number
from sim.engine.table import Floats, Table
from sim.engine.timeline import FILL, REFUSE, Grid, filled
from sim.power.records import Column, Records
from sim.units import HOUR

Building = Mapping[str, Any]
TABLES = ("energy_simulation", "weather", "pricing", "carbon_intensity")


def read_citylearn(folder: Path, gaps: str = REFUSE, buildings: Sequence[str] | None = None) -> Records:
    """The buildings as loads, their panels pooled. buildings: which ones; by default all that the schema includes.

    What a building or the schema leaves out or sets to null is none, as in CityLearn: no panels, no recorded price,
    carbon or weather, for which the plant's own fields stand. Raises ValueError naming the file and what is wrong.
    """
    schema = _schema(folder / "schema.json")
    chosen = _chosen(schema["buildings"], buildings)
    tables = CityTables(folder, gaps, chosen)
    step = number(f"{folder / 'schema.json'}: seconds_per_time_step", schema.get("seconds_per_time_step", HOUR), low=1)
    loads = {name.lower(): tables.of(name, "energy_simulation", "non_shiftable_load", low=0.0) for name in chosen}
    powers = [_panels(folder, name, building) for name, building in chosen.items()]
    shares = [
        np.array(tables.of(name, "energy_simulation", "solar_generation", low=0.0)) / 1000.0 * power
        for name, power in zip(chosen, powers, strict=True)
        if power
    ]
    none = np.zeros(len(next(iter(loads.values()))))
    light = [np.array(tables.shared("weather", f"{part}_solar_irradiance") or ()) for part in ("direct", "diffuse")]
    return Records(
        step=step,
        loads=loads,
        pv=_column(sum(shares, none)),
        price=tables.shared("pricing", "electricity_pricing"),
        carbon=tables.shared("carbon_intensity", "carbon_intensity"),
        temperature=tables.shared("weather", "outdoor_dry_bulb_temperature"),
        irradiance=_column(light[0] + light[1]) or None,
    )


class CityTables:
    """The tables of the chosen buildings, each read once."""

    def __init__(self, folder: Path, gaps: str, buildings: Mapping[str, Building]) -> None:
        self._folder, self._gaps, self._buildings = folder, gaps, buildings
        self._tables: dict[str, Table] = {}

    def of(self, building: str, kind: str, column: str, low: float = -np.inf) -> Column:
        """A column of one building's table of a kind."""
        file = self._buildings[building].get(kind)
        if not isinstance(file, str):
            raise ValueError(f"{self._folder / 'schema.json'}: {building}.{kind} = {file!r}: must name a file")
        if file not in self._tables:
            self._tables[file] = Table(self._folder / file)
        table = self._tables[file]
        values = table.numbers(column, low=low, missing=FILL if self._gaps == REFUSE else "")
        steps: Floats = np.arange(len(table), dtype=float)
        return _column(filled(values, steps, Grid(1.0, steps), self._gaps))

    def shared(self, kind: str, column: str) -> Column | None:
        """A column that holds for the whole site, None where no building has it. Raises ValueError for two of them."""
        having = [name for name, building in self._buildings.items() if building.get(kind) is not None]
        columns = {self.of(name, kind, column): name for name in reversed(having)}
        if len(columns) > 1:
            raise ValueError(
                f"{self._folder / 'schema.json'}: {' and '.join(list(columns.values())[:2])} have another {kind}:"
                " a site has one; choose buildings that share it: buildings=[...]"
            )
        return next(iter(columns), None)


def _schema(path: Path) -> Mapping[str, Any]:
    try:
        schema = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{path}: is not JSON ({error})") from None
    buildings = schema.get("buildings") if isinstance(schema, dict) else None
    if (
        not isinstance(buildings, dict)
        or not buildings
        or not all(isinstance(each, dict) for each in buildings.values())
    ):
        raise ValueError(f"{path}: buildings: must be a mapping of names to buildings with {', '.join(TABLES)}")
    return dict(schema)


def _chosen(buildings: Mapping[str, Building], names: Sequence[str] | None) -> dict[str, Building]:
    """Those named, or all but those with `include: false`."""
    wanted = [names] if isinstance(names, str) else list(names or ())
    unknown = [name for name in wanted if name not in buildings]
    if unknown:
        raise ValueError(f"inputs.buildings = {unknown[0]!r}: must be of {', '.join(buildings)}")
    wanted = wanted or [name for name, about in buildings.items() if about.get("include", True)]
    if not wanted:
        raise ValueError(f"inputs.buildings: the schema includes none: name some of {', '.join(buildings)}")
    return {name: buildings[name] for name in wanted}


def _panels(folder: Path, name: str, building: Building) -> float:
    """kW of a building's panels, 0 for none."""
    about = building.get("pv")
    if about is None:
        return 0.0
    power = (about.get("attributes") or {}).get("nominal_power") if isinstance(about, dict) else about
    return number(f"{folder / 'schema.json'}: {name}.pv.attributes.nominal_power (kW)", power, low=0.0)


def _column(values: Floats) -> Column:
    return tuple(values.tolist())
