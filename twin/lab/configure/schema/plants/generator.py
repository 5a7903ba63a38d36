"""A backup generator."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.plants.power_asset import AgeingFields, Cost, Kilowatts, Share, UpkeepFields
from twin.lab.configure.schema.quantities import Number


class GeneratorFields(Fields):
    """A generating set, see sim.power.generator.Generator."""

    what = "a generator"
    rated: Kilowatts = Field(description="most that it gives")
    min_load: Share = Field(0.3, description="share of `rated` that a running set gives at least")
    idle_fuel: Annotated[float, Number("l/h", low=0, high=10, usual=(0, 0.5))] = Field(
        0.06, description="per kW of `rated`, whatever it gives"
    )
    fuel: Annotated[float, Number("l/kWh", low=0, high=10, usual=(0, 1))] = Field(
        0.24, description="more for what it gives"
    )
    fuel_price: Annotated[float, Number("EUR/l", low=0, high=1e4, usual=(0, 20))] = Field(
        1.5, description="of a litre of fuel"
    )
    fuel_carbon: Annotated[float, Number("kg/l", low=0, high=100, usual=(0, 5))] = Field(
        2.7, description="of a litre of fuel"
    )
    start_time: Annotated[float, Number("s", low=0, high=86_400)] = Field(30.0, description="from the call to power")
    start_cost: Cost = Field(2.0, description="of each start")
    start_wear: Annotated[float, Number("h", low=0, high=1e5, usual=(0, 1000))] = Field(
        2.0, description="running hours that a start counts for"
    )
    standby_wear: Annotated[float, Number("h", low=0, high=10, usual=(0, 1))] = Field(
        0.0, description="running hours that an hour of standing by counts for"
    )
    vibration: Annotated[float, Number("mm/s", low=0, high=1000)] = Field(3.0, description="when new and running")
    vibration_wear: Annotated[float, Number(low=0, high=1000)] = Field(
        1.5, description="share of it added at a damage of 1; with damage to the power of 1.5"
    )
    ageing: AgeingFields | None = Field(None, description="by running hours; null: it never fails")
    upkeep: UpkeepFields | None = Field(None, description="times and costs of work")
