"""How a network's demand varies over the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Discriminator, Field, Tag

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.quantities import Number, Switch, Text, Word, refusal
from twin.units import HOUR

MOST = 100_000  # factors: a year of five-minute steps


def _listed(value: Any) -> Any:
    if not isinstance(value, list):
        raise refusal("must be a list of factors, or a mapping of factors and step, or of file, column, time, weekdays")
    return value


def _some(factors: list[float]) -> list[float]:
    if not any(factors) or len(factors) > MOST:
        raise refusal(f"must be a list of numbers >= 0, one of them > 0, {MOST} at most")
    return factors


Factors = Annotated[list[Annotated[float, Number(low=0, high=1000)]], BeforeValidator(_listed), AfterValidator(_some)]


class FactorsOfDemand(Fields):
    """Factors of equal steps, see sim.road.demand.DemandProfile."""

    what = "a demand profile"
    factors: Factors = Field(description="times the mean, repeated for ever")
    step: Annotated[float, Number("s", low=1, high=366 * 24 * HOUR)] = Field(HOUR, description="of each factor")


class RecordedDemand(Fields):
    """The mean day of a table of hourly volumes, see sim.road.recorded_day."""

    what = "recorded demand"
    file: Annotated[str, Text("a csv file")] = Field(description="a csv file of hourly volumes")
    column: Annotated[str, Text("the name of a column")] = Field("traffic_volume", description="of the volumes")
    time: Annotated[str, Text("the name of a column")] = Field("date_time", description="of ISO dates and hours")
    gaps: Annotated[str, Word("refuse", "skip", "interpolate", "hold")] = Field(
        "refuse", description="missing rows and volumes: refuse, skip, interpolate, or hold the last one"
    )
    weekdays: Annotated[bool, Switch()] = Field(True, description="Monday to Friday only")


def _kind(value: Any) -> str:
    if isinstance(value, Mapping | BaseModel):
        return "(file)" if isinstance(value, RecordedDemand) or "file" in value else "(factors)"
    return "(list)"


DemandOfDay = Annotated[
    Annotated[Factors, Tag("(list)")]
    | Annotated[FactorsOfDemand, Tag("(factors)")]
    | Annotated[RecordedDemand, Tag("(file)")],
    Discriminator(_kind),
]
