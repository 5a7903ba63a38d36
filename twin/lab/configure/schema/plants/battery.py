"""A battery with its converter."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.plants.power_asset import CellAgeing, Cost, Kilowatts, Share, UpkeepFields
from twin.lab.configure.schema.quantities import Number

FASTEST = 1 / 3600  # h in which full power empties a full battery
WARMEST = 1000.0  # deg C over the air, beyond which its laws of ageing mean nothing
LEAST_WAY, LEAST_HEALTH = 0.05, 0.05  # of sim.power.battery: efficiency each way, and share of capacity left


class FadeFields(Fields):
    """How capacity is lost, see sim.power.battery.Battery."""

    what = "fade"
    calendar: Annotated[float, Number(low=0, high=1, usual=(0, 0.2))] = Field(
        0.0, description="share of the capacity lost in a year at 25 deg C and half charge"
    )
    cycle: Annotated[float, Number(low=0, high=1, usual=(0, 0.01))] = Field(
        0.0, description="share of the capacity lost in one full cycle"
    )
    depth_exponent: Annotated[float, Number(low=0, high=10)] = Field(
        1.5, description="the loss of other cycles goes with their depth to this power"
    )
    resistance: Annotated[float, Number(low=0, high=20)] = Field(
        1.5, description="rise of the losses per share of capacity lost"
    )
    cell_price: Cost = Field(0.0, description="per kWh of capacity lost")


class HeatFields(Fields):
    """How warm it gets."""

    what = "heat"
    rise: Annotated[float, Number("degC", low=0, high=1e4)] = Field(0.0, description="over the air, per kW of losses")
    lag: Annotated[float, Number("h", low=0.001, high=1000)] = Field(3.0, description="time constant")


class BatteryFields(Fields):
    """What it stores, what it loses, how it fades; see sim.power.battery.Battery."""

    what = "a battery"
    capacity: Annotated[float, Number("kWh", low=0.001, high=1e8)] = Field(description="when new")
    power: Kilowatts = Field(description="largest, both ways")
    efficiency: Annotated[float, Number(low=0.1, high=1, usual=(0.7, 1))] = Field(
        0.95, description="each way, when new"
    )
    initial: Share = Field(0.5, description="share of the capacity that is stored at the start")
    reserve: Share = Field(0.0, description="share of the capacity held for outages")
    fade: FadeFields | None = Field(None, description="how capacity is lost")
    heat: HeatFields | None = Field(None, description="how warm its losses make it")
    ageing: CellAgeing | None = Field(None, description="cell faults; null: it never fails")
    upkeep: UpkeepFields | None = Field(None, description="of replacing cells")
    standby: Annotated[float, Number(low=0, high=10, usual=(0, 1))] = Field(
        0.0, description="equivalent full cycles of ageing per hour of standing by"
    )

    @model_validator(mode="after")
    def possible(self) -> BatteryFields:
        """Full power lasts a second or more, and losses do not melt it."""
        if self.power > self.capacity / FASTEST:
            most = self.capacity / FASTEST
            raise ValueError(f"power = {self.power:g}: must be a number of kW <= {most:g}, at which it lasts a second")
        loss = (1.0 - self.efficiency) * (1.0 + (self.fade.resistance if self.fade else 0.0) * (1.0 - LEAST_HEALTH))
        warmth = (self.heat.rise if self.heat else 0.0) * self.power * (1.0 / max(1.0 - loss, LEAST_WAY) - 1.0)
        if self.heat is not None and warmth > WARMEST:
            most = self.heat.rise * WARMEST / warmth
            reason = f"full power would warm worn cells by {warmth:.0f} deg C"
            raise ValueError(f"heat.rise = {self.heat.rise:g}: must be a number of degC <= {most:.3g}: {reason}")
        return self
