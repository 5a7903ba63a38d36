"""What wears on the road: detectors, signal cabinets, surfaces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.laws import LONGEST, Law, law_of
from twin.lab.configure.schema.plants.power_asset import Cost, LevelSpread, RateSpread, Share
from twin.lab.configure.schema.quantities import Number
from twin.units import DAY, HOUR, MINUTE

RoadWork: Any = law_of(Number("s", low=1, high=LONGEST, usual=(MINUTE, 30 * DAY)))
Notice: Any = law_of(Number("s", above=0, high=LONGEST))
RoadLife = Annotated[float, Number("s", low=MINUTE, high=LONGEST, usual=(HOUR, LONGEST))]
Traffic = Annotated[float, Number("veh", low=1, high=LONGEST, usual=(1000, LONGEST))]
PerSecond = Annotated[float, Number("EUR/s", low=0, high=1e6, usual=(0, 100))]


def _repair() -> Law:
    return Law(law="lognormal", mean=HOUR, cv=0.4)


def _notice(mean: float) -> Callable[[], Law]:
    return lambda: Law(law="exponential", mean=mean, cv=0.0)


class RoadUpkeepFields(Fields):
    """What all of them have, see sim.road.upkeep_fields."""

    what = "wear and upkeep"
    life: RoadLife = Field(description="until wear reaches the mean failure level")
    rate_cv: RateSpread = Field(0.4, description="of the rate of wear, from life to life")
    level_sd: LevelSpread = Field(0.12, description="of the failure level")
    preventive: RoadWork = Field(15 * MINUTE, description="planned work, s")
    corrective: RoadWork = Field(default_factory=_repair, description="repair, s")
    notice: Notice = Field(default_factory=_notice(300.0), description="from a failure until it is noticed, s")
    preventive_cost: Cost = Field(0.0, description="of planned work")
    corrective_cost: Cost = Field(0.0, description="of a repair")
    downtime_cost: PerSecond = Field(0.0, description="what planners reckon a second out of order costs")


class DetectorFields(RoadUpkeepFields):
    """The detector stations of the links, see sim.road.detector.Detector."""

    what = "detectors"
    life: RoadLife = Field(DAY, description="mean time until wear reaches the mean failure level")
    preventive_cost: Cost = Field(8.0, description="of planned work")
    corrective_cost: Cost = Field(20.0, description="of a repair")
    downtime_cost: PerSecond = Field(0.004, description="what planners reckon a second out of order costs")
    miss: Share = Field(0.2, description="share of the vehicles that a worn one overlooks")
    failed: Share = Field(0.0, description="share that is out of order from the start and for good")


class ControllerFields(RoadUpkeepFields):
    """The cabinets of the signals, see sim.road.cabinet.Cabinet."""

    what = "controllers"
    life: RoadLife = Field(2 * DAY, description="mean time until wear reaches the mean failure level")
    notice: Notice = Field(default_factory=_notice(60.0), description="from a failure until it is noticed, s")
    preventive_cost: Cost = Field(15.0, description="of planned work")
    corrective_cost: Cost = Field(60.0, description="of a repair")
    downtime_cost: PerSecond = Field(0.05, description="what planners reckon a second out of order costs")
    drift: Annotated[float, Number("s", low=0, high=HOUR)] = Field(10.0, description="by which a worn clock is late")


class PavementFields(RoadUpkeepFields):
    """The surfaces of the links, see sim.road.pavement.Pavement."""

    what = "pavement"
    life: Traffic = Field(40_000.0, description="mean number of vehicles until wear reaches the mean failure level")
    preventive: RoadWork = Field(20 * MINUTE, description="planned work, s")
    preventive_cost: Cost = Field(60.0, description="of planned work")
    corrective_cost: Cost = Field(150.0, description="of a repair")
    downtime_cost: PerSecond = Field(0.02, description="what planners reckon a second out of order costs")
    effect: Annotated[float, Number(low=0, high=0.9)] = Field(
        0.12, description="share of the saturation flow lost at a wear of 1"
    )
    broken: Annotated[float, Number(low=0.01, high=1)] = Field(
        0.75, description="share of the saturation flow that potholes leave"
    )
