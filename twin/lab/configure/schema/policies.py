"""Policies: what decides on work orders and setpoints."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Part, PartialPart, one_part
from twin.lab.configure.schema.quantities import Number, Whole
from twin.lab.configure.schema.upkeep_policies import (
    AgeBasedFields,
    ConditionBasedFields,
    On,
    PredictiveFields,
    PrivilegedFullStateFields,
    PrivilegedThresholdFields,
    RunToFailureFields,
    Ticks,
    Upkeep,
    UpToOne,
)

Seconds = Annotated[float, Number("s", above=0, high=86400)]
Cover = Annotated[float, Number(above=0, high=10)]


class StorageFields(PartialPart):
    """What all policies of a storage have."""

    upkeep: Upkeep | None = Field(None, description="a policy for work orders")


class SelfConsumptionFields(StorageFields):
    """The battery stores what is left over and gives it back at once."""

    path = "twin.policies.storage.self_consumption.SelfConsumption"
    what = "self-consumption"


class TimeOfUseFields(StorageFields):
    """The battery by the clock."""

    path = "twin.policies.storage.time_of_use.TimeOfUse"
    what = "time of use"
    begin: Annotated[int, Whole(0, 24)] = Field(9, description="hour at which discharge begins")
    end: Annotated[int, Whole(0, 24)] = Field(21, description="hour at which it ends")
    charge: UpToOne = Field(0.091, description="of the capacity per hour")
    discharge: UpToOne = Field(0.08, description="of the capacity per hour")


class DayPersistenceFields(PartialPart):
    """Yesterday's net load."""

    path = "twin.policies.storage.net_load.DayPersistence"
    what = "a forecast of net load"
    memory: Annotated[float, Number(low=0, high=1e6)] = Field(
        0.0, description="ticks in which a deviation fades to 1/e"
    )


class TwinForecastFields(DayPersistenceFields):
    """The twin's own forecast of net load."""

    path = "twin.policies.storage.net_load.TwinForecast"


class DispatchFields(StorageFields):
    """What a linear programme per tick has."""

    horizon: Annotated[int, Whole(1, 8760)] = Field(24, description="ticks")
    tracking: On = Field(True, description="hold the planned import rather than the planned power")
    defer: On = Field(True, description="loads that can wait do so while a cheaper hour is coming")


NetForecastPart = one_part(DayPersistenceFields, TwinForecastFields)


class MPCFields(DispatchFields):
    """Receding-horizon dispatch of a battery."""

    path = "twin.policies.storage.mpc.MPC"
    what = "receding-horizon dispatch"
    forecast: NetForecastPart | None = Field(None, description="of net load")  # type: ignore[valid-type]
    demand_limit: Annotated[float, Number("kW", low=0, high=1e6)] = Field(
        0.0, description="import that is never to be exceeded; 0: each plan's highest"
    )


class PrivilegedMPCFields(DispatchFields):
    """The same with a forecast that comes true (privileged)."""

    path = "twin.lab.core.privileged.mpc.PrivilegedMPC"
    what = "receding-horizon dispatch with perfect forecasts"
    tracking: On = Field(False, description="hold the planned import rather than the planned power")
    known: Ticks | None = Field(None, description="ticks that it knows truly; null: all")


class PrivilegedSiteFields(PartialPart):
    """Everything known to the billing period's end, upkeep by the true state (privileged)."""

    path = "twin.lab.core.privileged.site.PrivilegedSite"
    what = "a site's reference"
    horizon: Annotated[int, Whole(1, 8760)] = Field(36, description="ticks that are planned anew in every tick")
    renew: Ticks = Field(48, description="ticks between two looks ahead")
    island: UpToOne = Field(0.2, description="share of the battery left in an outage")
    buffer: UpToOne = Field(0.03, description="share of the battery left at other times")
    cycle_price: Annotated[float, Number(low=0, high=1e6)] = Field(0.02, description="currency per kWh discharged")
    capacity_value: Annotated[float, Number(low=0, high=1e6)] = Field(
        0.1, description="currency that a kWh of capacity is worth in a day"
    )
    retry: Ticks = Field(12, description="ticks after which an order is sent again")


