"""Recorded inputs: loads, generation, price, carbon and weather from files of the user."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.checks import known, number
from sim.units import HOUR, MINUTE

Column = tuple[float, ...]
SOURCES = ("citylearn", "steel", "csv")


@dataclass(frozen=True)
class Records:
    """Series of equal length, one value per `step` (s), from time 0; after the last the first comes again.

    loads: kW by name. pv: kW of the panels. price: EUR/kWh. carbon: kg/kWh. temperature: deg C. irradiance: W/m2.
    Raises ValueError for series of different lengths.
    """

    step: float
    loads: Mapping[str, Column] = field(default_factory=dict)
    pv: Column | None = None
    price: Column | None = None
    carbon: Column | None = None
    temperature: Column | None = None
    irradiance: Column | None = None

    def __post_init__(self) -> None:
        lengths = {len(series) for series in self.all()}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError(f"inputs: series of {sorted(lengths)} values: must have the same number, at least one")

    def all(self) -> list[Column]:
        """Every series that was recorded."""
        single = (self.pv, self.price, self.carbon, self.temperature, self.irradiance)
        return [*self.loads.values(), *(series for series in single if series is not None)]

    def __len__(self) -> int:
        return len(self.all()[0])


def read(inputs: Mapping[str, Any]) -> Records:
    """From configuration: `citylearn` (folder), `steel` or `csv` (file), with `buildings`, `step` where they apply.

    Raises ValueError where a file or a column is missing or holds something else than numbers.
    """
    known("inputs", inputs, (*SOURCES, "buildings", "step"))
    sources = [source for source in SOURCES if inputs.get(source)]
    if len(sources) != 1:
        raise ValueError(f"inputs = {dict(inputs)!r}: must name one of {', '.join(SOURCES)}")
    path = Path(str(inputs[sources[0]]))
    try:
        if sources[0] == "citylearn":
            return read_citylearn(path, inputs.get("buildings"))
        if sources[0] == "steel":
            return read_steel(path)
        return read_csv(path, inputs.get("step"))
    except OSError as error:
        raise ValueError(f"inputs.{sources[0]} = {path}: {error.strerror}") from None


def read_citylearn(folder: Path, buildings: Sequence[str] | None = None) -> Records:
    """A folder in CityLearn's format (schema.json, hourly tables): its buildings as loads, their panels pooled."""
    schema = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    chosen = list(buildings or schema["buildings"])
    unknown = [name for name in chosen if name not in schema["buildings"]]
    if unknown:
        raise ValueError(f"inputs.buildings = {unknown[0]!r}: must be of {', '.join(schema['buildings'])}")
    loads, pv = {}, np.zeros(1)
    for name in chosen:
        about = schema["buildings"][name]
        table = _table(folder / about["energy_simulation"])
        loads[name.lower()] = _column(table, "non_shiftable_load", folder / about["energy_simulation"])
        per_kw = np.array(_column(table, "solar_generation", folder / about["energy_simulation"])) / 1000.0
        pv = pv + per_kw * float(about["pv"]["attributes"]["nominal_power"])
    first = schema["buildings"][chosen[0]]
    prices, carbon = _table(folder / first["pricing"]), _table(folder / first["carbon_intensity"])
    weather = _table(folder / first["weather"])
    light = [
        np.array(_column(weather, f"{part}_solar_irradiance", folder / first["weather"]))
        for part in ("direct", "diffuse")
    ]
    return Records(
        step=float(schema.get("seconds_per_time_step", HOUR)),
        loads=loads,
        pv=tuple(np.asarray(pv).tolist()),
        price=_column(prices, "electricity_pricing", folder / first["pricing"]),
        carbon=_column(carbon, "carbon_intensity", folder / first["carbon_intensity"]),
        temperature=_column(weather, "outdoor_dry_bulb_temperature", folder / first["weather"]),
        irradiance=tuple((light[0] + light[1]).tolist()),
    )


def read_steel(path: Path) -> Records:
    """The UCI table of a steel plant's energy use: kWh per quarter of an hour."""
    usage = np.array(_column(_table(path), "Usage_kWh", path))
    return Records(step=15 * MINUTE, loads={"steel": tuple((usage * 4.0).tolist())})  # four quarters make an hour


def read_csv(path: Path, step: float | None = None) -> Records:
    """A table with some of the columns load or load.NAME (kW), pv, price, carbon, temperature, irradiance.

    step: s between rows; by default the difference of the first two of the column `time` (ISO 8601, or s).
    """
    table = _table(path)
    if step is None:
        if "time" not in table or len(table["time"]) < 2:
            raise ValueError(f"inputs.step: is missing, and {path} has no column time to take it from")
        first, second = (_moment(text, path) for text in table["time"][:2])
        step = second - first
    loads = {name.partition(".")[2] or "load": _column(table, name, path) for name in table if _is_load(name)}
    rest = {
        name: _column(table, name, path)
        for name in ("pv", "price", "carbon", "temperature", "irradiance")
        if name in table
    }
    return Records(step=number("inputs.step", step, above=0), loads=loads, **rest)


def _is_load(name: str) -> bool:
    return name == "load" or name.startswith("load.")


def _moment(text: str, path: Path) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ValueError(f"{path}: time = {text!r}: must be ISO 8601 or seconds") from None


def _table(path: Path) -> dict[str, list[str]]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    if len(rows) < 2:
        raise ValueError(f"{path}: has no rows")
    return {name.strip(): [row[i] for row in rows[1:]] for i, name in enumerate(rows[0])}


def _column(table: Mapping[str, list[str]], name: str, path: Path) -> Column:
    if name not in table:
        raise ValueError(f"{path}: has no column {name!r}; it has {', '.join(table)}")
    try:
        values = np.array(table[name], dtype=float)
    except ValueError as error:
        raise ValueError(f"{path}: column {name}: {error}") from None
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: column {name}: row {int(np.argmin(np.isfinite(values))) + 2} is not a number")
    return tuple(values.tolist())
