"""A production line: stations, people, spare parts, money."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from twin.lab.configure.schema.fields import MAPPING, VALUE, Fields, Part, by_shape, named
from twin.lab.configure.schema.laws import ChangingSteps, Steps, Time
from twin.lab.configure.schema.plants.network import SensorFaults
from twin.lab.configure.schema.plants.station import Euros, StationFields
from twin.lab.configure.schema.quantities import Number, Switch, Text, Whole
from twin.units import DAY

Period = Annotated[float, Number("s", low=0.01, high=30 * DAY, usual=(1.0, 30 * DAY))]
Cards = Annotated[int, Whole(1)]
People = Annotated[int, Whole(1, 10_000)]


class LineCrew(Fields):
    """People of one trade."""

    what = "a crew"
    technicians: People = Field(1, description="at all times, where it has no shifts")
    corrective_first: Annotated[bool, Switch()] = Field(True, description="failures go before planned work")
    shifts: Steps | None = Field(None, description="how many are on duty when")
    skills: list[Annotated[str, Text("a skill")]] | None = Field(None, description="all where it names none")
    travel: Time | None = Field(None, description="to a job, s")


class LineSpares(Fields):
    """Spare parts of one kind."""

    what = "spare parts"
    stock: Annotated[int, Whole(0, 1_000_000)] = Field(1, description="on the shelf")
    lead_time: Time = Field(description="of an order, s")


class LineEconomics(Fields):
    """What parts are worth."""

    what = "money"
    margin: Euros = Field(0.0, description="per good part")
    scrap_cost: Euros = Field(0.0, description="per scrapped part")
    holding_cost: Euros = Field(0.0, description="per part and hour in process")


class SpeedRange(Fields):
    """Limits of the speed setpoints."""

    what = "limits of the speed"
    low: Annotated[float, Number(above=0, high=1)] = Field(0.7, description="slowest, times the designed speed")
    high: Annotated[float, Number(low=1, high=100)] = Field(1.3, description="fastest, times the designed speed")


class Samples(Fields):
    """Sampling periods by quantity."""

    what = "sampling periods"
    vibration: Period = Field(60.0, description="of vibration")
    temperature: Period = Field(60.0, description="of temperature")
    power: Period = Field(60.0, description="of power")


class LikeStation:
    """The metadata of `common`: in the JSON Schema a station; the check is that of each station, laid over it."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(handler(StationFields.__pydantic_core_schema__))


