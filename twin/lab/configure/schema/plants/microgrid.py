"""A microgrid: what it consists of, its weather, its prices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields, Part, named
from twin.lab.configure.schema.laws import LONGEST, Steps
from twin.lab.configure.schema.plants.battery import BatteryFields
from twin.lab.configure.schema.plants.generator import GeneratorFields
from twin.lab.configure.schema.plants.grid import GridFields
from twin.lab.configure.schema.plants.inputs import InputFields
from twin.lab.configure.schema.plants.load import LoadFields
from twin.lab.configure.schema.plants.names import not_there, refuse_names
from twin.lab.configure.schema.plants.network import MeterFaults
from twin.lab.configure.schema.plants.solar import InverterFields, PanelsFields
from twin.lab.configure.schema.plants.weather import WeatherFields
from twin.lab.configure.schema.plants.wind import TurbineFields
from twin.lab.configure.schema.quantities import Number, Switch
from twin.units import DAY, HOUR, MINUTE

MOST_LOADS = 500
# Names of the plant's components, which no load can have.
TAKEN = (
    *("panels", "inverter", "wind", "battery", "generator", "grid", "site"),
    *("plant", "inputs", "accounts", "gauges", "sensors", "books"),
    *("telemetry", "events", "downlink", "journal", "actuation"),
)


class PriceSteps(Steps):
    """A price that is known ahead."""

    what = "a price over time"
    values: list[Annotated[float, Number("EUR/kWh", low=0, high=1e4)]] = Field(description="what it is from then on")


class CarbonSteps(Steps):
    """What a kilowatt-hour from the grid emits."""

    what = "carbon over time"
    values: list[Annotated[float, Number("kg/kWh", low=0, high=100)]] = Field(description="what it is from then on")


class SiteEconomics(Fields):
    """Prices, see sim.power.accounts.SiteAccounts."""

    what = "money"
    carbon_price: Annotated[float, Number("EUR/kg", low=0, high=1e4, usual=(0, 5))] = Field(
        0.0, description="of what is emitted"
    )
    unserved_cost: Annotated[float, Number("EUR/kWh", low=0, high=1e6, usual=(0, 1000))] = Field(
        0.0, description="of load that was not served"
    )


class SensorNoise(Fields):
    """Standard deviation of a common sensor's noise, see sim.power.meters."""

    what = "noise by quantity"
    power: Annotated[float, Number("kW", low=0, high=1e6)] = Field(0.1, description="of power meters")
    energy: Annotated[float, Number("kWh", low=0, high=1e6)] = Field(0.2, description="of what the battery says")
    temperature: Annotated[float, Number("degC", low=0, high=1000)] = Field(0.5, description="of thermometers")
    vibration: Annotated[float, Number("mm/s", low=0, high=1000)] = Field(0.15, description="of the generator's")
    irradiance: Annotated[float, Number("W/m2", low=0, high=1e4)] = Field(8.0, description="of the panels'")


class MicrogridFields(Part):
    """A site behind one meter, see sim.plants.microgrid.Microgrid."""

    path = "sim.plants.microgrid.Microgrid"
    what = "a microgrid"
    loads: Annotated[dict[str, LoadFields | None], named("loads")] | None = Field(
        None, description="what draws power; recorded loads need no entry"
    )
    panels: PanelsFields | None = Field(None, description="photovoltaics; null where there are none")
    inverter: InverterFields | None = Field(None, description="behind the panels; null for an ideal one")
    wind: TurbineFields | None = Field(None, description="a turbine; null where there is none")
    battery: BatteryFields | None = Field(None, description="null where there is none")
    generator: GeneratorFields | None = Field(None, description="null where there is none")
    grid: GridFields | None = Field(None, description="the connection to the public grid; null for one without limits")
    inputs: InputFields | None = Field(None, description="recorded files; null to generate weather and demand")
    weather: WeatherFields | None = Field(None, description="that is generated")
    tariff: PriceSteps | None = Field(None, description="of import, EUR/kWh; null for none")
    export_tariff: PriceSteps | None = Field(None, description="of export, EUR/kWh; null for none")
    carbon: CarbonSteps | None = Field(None, description="of import, kg/kWh; null for none")
    economics: SiteEconomics | None = Field(None, description="prices of carbon and of unserved load")
    sensors: Annotated[dict[str, MeterFaults | None], named("faults of sensors")] | None = Field(
        None, description="faults by signal, as battery.stored"
    )
    noise: SensorNoise | None = Field(None, description="of the sensors, by quantity")
    wear: Annotated[bool, Switch()] = Field(True, description="false switches wear, failures, fade and soiling off")
    tick: Annotated[float, Number("s", low=1, high=31 * DAY, usual=(MINUTE, 7 * DAY))] = Field(
        HOUR, description="between decisions"
    )
    sample: Annotated[float, Number("s", low=1, high=LONGEST, usual=(10, LONGEST))] = Field(
        15 * MINUTE, description="between sensor samples"
    )

    @model_validator(mode="after")
    def loads_want_something(self) -> MicrogridFields:
        """One load or more, each with a name of its own and a reason to draw power."""
        loads = self.loads or {}
        refuse_names("loads", "a load", loads, TAKEN)
        if len(loads) > MOST_LOADS:
            raise ValueError(f"loads = {len(loads)} loads: must be {MOST_LOADS} at most")
        if self.inputs is not None:
            return self
        if not loads:
            raise ValueError("loads = {}: must name at least one load where there are no recorded inputs")
        for name, load in loads.items():
            if load is None or (load.profile is None and load.jobs is None):
                value = "null" if load is None else "{}"
                raise ValueError(f"loads.{name} = {value}: must have a profile or jobs: there are no recorded inputs")
        return self

    @model_validator(mode="after")
    def panels_behind(self) -> MicrogridFields:
        """An inverter has panels."""
        if self.inverter is not None and self.panels is None:
            raise ValueError("panels = null: must be a mapping of panels where there is an inverter")
        return self

    @model_validator(mode="after")
    def prices_on_steps(self) -> MicrogridFields:
        """Prices change only where the inputs do."""
        step = HOUR if self.inputs is None else self.inputs.step or (15 * MINUTE if self.inputs.steel else 0.0)
        for field in ("tariff", "export_tariff", "carbon") if step else ():
            steps: Steps | None = getattr(self, field)
            changes = [("times", time) for time in steps.times] + [("repeat", steps.repeat)] if steps else []
            for key, time in changes:
                if time < math.inf and time % step:
                    raise ValueError(f"{field}.{key} = {time:g}: must be a multiple of the inputs' step of {step:g} s")
        return self

    @model_validator(mode="after")
    def sensors_are_there(self) -> MicrogridFields:
        """Faults of signals that the site has; those of recorded loads are not known here."""
        there = list(self._signals())
        for key in self.sensors or {}:
            if key not in there and (self.inputs is None or not key.endswith(".power")):
                raise ValueError(f"sensors.{key}: {not_there('signal', key, there)}")
        return self

    def _signals(self) -> Iterator[str]:
        """Keys of the signals that are measured."""
        if self.panels is not None:
            yield from ("inverter.power", "panels.irradiance", "inverter.temperature")
        if self.wind is not None:
            yield "wind.power"
        if self.battery is not None:
            yield from ("battery.power", "battery.stored", "battery.temperature")
        if self.generator is not None:
            yield from ("generator.power", "generator.vibration")
        yield from ("grid.power", "site.temperature", *(f"{load}.power" for load in self.loads or {}))
