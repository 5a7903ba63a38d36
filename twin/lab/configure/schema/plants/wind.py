"""A small wind turbine."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.plants.power_asset import AgeingFields, Kilowatts, UpkeepFields
from twin.lab.configure.schema.quantities import Number

WindSpeed = Annotated[float, Number("m/s", above=0, high=100)]


class TurbineFields(Fields):
    """Power by the wind's speed, see sim.power.wind.Turbine."""

    what = "a wind turbine"
    rated: Kilowatts = Field(description="from rated_speed to cut_out")
    cut_in: WindSpeed = Field(3.0, description="from which on it turns; power is cubic up to rated_speed")
    rated_speed: WindSpeed = Field(11.0, description="from which on it gives what it is rated for")
    cut_out: WindSpeed = Field(25.0, description="from which on it stands")
    ageing: AgeingFields | None = Field(None, description="by hours at rated power; null: it never fails")
    upkeep: UpkeepFields | None = Field(None, description="times and costs of work")

    @model_validator(mode="after")
    def in_order(self) -> TurbineFields:
        """Three speeds that rise."""
        if not self.cut_in < self.rated_speed < self.cut_out:
            limits = f"> cut_in = {self.cut_in:g} and < cut_out = {self.cut_out:g}"
            raise ValueError(f"rated_speed = {self.rated_speed:g}: must be a number of m/s {limits}")
        return self
