"""Loads: what draws by the hour whatever happens, and jobs that can wait."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.laws import LONGEST, EnergyLaw, law_of
from twin.lab.configure.schema.plants.power_asset import MOST_KW, Kilowatts, Share
from twin.lab.configure.schema.quantities import Number, Word, refusal
from twin.units import MINUTE

SHAPES = ("flat", "office", "workshop", "homes")
LONGEST_JOB = 8760.0  # h, a year
Arrival: Any = law_of(Number("s", low=10, high=LONGEST, usual=(MINUTE, LONGEST)))
JobEnergy: Any = law_of(Number("kWh", low=0.001, high=1e5), EnergyLaw)


class ProfileFields(Fields):
    """What a load wants by the hour, see sim.power.demand.LoadDemand."""

    what = "a load's profile"
    mean: Annotated[float, Number("kW", low=0, high=MOST_KW)] = Field(10.0, description="over the year")
    shape: Annotated[str, Word(*SHAPES)] = Field("flat", description="over the day")
    seasonal: Share = Field(0.0, description="relative swing over the year, highest in January")
    noise: Share = Field(0.1, description="relative standard deviation, with a memory of six hours")


class JobFields(Fields):
    """Jobs that draw power until their energy has been drawn, see sim.power.load.Jobs."""

    what = "jobs"
    every: Arrival = Field(description="between arrivals, s")
    energy: JobEnergy = Field(description="of a job, kWh")
    power: Kilowatts = Field(description="that a job draws")
    slack: Annotated[float, Number("h", low=0, high=LONGEST_JOB, usual=(0, 168))] = Field(
        0.0, description="that a job can wait at most"
    )

    @model_validator(mode="after")
    def done_some_day(self) -> JobFields:
        """A job takes less than a year."""
        energy = self.energy if isinstance(self.energy, int | float) else self.energy.mean
        if energy / self.power > LONGEST_JOB:
            reason = f"a job of {energy:g} kWh would take {energy / self.power:.3g} h"
            raise ValueError(f"power = {self.power:g}: must be a number of kW >= {energy / LONGEST_JOB:.3g}: {reason}")
        return self


class LoadFields(Fields):
    """Something that draws power from the bus, see sim.power.load.Load."""

    what = "a load"
    priority: Annotated[float, Number(low=-1e6, high=1e6)] = Field(0.0, description="loads with less are shed first")
    profile: ProfileFields | None = Field(None, description="what it wants by the hour")
    jobs: JobFields | None = Field(None, description="in place of a profile")

    @model_validator(mode="after")
    def one_of_both(self) -> LoadFields:
        """A profile, jobs, or, where it is recorded, neither."""
        if self.profile is not None and self.jobs is not None:
            raise refusal("must have a profile or jobs, not both; null switches one off")
        return self
