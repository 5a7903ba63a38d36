"""The links and signals of a road network by name, and whether they fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from twin.lab.configure.schema.plants.names import not_there, refuse_names
from twin.lab.configure.schema.plants.road_link import OUT, RoadLinkFields
from twin.lab.configure.schema.refusals import shown

MOST_LINKS, BUSIEST = 2000, 100_000.0  # veh/h that enter at one link
# Names of the plant's components, which nothing on the road can have.
TAKEN = (
    *("plant", "network", "crew", "dispatcher", "tally", "loops", "sensors", "sweep", "books"),
    *("telemetry", "events", "downlink", "journal", "actuation", OUT),
)
PARTS = ("demand", "incidents", "upkeep")  # of a link, LINK.PART: names that no group of lanes can have


class RoadLayout:
    """links: fields by name, own ones over the grid's over the common ones. signals: stages' links, by stage, by name.

    Every check raises ValueError in one line that names the field, its value and what is allowed.
    """

    def __init__(
        self, links: Mapping[str, RoadLinkFields], signals: Mapping[str, Mapping[str, Collection[str]]]
    ) -> None:
        self.links, self.signals = links, signals

    def check_names(self) -> None:
        """Some links, not too many; each thing has a name of its own."""
        if not 1 <= len(self.links) <= MOST_LINKS:
            raise ValueError(f"links = {{}}: must be one link or more (at most {MOST_LINKS}), or there must be a grid")
        taken = set(TAKEN)
        for field, what, names in self._named():
            refuse_names(field, what, names, taken)
            taken.update(names)
        for name, link in self.links.items():
            if isinstance(link.lanes, Mapping):
                refuse_names(f"links.{name}.lanes", "a group", link.lanes, PARTS)

    def _named(self) -> Iterator[tuple[str, str, list[str]]]:
        """(field, what it is, names) of all that has a name."""
        yield "links", "a link", list(self.links)
        yield "links", "a link", [f"{link}_loop" for link in self.links]
        yield "signals", "a signal", list(self.signals)
        for signal, stages in self.signals.items():
            yield f"signals.{signal}.stages", "a stage", [f"{signal}_{stage}" for stage in stages]

    def check_ways(self, scale: float) -> None:
        """Links lead to links, and not too much enters."""
        for name, link in self.links.items():
            for target in link.targets():
                if target not in self.links:
                    raise ValueError(f"links.{name}.to.{target}: {not_there('link', target, [OUT, *self.links])}")
            if (link.demand or 0.0) * scale > BUSIEST:
                most = BUSIEST / (link.demand or 1.0)
                reason = f"more than {BUSIEST:g} veh/h would enter at {name}"
                raise ValueError(f"scale = {scale:g}: must be a number <= {most:g}: {reason}")

    def check_stages(self) -> None:
        """Stages serve links, or groups of lanes, that are there."""
        there = list(dict.fromkeys(key for name, link in self.links.items() for key in (name, *_lanes(name, link))))
        known = set(there)
        for name, stages in self.signals.items():
            for stage, served in stages.items():
                for link in served:
                    if link not in known:
                        problem = not_there("link or group of lanes", link, there)
                        raise ValueError(f"signals.{name}.stages.{stage}.links = {link}: {problem}")

    def check_timed(self, links: Collection[str] | None) -> None:
        """Travel times are of links, each named once."""
        for place, name in enumerate(links or ()):
            if name not in self.links:
                raise ValueError(f"travel_times[{place}] = {name}: {not_there('link', name, list(self.links))}")
        if links is not None and len(set(links)) < len(links):
            raise ValueError(f"travel_times = {shown(list(links))}: must name each link once")

    def check_sensors(self, faults: Mapping[str, Any], timed: Collection[str] | None) -> None:
        """Faults are of signals that there are. timed: links that report travel times, None for every other one."""
        there = list(self._measured(list(self.links)[::2] if timed is None else timed)) if faults else []
        for key in faults:
            if key not in there:
                raise ValueError(f"sensors.{key}: {not_there('signal', key, there)}")

    def _measured(self, timed: Collection[str]) -> Iterator[str]:
        for link in self.links:
            yield from (f"{link}_loop.{kind}" for kind in ("count", "occupancy", "queue", "noise"))
        yield from (f"{link}.vibration" for link in self.links)
        yield from (f"{link}.travel_time" for link in timed)
        yield from (f"{signal}_{stage}.state" for signal, stages in self.signals.items() for stage in stages)
        yield from (f"{signal}.noise" for signal in self.signals)


def _lanes(name: str, link: RoadLinkFields) -> list[str]:
    """Its groups of lanes as stages name them."""
    return [f"{name}.{group}" for group in (link.lanes if isinstance(link.lanes, Mapping) else ("all",))]
