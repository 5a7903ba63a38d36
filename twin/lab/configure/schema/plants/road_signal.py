"""Signals of a road network, and their stages."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields, named
from twin.lab.configure.schema.quantities import Number, Text

Cycle = Annotated[float, Number("s", low=5, high=3600, usual=(20, 300))]
Split = Annotated[float, Number(low=0.001, high=1e4)]
Green = Annotated[float, Number("s", low=1, high=3600, usual=(1, 300))]
Calls = Annotated[float, Number("1/h", low=0, high=3600)]
Walk = Annotated[float, Number("s", low=0, high=600)]


def in_order(min_green: float, max_green: float) -> None:
    """Raises ValueError where the least green is more than the most."""
    if min_green > max_green:
        raise ValueError(f"min_green = {min_green:g}: must be a number of s <= max_green = {max_green:g}")


class StageFields(Fields):
    """Lanes that have green together, see sim.road.signal.SignalStage."""

    what = "a stage"
    links: list[Annotated[str, Text("the name of a link, or link.group")]] = Field(
        min_length=1, description="links, or link.group, that have green"
    )
    split: Split = Field(1.0, description="its weight among the stages' greens")
    min_green: Green = Field(5.0, description="the least green")
    max_green: Green = Field(60.0, description="the most green under actuation")
    pedestrians: Calls = Field(0.0, description="calls per hour")
    walk: Walk = Field(0.0, description="least green that answers a call")

    @model_validator(mode="after")
    def greens_in_order(self) -> StageFields:
        """From the least to the most."""
        in_order(self.min_green, self.max_green)
        return self


class TrafficSignalFields(Fields):
    """The controller of one crossing, see sim.road.signal.TrafficSignal."""

    what = "a signal"
    cycle: Cycle = Field(90.0, description="of the fixed plan")
    offset: Annotated[float, Number("s", low=0, high=3600)] = Field(0.0, description="from which the cycle is counted")
    extension: Annotated[float, Number("s", low=0, high=60)] = Field(
        0.0, description="gap that ends a green under actuation; 0: a fixed plan"
    )
    stages: Annotated[dict[str, StageFields], named("stages")] = Field(
        min_length=1, description="by name, in the order in which they take turns"
    )


class ControlFields(Fields):
    """Times of every signal, see sim.road.lanes.Lanes and sim.road.signal.TrafficSignal."""

    what = "times of the signals"
    yellow: Annotated[float, Number("s", low=0, high=60)] = Field(3.0, description="after each green")
    all_red: Annotated[float, Number("s", low=0, high=60)] = Field(2.0, description="after each yellow")
    startup: Annotated[float, Number("s", low=0, high=60)] = Field(3.83, description="lost at the onset of green")
    yellow_used: Annotated[float, Number("s", low=0, high=60)] = Field(
        2.0, description="for which vehicles go on after the onset of yellow"
    )
    hold: Annotated[float, Number("s", low=1, high=86_400)] = Field(
        60.0, description="for which a stage that was asked for stays"
    )

    @model_validator(mode="after")
    def between_greens(self) -> ControlFields:
        """Nobody drives into the next green."""
        most = self.yellow + self.all_red
        if self.yellow_used > most:
            raise ValueError(
                f"yellow_used = {self.yellow_used:g}: must be a number of s <= yellow + all_red = {most:g}"
            )
        return self
