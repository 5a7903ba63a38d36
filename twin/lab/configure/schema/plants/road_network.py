"""A network of signalised crossings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from sim.road.geometry import grid as links_and_signals
from twin.lab.configure.schema.fields import Fields, Part, named
from twin.lab.configure.schema.laws import LONGEST, Law, TimeOrNone, law_of
from twin.lab.configure.schema.plants.network import MeterFaults
from twin.lab.configure.schema.plants.road_demand import DemandOfDay
from twin.lab.configure.schema.plants.road_grid import RoadGridFields
from twin.lab.configure.schema.plants.road_layout import RoadLayout
from twin.lab.configure.schema.plants.road_link import RoadLinkFields
from twin.lab.configure.schema.plants.road_signal import ControlFields, TrafficSignalFields
from twin.lab.configure.schema.plants.road_upkeep import ControllerFields, DetectorFields, PavementFields
from twin.lab.configure.schema.quantities import Number, Switch, Text, Whole
from twin.units import DAY, HOUR, MINUTE

Clearing: Any = law_of(Number("s", low=1, high=LONGEST, usual=(MINUTE, 7 * DAY)))


class IncidentFields(Fields):
    """A link passes fewer vehicles for a while, see sim.road.incident.Incidents."""

    what = "incidents"
    per_day: Annotated[float, Number(low=0, high=1000, usual=(0, 24))] = Field(0.0, description="of each link, mean")
    duration: Clearing = Field(
        default_factory=lambda: Law(law="lognormal", mean=1200.0, cv=0.7), description="of one, s"
    )
    remaining: Annotated[float, Number(low=0.01, below=1)] = Field(0.5, description="share of the capacity left")


class RoadEconomics(Fields):
    """Prices, see sim.road.tally."""

    what = "money"
    delay: Annotated[float, Number("EUR/h", low=0, high=1e6, usual=(0, 1000))] = Field(
        18.0, description="of a vehicle's delay"
    )
    stop: Annotated[float, Number("EUR", low=0, high=1e6, usual=(0, 10))] = Field(0.012, description="of one stop")
    co2: Annotated[float, Number("EUR/kg", low=0, high=1e4, usual=(0, 5))] = Field(0.1, description="of CO2")


class TrafficNetworkFields(Part):
    """Crossings, links, demand, wear; see sim.plants.traffic_network.TrafficNetwork."""

    path = "sim.plants.traffic_network.TrafficNetwork"
    what = "a traffic network"
    grid: RoadGridFields | None = Field(None, description="a rectangular network")
    links: Annotated[dict[str, RoadLinkFields], named("links")] | None = Field(
        None, description="of any network, or fields laid over the grid's"
    )
    signals: Annotated[dict[str, TrafficSignalFields], named("signals")] | None = Field(
        None, description="of any network, or in place of the grid's"
    )
    common: RoadLinkFields | None = Field(None, description="fields laid under every link's")
    control: ControlFields | None = Field(None, description="times of every signal")
    profile: DemandOfDay | None = Field(None, description="factors of the demand over the day, hourly; null: steady")
    scale: Annotated[float, Number(low=1e-6, high=100, usual=(0.01, 10))] = Field(1.0, description="times all demand")
    detectors: DetectorFields | None = Field(None, description="of the links")
    controllers: ControllerFields | None = Field(None, description="of the signals")
    pavement: PavementFields | None = Field(None, description="of the links")
    incidents: IncidentFields | None = Field(None, description="null for none")
    economics: RoadEconomics | None = Field(None, description="prices of delay, stops and CO2")
    technicians: Annotated[int, Whole(1, 10_000)] = Field(2, description="on the road")
    travel: TimeOrNone | None = Field(None, description="of technicians to a job, s; null for none")
    sensors: Annotated[dict[str, MeterFaults | None], named("faults of sensors")] | None = Field(
        None, description="faults by signal, as west1_A1_loop.count"
    )
    travel_times: list[Annotated[str, Text("the name of a link")]] | None = Field(
        None, description="links that report them; null: every other one"
    )
    wear: Annotated[bool, Switch()] = Field(True, description="false switches wear and failures off")
    tick: Annotated[float, Number("s", low=0.1, high=HOUR, usual=(1, HOUR))] = Field(
        10.0, description="between decisions"
    )
    sample: Annotated[float, Number("s", low=0.1, high=LONGEST, usual=(1, LONGEST))] = Field(
        5.0, description="between sensor samples"
    )

    @model_validator(mode="after")
    def laid_out(self) -> TrafficNetworkFields:
        """Links that lead to links, signals that serve links, and names that nothing else has."""
        made_links, made_signals = (
            links_and_signals(self.grid.model_dump(exclude_unset=True)) if self.grid is not None else ({}, {})
        )
        made = {name: RoadLinkFields.model_construct(**fields) for name, fields in made_links.items()}
        own, names = self.links or {}, dict.fromkeys((*made_links, *(self.links or {})))
        stages = {name: signal["stages"] for name, signal in made_signals.items()}
        layout = RoadLayout(
            {name: _over(self.common, made.get(name), own.get(name)) for name in names},
            {name: {stage: fields["links"] for stage, fields in signal.items()} for name, signal in stages.items()}
            | {name: {s: f.links for s, f in signal.stages.items()} for name, signal in (self.signals or {}).items()},
        )
        layout.check_names()
        layout.check_ways(self.scale)
        layout.check_stages()
        layout.check_timed(self.travel_times)
        layout.check_sensors(self.sensors or {}, self.travel_times)
        return self


def _over(*layers: RoadLinkFields | None) -> RoadLinkFields:
    """A link of the fields that the layers give, later ones over earlier ones."""
    given = {key: getattr(layer, key) for layer in layers if layer for key in layer.model_fields_set}
    return RoadLinkFields.model_construct(**given)
