"""Photovoltaics: panels, and the inverter behind them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.plants.power_asset import AgeingFields, Kilowatts, Share, UpkeepFields
from twin.lab.configure.schema.quantities import Number

Kelvins = Annotated[float, Number("degC", low=0, high=200)]


class PanelsFields(Fields):
    """Panels on a plane, see sim.power.solar.Panels."""

    what = "panels"
    rated: Kilowatts = Field(description="at 1000 W/m2 and 25 deg C")
    tilt: Annotated[float, Number("degrees", low=0, high=90)] = Field(30.0, description="from the horizontal")
    facing: Annotated[float, Number("degrees", low=0, high=360)] = Field(180.0, description="from north; 180 is south")
    warm_loss: Annotated[float, Number(low=0, high=0.05, usual=(0, 0.01))] = Field(
        0.004, description="share of the power lost per deg C of the cells above 25"
    )
    noct: Annotated[float, Number("degC", low=20, high=100)] = Field(
        45.0, description="of the cells at 800 W/m2 and 20 deg C of air (IEC 61215)"
    )
    soiling: Annotated[float, Number(low=0, high=1, usual=(0, 0.05))] = Field(
        0.0, description="share of the light lost per dry day"
    )
    soiling_most: Annotated[float, Number(low=0, high=0.9)] = Field(
        0.3, description="most of the light that dirt takes"
    )
    washing: Share = Field(0.7, description="share of the dirt that an hour of rain takes away")
    upkeep: UpkeepFields | None = Field(None, description="of cleaning")


class InverterFields(Fields):
    """From the panels to the bus, see sim.power.solar.Inverter."""

    what = "an inverter"
    rated: Kilowatts | None = Field(None, description="most that it gives; null for no limit")
    own_use: Annotated[float, Number(low=0, high=0.5, usual=(0, 0.05))] = Field(
        0.0, description="share of `rated` that it takes while it works"
    )
    efficiency: Annotated[float, Number(low=0.1, high=1, usual=(0.8, 1))] = Field(1.0, description="when new")
    wear_loss: Share = Field(0.0, description="off the efficiency at a damage of 1")
    rise: Kelvins = Field(30.0, description="of the heat sink over the air at rated power")
    wear_rise: Kelvins = Field(15.0, description="more of it at a damage of 1")
    lag: Annotated[float, Number("h", low=0.001, high=1000)] = Field(0.5, description="time constant of the heat sink")
    ageing: AgeingFields | None = Field(None, description="by hours at rated power; null: it never fails")
    upkeep: UpkeepFields | None = Field(None, description="times and costs of work")

    @model_validator(mode="after")
    def own_use_of_something(self) -> InverterFields:
        """A share of what has a limit."""
        if self.own_use and self.rated is None:
            raise ValueError(f"own_use = {self.own_use:g}: must be 0 where rated is null: it is a share of rated")
        return self