class ProductionLineFields(Part):
    """Stations and what they share."""

    path = "sim.plants.production_line.ProductionLine"
    what = "a production line"
    tick: Period = Field(600.0, description="between decisions")
    sample: Annotated[Annotated[Period, VALUE] | Annotated[Samples, MAPPING], by_shape(VALUE, MAPPING)] = Field(
        60.0, description="between sensor samples, or by quantity"
    )
    technicians: People = Field(2, description="who repair and maintain, where there are no crews")
    corrective_first: Annotated[bool, Switch()] = Field(True, description="failures go before planned work")
    shifts: Steps | None = Field(None, description="technicians on duty")
    crews: Annotated[dict[str, LineCrew], named("crews")] | None = Field(
        None, description="in place of technicians, corrective_first, shifts"
    )
    operators: Annotated[dict[str, People], named("numbers of people")] | None = Field(
        None, description="people in each pool"
    )
    conwip: (
        Annotated[
            Annotated[Cards, VALUE] | Annotated[dict[str, Cards], named("entries"), MAPPING], by_shape(VALUE, MAPPING)
        ]
        | None
    ) = Field(None, description="most parts in the line, or by the station where they enter")
    spares: Annotated[dict[str, LineSpares], named("spare parts")] | None = Field(None, description="by kind")
    sensors: Annotated[dict[str, SensorFaults | None], named("faults of sensors")] | None = Field(
        None, description="faults by signal, as mill_1.vibration"
    )
    economics: LineEconomics | None = Field(None, description="EUR")
    tariff: ChangingSteps | None = Field(None, description="EUR/kWh by time of day")
    material: ChangingSteps | None = Field(None, description="how fast it wears stations, times the usual")
    speed: SpeedRange | None = Field(None, description="limits of the speed setpoints")
    wear: Annotated[bool, Switch()] = Field(True, description="false switches wear and failures off")
    common: Annotated[Any, LikeStation()] = Field(
        None, description="fields of every station; its own are laid over these"
    )
    stations: Annotated[dict[str, StationFields], named("stations")] = Field(description="by name, see below")

    @model_validator(mode="before")
    @classmethod
    def laid_over(cls, value: Any) -> Any:
        """Each station with the common fields, as the plant sees it."""
        if not isinstance(value, Mapping):
            return value
        common, stations = value.get("common") or {}, value.get("stations")
        if not isinstance(common, Mapping):
            raise ValueError(f"common = {common}: must be a mapping of fields of a station")
        if not isinstance(stations, Mapping):
            return value
        if not stations:
            raise ValueError("stations = {}: must name at least one station")
        whole = {str(k): over(common, own) if isinstance(own or {}, Mapping) else own for k, own in stations.items()}
        return {**value, "stations": whole}

    @model_validator(mode="after")
    def connected(self) -> ProductionLineFields:
        """Names that fields refer to exist, and what wears or fails can be mended."""
        signals = [f"{name}.{sensor}" for name, station in self.stations.items() for sensor in station.sensors]
        for key in self.sensors or {}:
            refer(f"sensors.{key}", key, signals, "sensor of a station")
        crews = [crew.skills for crew in (self.crews or {"": LineCrew.model_validate({})}).values()]
        skills = None if any(not of_crew for of_crew in crews) else {s for of_crew in crews for s in of_crew or []}
        for name, station in self.stations.items():
            self._check(f"stations.{name}", station, skills)
        return self

    def _check(self, path: str, station: StationFields, skills: set[str] | None) -> None:
        named = {"to": station.to, "rework": station.rework}
        for field, targets in named.items():
            for target in [targets] if isinstance(targets, str) else targets or []:
                refer(f"{path}.{field}", target, self.stations, "station")
        if station.operators is not None:
            refer(f"{path}.operators", station.operators, self.operators or {}, "pool of operators")
        upkeep, modes = station.maintenance, {k: mode for k, mode in (station.failures or {}).items() if mode}
        left = [name for name, mode in modes.items() if not mode.mended] if self.wear else []
        if upkeep is None:
            if (self.wear and station.wear) or left:
                raise ValueError(f"{path}.maintenance: is missing: a station that wears or fails must have it")
            return
        if upkeep.corrective is None and ((self.wear and station.wear) or left or upkeep.preventive is not None):
            raise ValueError(f"{path}.maintenance.corrective: is missing: how long a repair takes")
        if upkeep.preventive is None and upkeep.plan is not None:
            raise ValueError(f"{path}.maintenance.preventive: is missing: a plan needs to know how long it takes")
        if upkeep.spare is not None:
            refer(f"{path}.maintenance.spare", upkeep.spare, self.spares or {}, "kind of spare part")
        wanted = {"maintenance": upkeep.skill, **{f"failures.{name}": mode.skill for name, mode in modes.items()}}
        for field, skill in wanted.items():
            if skill and skills is not None:
                refer(f"{path}.{field}.skill", skill, skills, "skill of a crew")


def refer(path: str, name: str, there: Collection[str], what: str) -> None:
    """Raises ValueError for a name that is not there."""
    if name not in there:
        close = difflib.get_close_matches(name, there, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        known = ", ".join(sorted(there) if isinstance(there, set) else there) or "none"
        raise ValueError(f"{path} = {name}: there is no such {what}; {hint}there are {known}")


def over(below: Mapping[str, Any], above: Mapping[str, Any] | None) -> dict[str, Any]:
    """`above` over `below`, mapping by mapping; a None switches a part off."""
    result = dict(below)
    for key, value in (above or {}).items():
        both = isinstance(result.get(key), Mapping) and isinstance(value, Mapping)
        result[key] = over(result[key], value) if both else value
    return result