class GreenFields(PartialPart):
    """Bounds of a green."""

    min_green: Seconds = Field(5.0, description="shortest green")
    max_green: Seconds = Field(60.0, description="longest green")
    cover: Cover = Field(1.2, description="times the flow that is expected where a detector has failed")

    @model_validator(mode="after")
    def in_order(self) -> GreenFields:
        """min_green <= max_green."""
        if self.min_green > self.max_green:
            raise ValueError(f"min_green = {self.min_green:g}, max_green = {self.max_green:g}: must rise")
        return self


class ActuatedFields(GreenFields):
    """Gap-out actuation."""

    path = "twin.policies.crossings.actuated.Actuated"
    what = "actuation"
    extension: Seconds = Field(3.0, description="of a green for a vehicle")


class DelayBasedFields(GreenFields):
    """A green lasts until its queues are gone."""

    path = "twin.policies.crossings.delay_based.DelayBased"
    what = "delay-based actuation"


class PrivilegedSignalsFields(PartialPart):
    """Look-ahead on true queues and arrivals (privileged)."""

    path = "twin.lab.core.privileged.signals.PrivilegedSignals"
    what = "signals that know who comes"
    longest: Seconds = Field(40.0, description="longest green that is planned")
    waits: Ticks = Field(4, description="ticks by which the end of a green may be put off")
    stop: Annotated[float, Number("s", low=0, high=3600)] = Field(2.9, description="of delay that a stop is worth")
    upkeep: Upkeep | None = Field(None, description="a policy for work orders")


class FixedTimeFields(PartialPart):
    """The plan that signals were given."""

    path = "twin.policies.crossings.fixed_time.FixedTime"
    what = "a fixed plan"
    cycle: Seconds | None = Field(None, description="null: the plant's")
    splits: list[Annotated[float, Number(above=0, high=1e6)]] | None = Field(None, description="weights of the stages")


class MaxPressureFields(PartialPart):
    """The stage with the most pressure."""

    path = "twin.policies.crossings.max_pressure.MaxPressure"
    what = "max pressure"
    every: Seconds = Field(10.0, description="between two choices")
    stay: Annotated[float, Number(low=1, high=1000)] = Field(2.0, description="times the pressure that a change takes")
    min_green: Seconds = Field(10.0, description="shortest green")
    cover: Cover = Field(1.2, description="times the flow that is expected where a detector has failed")


class WebsterFields(PartialPart):
    """Webster's cycle and splits from measured flows."""

    path = "twin.policies.crossings.webster.Webster"
    what = "Webster's plan"
    every: Annotated[float, Number("s", above=0, high=1e7)] = Field(300.0, description="between two plans")
    span: Annotated[float, Number("s", above=0, high=1e7)] = Field(900.0, description="of the flows' moving mean")
    common: On = Field(True, description="one cycle for all crossings")
    least: Seconds = Field(40.0, description="shortest cycle")
    most: Seconds = Field(130.0, description="longest cycle")
    green: Seconds = Field(6.0, description="shortest green")
    recall: Seconds = Field(15.0, description="green where detectors have failed")
    heaviest: Annotated[float, Number(above=0, below=1)] = Field(0.9, description="largest sum of flow ratios")

    @model_validator(mode="after")
    def in_order(self) -> WebsterFields:
        """least <= most."""
        if self.least > self.most:
            raise ValueError(f"least = {self.least:g}, most = {self.most:g}: must rise")
        return self


POLICIES: tuple[type[Part], ...] = (
    ActuatedFields,
    AgeBasedFields,
    ConditionBasedFields,
    DelayBasedFields,
    FixedTimeFields,
    MPCFields,
    MaxPressureFields,
    PredictiveFields,
    PrivilegedMPCFields,
    PrivilegedSignalsFields,
    PrivilegedSiteFields,
    PrivilegedThresholdFields,
    PrivilegedFullStateFields,
    RunToFailureFields,
    SelfConsumptionFields,
    TimeOfUseFields,
    WebsterFields,
)
