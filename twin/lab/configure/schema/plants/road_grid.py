"""A rectangular network of crossings."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import MAPPING, VALUE, Fields, by_shape
from twin.lab.configure.schema.plants.power_asset import Share
from twin.lab.configure.schema.plants.road_link import Flow, Friction, LaneCount, Metres, Rate, Speed
from twin.lab.configure.schema.plants.road_signal import Calls, Cycle, Green, Split, Walk, in_order
from twin.lab.configure.schema.quantities import Number, Whole

MOST = 400  # crossings: building more takes minutes
Side = Annotated[int, Whole(1, MOST)]


class LanesByAxis(Fields):
    """Lanes per link."""

    what = "lanes by axis"
    ew: LaneCount = Field(1, description="east and west")
    ns: LaneCount = Field(1, description="north and south")


class DemandByAxis(Fields):
    """Vehicles per entrance."""

    what = "demand by axis"
    ew: Rate | None = Field(400.0, description="east and west")
    ns: Rate | None = Field(400.0, description="north and south")


class SplitsByAxis(Fields):
    """Weights of the two stages' greens."""

    what = "splits by axis"
    ew: Split = Field(1.0, description="east and west")
    ns: Split = Field(1.0, description="north and south")


class TurnShares(Fields):
    """How vehicles turn at each crossing."""

    what = "shares of turns"
    left: Share = Field(0.0, description="share that turns left")
    through: Share = Field(0.0, description="share that goes on")
    right: Share = Field(0.0, description="share that turns right")

    @model_validator(mode="after")
    def shares_of_one(self) -> TurnShares:
        """Each vehicle goes somewhere; nothing given is all through."""
        total = self.left + self.through + self.right
        if self.model_fields_set and not math.isclose(total, 1.0, abs_tol=1e-6):
            given = f"left = {self.left:g}, through = {self.through:g}, right = {self.right:g}"
            raise ValueError(f"{given}: must sum to 1")
        return self


class RoadGridFields(Fields):
    """Rows and columns of signalised crossings, see sim.road.geometry.grid."""

    what = "a grid of crossings"
    rows: Side = Field(1, description="from north to south")
    columns: Side = Field(1, description="from west to east")
    spacing: Metres = Field(300.0, description="between crossings")
    entry: Metres = Field(300.0, description="of the roads that lead in")
    lanes: Annotated[Annotated[LaneCount, VALUE] | Annotated[LanesByAxis, MAPPING], by_shape(VALUE, MAPPING)] = Field(
        1, description="per link, or by axis"
    )
    flow: Flow = Field(1900.0, description="saturation, of each lane")
    speed: Speed = Field(13.89, description="free")
    friction: Friction = Field(0.0, description="lost on the way even with all signals green")
    turns: TurnShares | None = Field(None, description="shares of left, through, right; null: all go through")
    demand: Annotated[Annotated[Rate, VALUE] | Annotated[DemandByAxis, MAPPING], by_shape(VALUE, MAPPING)] | None = (
        Field(400.0, description="mean per entrance, or by axis; null for none")
    )
    cycle: Cycle = Field(90.0, description="of every signal's fixed plan")
    splits: Annotated[Annotated[Split, VALUE] | Annotated[SplitsByAxis, MAPPING], by_shape(VALUE, MAPPING)] = Field(
        1.0, description="weights of the two stages' greens"
    )
    wave: Annotated[float, Number("m/s", low=0.5, high=150)] | None = Field(
        None, description="of a green wave eastwards and southwards; null for no offsets"
    )
    min_green: Green = Field(5.0, description="the least green of every stage")
    max_green: Green = Field(60.0, description="the most green under actuation")
    pedestrians: Calls = Field(0.0, description="calls per hour and stage")
    walk: Walk = Field(0.0, description="least green that answers a call")

    @model_validator(mode="after")
    def possible(self) -> RoadGridFields:
        """Not too many crossings, and a least green below the most."""
        if self.rows * self.columns > MOST:
            raise ValueError(f"rows = {self.rows}: must be a whole number, rows x columns <= {MOST} crossings")
        in_order(self.min_green, self.max_green)
        return self
