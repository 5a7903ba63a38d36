"""Links of a road network, and their lanes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import MAPPING, VALUE, Fields, by_shape, named
from twin.lab.configure.schema.plants.power_asset import Share
from twin.lab.configure.schema.quantities import Number, Whole

OUT = "out"  # a way that leaves the network
LaneCount = Annotated[int, Whole(1, 20)]
Flow = Annotated[float, Number("veh/h", low=10, high=20_000, usual=(600, 3000))]
Metres = Annotated[float, Number("m", low=1, high=1e6, usual=(10, 1e5))]
Speed = Annotated[float, Number("m/s", low=0.5, high=150, usual=(2, 50))]
Friction = Annotated[float, Number("s", low=0, high=3600)]
Rate = Annotated[float, Number("veh/h", low=0, high=20_000, usual=(0, 10_000))]
Ways = Annotated[dict[str, Share], named("shares")]


class LaneGroup(Fields):
    """Lanes that the signal serves apart."""

    what = "a group of lanes"
    lanes: LaneCount = Field(1, description="how many")
    flow: Flow = Field(1900.0, description="saturation, of each lane; the link's where it has none of its own")
    to: Ways | None = Field(None, description="share of the link's vehicles by next link, or out")


class RoadLinkFields(Fields):
    """A road from one crossing to the next, see sim.road.roads.Roads."""

    what = "a link"
    length: Metres = Field(300.0, description="of the link")
    speed: Speed = Field(13.89, description="free")
    friction: Friction = Field(0.0, description="lost on the way even with all signals green")
    flow: Flow = Field(1900.0, description="saturation, of each lane")
    lanes: Annotated[
        Annotated[LaneCount, VALUE] | Annotated[dict[str, LaneGroup], named("groups of lanes"), MAPPING],
        by_shape(VALUE, MAPPING),
    ] = Field(1, description="how many, or groups of them by name")
    to: Ways | None = Field(None, description="share of the vehicles by next link, or out; null: all leave the network")
    demand: Rate | None = Field(None, description="mean of what enters the network here; null for none")

    @model_validator(mode="after")
    def shares_of_one(self) -> RoadLinkFields:
        """Each vehicle goes somewhere."""
        _sum_to_one("to", [self.to or {OUT: 1.0}])
        if isinstance(self.lanes, Mapping):
            if not self.lanes or any("." in name or not name.strip() for name in self.lanes):
                raise ValueError(f"lanes = {list(self.lanes)}: must name one group or more, without a dot in its name")
            _sum_to_one("lanes", [group.to or {OUT: 1.0} for group in self.lanes.values()])
        return self

    def targets(self) -> list[str]:
        """Links that its vehicles go to, by what it says itself."""
        groups = list(self.lanes.values()) if isinstance(self.lanes, Mapping) else [self]
        return [target for group in groups for target in group.to or () if target != OUT]


def _sum_to_one(field: str, ways: list[dict[str, float]]) -> None:
    total = math.fsum(share for way in ways for share in way.values())
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        where = "the shares of all its groups" if field == "lanes" else "its shares"
        raise ValueError(f"{field}: {where} must sum to 1, they sum to {total:g}")
