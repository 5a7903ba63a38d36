"""Recorded inputs of a site."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sim.power.recordings import OPTIONS, SOURCES
from twin.lab.configure.schema.fields import LIST, VALUE, Fields, by_shape
from twin.lab.configure.schema.quantities import Number, Text, Word, refusal
from twin.units import HOUR

ColumnName = Annotated[str, Text("the name of a column")]


class InputFields(Fields):
    """Where loads, generation, price, carbon and weather were recorded; see sim.power.recordings.read."""

    what = "recorded inputs"
    citylearn: Annotated[str, Text("a folder in CityLearn's format")] | None = Field(
        None, description="a folder in CityLearn's format"
    )
    steel: Annotated[str, Text("a file of UCI's steel plant")] | None = Field(
        None, description="the UCI table of a steel plant's energy use"
    )
    csv: Annotated[str, Text("a csv file")] | None = Field(
        None,
        description="a table with some of the columns load or load.NAME, pv, price, carbon, temperature, irradiance",
    )
    buildings: list[Annotated[str, Text("the name of a building")]] | None = Field(
        None, description="of `citylearn`; null for all"
    )
    ignore: (
        Annotated[
            Annotated[ColumnName, VALUE] | Annotated[list[ColumnName], LIST],
            by_shape(VALUE, LIST),
        ]
        | None
    ) = Field(None, description="columns of `csv` that are not read")
    gaps: Annotated[str, Word("refuse", "interpolate", "hold")] | None = Field(
        "refuse", description="missing rows and cells: refuse, interpolate, or hold the last one"
    )
    step: Annotated[float, Number("s", low=1, high=HOUR)] | None = Field(
        None, description="between rows of `csv`, a whole part of an hour; null: as its column time says"
    )

    @model_validator(mode="after")
    def one_source(self) -> InputFields:
        """One source, and a step that divides an hour."""
        named = [source for source in SOURCES if getattr(self, source) is not None]
        if len(named) != 1:
            raise refusal(f"must name one of {', '.join(SOURCES)}")
        for option in ("buildings", "ignore", "step"):
            if getattr(self, option) is not None and option not in OPTIONS[named[0]]:
                raise refusal(f"must not have {option} with {named[0]}, which takes {', '.join(OPTIONS[named[0]])}")
        if self.step is not None and HOUR % self.step:
            raise ValueError(f"step = {self.step:g}: must be a whole part of an hour, such as 900 s")
        return self
