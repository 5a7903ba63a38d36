"""A station of a production line: its work, its wear, its failures, its maintenance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from twin.lab.configure.schema.fields import LIST, VALUE, Fields, by_shape, named
from twin.lab.configure.schema.laws import LONGEST, Time, TimeOrNone, ToFailure, Work
from twin.lab.configure.schema.plants.network import Chance
from twin.lab.configure.schema.quantities import Number, Switch, Text, Whole, Word, refusal


def _none_required(schema: dict[str, Any]) -> None:
    """A part of a station may stand in `common` and the rest of it in the station."""
    schema.pop("required", None)


LAID_OVER = ConfigDict(extra="forbid", frozen=True, strict=True, json_schema_extra=_none_required)
SHORTEST = 60.0  # s between failures; less is told of
Watts = Annotated[float, Number("W", low=0, high=1e8)]
Euros = Annotated[float, Number("EUR", low=0, high=1e9)]
Life = Number("s", low=1.0, high=LONGEST, endless=True, usual=(600.0, LONGEST))
Exponent = Annotated[float, Number(low=0, high=10)]
Name = Annotated[str, Text("the name of a station")]


class StationPower(Fields):
    """What a station draws in each state."""

    model_config = LAID_OVER
    what = "power by state"
    idle: Watts = Field(0.0, description="waiting for a part")
    busy: Watts = Field(0.0, description="at work")
    blocked: Watts = Field(0.0, description="done, with no room for the part")
    down: Watts = Field(0.0, description="failed")
    maintenance: Watts = Field(0.0, description="being maintained")


class StationQuality(Fields):
    """The chance of a defect: base + wear x wear_effect + speed_effect x (speed - 1)."""

    model_config = LAID_OVER
    what = "quality"
    base: Chance = Field(0.0, description="chance of a defect when new, at speed 1")
    wear_effect: Chance = Field(0.0, description="added at a wear of 1")
    speed_effect: Chance = Field(0.0, description="added per unit of speed above 1")


class GammaWear(Fields):
    """Wear as a gamma process."""

    model_config = LAID_OVER
    what = "wear"
    life: Annotated[float, Life] = Field(description="mean work until wear reaches the mean failure level")
    rate_cv: Annotated[float, Number(low=0, high=10)] = Field(0.0, description="of the wear rate, from life to life")
    noise_cv: Annotated[float, Number(above=0, high=1000)] = Field(1.0, description="of the growth in one cycle")
    level_sd: Annotated[float, Number(low=0, high=1)] = Field(0.1, description="of the failure level")
    speed_exponent: Exponent = Field(2.0, description="wear goes with speed to this power")
    shock_life: Annotated[float, Life] = Field(math.inf, description="mean work until a shock failure")
    imperfect: Chance = Field(0.0, description="most of the wear that planned work leaves")


class MarkovWear(Fields):
    """Wear in discrete states."""

    model_config = LAID_OVER
    what = "wear in states"
    states: Annotated[int, Whole(2, 10_000)] = Field(description="from new to failed")
    step: Annotated[float, Number(above=0, high=1)] = Field(description="chance of one state more after a cycle")
    speed_exponent: Exponent = Field(0.0, description="the chance goes with speed to this power")
    imperfect: Chance = Field(0.0, description="most of the state that planned work leaves")


def _wear(value: Any) -> str:
    if isinstance(value, MarkovWear):
        return "(states)"
    return "(states)" if isinstance(value, Mapping) and "states" in value else "(gamma)"


StationWear = Annotated[
    Annotated[GammaWear, Tag("(gamma)")] | Annotated[MarkovWear, Tag("(states)")], Discriminator(_wear)
]


class Mode(Fields):
    """One way to fail, beside wear."""

    model_config = LAID_OVER
    what = "a failure mode"
    time: ToFailure | None = Field(None, description="until it strikes, on its clock (s, or cycles); mttf in its place")
    mttf: Annotated[float, Life] | None = Field(None, description="mean of an exponential time to failure")
    clock: Annotated[str, Word("operation", "time", "cycles")] = Field(
        "operation", description="s of work, s of the calendar in service, or cycles"
    )
    repair: TimeOrNone | None = Field(None, description="s; null, and no mttr: the station's corrective time")
    mttr: Annotated[float, Number("s", above=0, high=LONGEST)] | None = Field(
        None, description="mean of an exponential repair time"
    )
    skill: Annotated[str, Text("a skill")] | None = Field(None, description="that the repair takes")
    minor: Annotated[bool, Switch()] = Field(False, description="takes no spare part and renews nothing else")
    spare: Annotated[bool, Switch()] = Field(True, description="whether the repair takes the station's spare part")
    cost: Euros | None = Field(None, description="of the repair; null for the station's")

    @model_validator(mode="before")
    @classmethod
    def counted(cls, value: Any) -> Any:
        """Cycles have no unit of time."""
        if isinstance(value, Mapping) and value.get("clock") == "cycles":
            time = value.get("time")
            mean = time.get("mean") if isinstance(time, Mapping) else time
            if isinstance(mean, str):
                raise refusal(f"its clock counts cycles: time = {mean}: must be a number of cycles")
        return value

    @model_validator(mode="after")
    def one_of_each(self) -> Mode:
        """A time to failure, and of law and mean one only."""
        if self.time is None and self.mttf is None:
            raise ValueError("time: is missing, or mttf in its place")
        for law, mean in (("time", "mttf"), ("repair", "mttr")):
            if getattr(self, law) is not None and getattr(self, mean) is not None:
                raise ValueError(f"{mean} = {getattr(self, mean):g}: {law} says it already: give one of them")
        if self.mttf is not None and self.clock == "cycles":
            raise ValueError("mttf: is a time, and the clock counts cycles: give time")
        return self

    @property
    def mended(self) -> bool:
        """Whether it says itself how long its repair takes."""
        return self.repair is not None or self.mttr is not None

    def odd(self) -> Iterator[str]:
        """A mean time to failure of less than a minute."""
        time = self.mttf if self.time is None else self.time
        mean = time if isinstance(time, int | float) else getattr(time, "mean", math.inf)
        if self.clock != "cycles" and mean < SHORTEST:
            yield f"time = {mean:g} s: less than {SHORTEST:g} s, is it meant? a unit may follow: {mean:g} h"


class StandingPlanFields(Fields):
    """When a station is maintained without an order."""

    model_config = LAID_OVER
    what = "a standing plan"
    age: Annotated[float, Number("s", low=1.0, high=LONGEST)] = Field(math.inf, description="work since renewal")
    every: Annotated[float, Number("s", low=1.0, high=LONGEST)] = Field(math.inf, description="by the calendar")
    wear: Annotated[float, Number(above=0, high=10)] = Field(math.inf, description="wear at the end of a cycle")
    opportunistic: Annotated[float, Number(above=0, high=1)] = Field(
        1.0, description="share of age or wear from which on it joins when another station stands"
    )


class StationMaintenance(Fields):
    """Times, costs and needs of work on a station."""

    model_config = LAID_OVER
    what = "maintenance"
    preventive: TimeOrNone | None = Field(None, description="planned work, s; null: there is none, and no work order")
    corrective: TimeOrNone | None = Field(None, description="repair, s; needed beside wear and planned work")
    preventive_cost: Euros = Field(0.0, description="of planned work")
    corrective_cost: Euros = Field(0.0, description="of a repair")
    spare: Annotated[str, Text("a kind of spare part")] | None = Field(None, description="that work takes")
    skill: Annotated[str, Text("a skill")] | None = Field(None, description="that work takes")
    interrupts: Annotated[bool, Switch()] = Field(False, description="whether planned work breaks a cycle off")
    plan: StandingPlanFields | None = Field(None, description="when it is maintained without an order")


class Vibration(Fields):
    """base (1 + wear_effect x wear^1.5) speed^0.5 in mm/s."""

    model_config = LAID_OVER
    what = "vibration"
    base: Annotated[float, Number("mm/s", low=0, high=1000)] = Field(2.0, description="when new, at speed 1")
    wear_effect: Annotated[float, Number(low=0, high=1000)] = Field(1.5, description="share of it added at a wear of 1")
    noise: Annotated[float, Number("mm/s", low=0, high=1000)] = Field(0.25, description="of the sensor")
    gain: Annotated[float, Number(low=-1000, high=1000)] = Field(1.0, description="of the sensor")


class Temperature(Fields):
    """A first-order lag towards ambient + load_effect x load + wear_effect x wear, in degrees Celsius."""

    model_config = LAID_OVER
    what = "temperature"
    ambient: Annotated[float, Number("degC", low=0, high=200)] = Field(21.0, description="mean of the hall")
    swing: Annotated[float, Number("degC", low=0, high=100)] = Field(3.0, description="of the hall, by the day")
    load_effect: Annotated[float, Number("degC", low=0, high=1000)] = Field(22.0, description="added at full load")
    wear_effect: Annotated[float, Number("degC", low=0, high=1000)] = Field(12.0, description="added at a wear of 1")
    lag: Annotated[float, Number("s", above=0, high=LONGEST)] = Field(1800.0, description="time constant")
    noise: Annotated[float, Number("degC", low=0, high=100)] = Field(0.6, description="of the sensor")
    gain: Annotated[float, Number(low=-1000, high=1000)] = Field(1.0, description="of the sensor")


class StationFields(Fields):
    """One station."""

    model_config = LAID_OVER
    what = "a station"
    type: Annotated[str, Text("text")] = Field("station", description="of machine, for the twin")
    cycle: Work = Field(description="of one part at speed 1, s")
    buffer: Annotated[int, Whole(0, 1_000_000)] = Field(0, description="places in front")
    queue: Annotated[str, Text("text")] | None = Field(
        None, description="stations of one queue take from the same buffer"
    )
    transit: Time | None = Field(None, description="how long parts travel to it, s")
    to: Annotated[Annotated[Name, VALUE] | Annotated[list[Name], LIST], by_shape(VALUE, LIST)] | None = Field(
        None, description="the next stations"
    )
    routing: Annotated[str, Word("first", "share", "shortest", "setpoint")] = Field(
        "first", description="how one of several next stations is chosen"
    )
    shares: list[Annotated[float, Number(above=0, high=1e6)]] = Field(
        default_factory=list, description="one for each of `to`"
    )
    rework: Annotated[str, Text("the name of a station")] | None = Field(None, description="where defects go once")
    assemble: Annotated[bool, Switch()] = Field(False, description="takes a part of each station before it")
    inspects: Annotated[bool, Switch()] = Field(True, description="whether it finds defects")
    operators: Annotated[str, Text("the name of a pool")] | None = Field(None, description="one is needed for a cycle")
    power: StationPower | None = Field(None, description="by state, with a sensor; null: neither")
    quality: StationQuality | None = Field(None, description="chance of a defect")
    wear: StationWear | None = Field(None, description="a gamma process, or discrete states")
    failures: Annotated[dict[str, Mode | None], named("failure modes")] | None = Field(
        None, description="failure modes beside wear, by name"
    )
    maintenance: StationMaintenance | None = Field(None, description="times, costs and needs of work")
    priority: Annotated[float, Number(low=-1e6, high=1e6)] = Field(0.0, description="crews go to the highest first")
    arrivals: Work | None = Field(None, description="time between parts that enter here, s; null: always one")
    vibration: Vibration | None = Field(None, description="what its sensor measures; {} the usual; null: no sensor")
    temperature: Temperature | None = Field(None, description="what its sensor measures; {} the usual; null: no sensor")
    power_noise: Annotated[float, Number("kW", low=0, high=1e5)] = Field(0.15, description="of the power sensor")

    @property
    def sensors(self) -> list[str]:
        """The quantities that its fields ask a sensor for."""
        fields = {"vibration": self.vibration, "temperature": self.temperature, "power": self.power}
        return [quantity for quantity, field in fields.items() if field is not None]
