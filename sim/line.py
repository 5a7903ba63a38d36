"""From a readable description of a line to its components."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sim.bottleneck import Stage, best_rate, losses
from sim.buffer import Buffer
from sim.checks import integer, known, number
from sim.crew import Crew
from sim.distribution import Distribution
from sim.journal import Journal
from sim.kernel import Kernel
from sim.quality import Quality
from sim.router import Router
from sim.sink import Sink
from sim.source import Source
from sim.spares import Spares
from sim.station import STATES, Maintenance, Station
from sim.streams import Stream
from sim.wear import Wear
from sim.wip import WorkInProcess

STATION_FIELDS = (
    "type", "cycle", "buffer", "to", "routing", "shares", "rework", "assemble", "inspects", "power", "quality", "wear",
    "maintenance", "priority", "vibration", "temperature", "power_noise", "arrivals",
)  # fmt: skip


def merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` over `defaults`, mapping by mapping; a None in `own` switches a part off."""
    result = dict(defaults)
    for key, value in own.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


class Line:
    """The stations of a line, wired up. stations: name → fields (see STATION_FIELDS).

    A station nobody feeds has a source, one that feeds nobody a sink. `to`: names of the next stations; `buffer`:
    places in front of the station (each of its inputs', with `assemble: true`); `rework`: where defective parts found
    here go once. wear: False switches wear and failures off.
    rate: parts per second that could leave at best. losses: parts per second lost while a station stands still.
    Raises ValueError naming the field, its value and what is allowed.
    """

    def __init__(
        self, *, kernel: Kernel, seed: int, stations: Mapping[str, Mapping[str, Any]], crew: Crew, journal: Journal,
        wip: WorkInProcess, wear: bool, spares: Mapping[str, Spares],
    ) -> None:  # fmt: skip
        if not stations:
            raise ValueError("stations = {}: must name at least one station")
        self._kernel, self._seed, self._wip, self._fields, self._spares = kernel, seed, wip, stations, spares
        self.sources: list[Source] = []
        self.sinks: list[Sink] = []
        for name, fields in stations.items():
            self._check(name, fields)
        self._inputs = {name: self._make_inputs(name) for name in stations}
        self.stations = {
            name: self._make_station(name, fields, crew, journal, wear) for name, fields in stations.items()
        }
        for name, fields in stations.items():
            self._route(name, fields)
        self.losses = losses(self._stages())
        self.rate = best_rate(self._stages())
        if not self.rate > 0:
            raise ValueError(f"stations = {', '.join(stations)}: no part can reach the end of this line")

    def _stages(self) -> dict[str, Stage]:
        """Stations in the flow of good parts: those only fed by rework are beside it."""
        aside = {n for n in self._fields if not self._feeders(n) and not isinstance(self._inputs[n][0], Source)}
        return {
            name: Stage(
                self.stations[name].cycle_time,
                tuple(names_of(fields.get("to"))),
                tuple(fields.get("shares", ())) if fields.get("routing") == "share" else (),
                bool(fields.get("assemble")),
            )
            for name, fields in self._fields.items()
            if name not in aside
        }

    def _check(self, name: str, fields: Mapping[str, Any]) -> None:
        known(f"station {name}", fields, STATION_FIELDS)
        if "." in name or name == "line":
            raise ValueError(f"station {name!r}: a station's name has no dot and is not 'line'")
        for field in ("to", "rework"):
            targets = fields.get(field) or []
            for target in [targets] if isinstance(targets, str) else targets:
                if target not in self._fields:
                    raise ValueError(
                        f"{name}.{field} = {target!r}: there is no such station; there are {', '.join(self._fields)}"
                    )
        if "cycle" not in fields:
            raise ValueError(f"{name}.cycle: is missing")

    def _feeders(self, name: str) -> list[str]:
        return [other for other, fields in self._fields.items() if name in names_of(fields.get("to"))]

    def _make_inputs(self, name: str) -> list[Buffer]:
        fields, feeders = self._fields[name], self._feeders(name)
        capacity = fields.get("buffer", 0)
        reworked = any(other.get("rework") == name for other in self._fields.values())
        if not feeders and not reworked:
            return [self._make_source(name, fields)]
        if fields.get("assemble"):
            return [Buffer(kernel=self._kernel, name=f"{name}.buffer.{f}", capacity=capacity) for f in feeders]
        return [Buffer(kernel=self._kernel, name=f"{name}.buffer", capacity=capacity)]

    def _make_source(self, name: str, fields: Mapping[str, Any]) -> Source:
        arrivals = fields.get("arrivals")
        law = None if arrivals is None else self._distribution(f"{name}.arrivals", arrivals)
        capacity = integer(f"{name}.buffer", fields.get("buffer", 0), low=0)
        source = Source(kernel=self._kernel, name=f"{name}.source", wip=self._wip, capacity=capacity, arrivals=law)
        self.sources.append(source)
        return source

    def _make_station(self, name: str, fields: Mapping[str, Any], crew: Crew, journal: Journal, wear: bool) -> Station:
        upkeep = fields.get("maintenance")
        own = fields.get("wear")
        quality = fields.get("quality")
        power = dict(fields.get("power") or {})
        known(f"{name}.power", power, STATES)
        return Station(
            kernel=self._kernel,
            name=name,
            cycle=self._distribution(f"{name}.cycle", fields["cycle"]),
            inputs=self._inputs[name],
            wip=self._wip,
            journal=journal,
            crew=crew,
            wear=_wear(self._seed, name, own) if wear and own else None,
            quality=_quality(self._seed, name, quality) if quality else None,
            maintenance=self._maintenance(name, upkeep) if upkeep else None,
            power=[number(f"{name}.power.{s}", power.get(s, 0.0), low=0) for s in STATES],
            inspects=bool(fields.get("inspects", True)),
            spares=self._spare(name, (upkeep or {}).get("spare")),
            priority=number(f"{name}.priority", fields.get("priority", 0.0)),
        )

    def _spare(self, name: str, kind: str | None) -> Spares | None:
        if kind is not None and kind not in self._spares:
            raise ValueError(
                f"{name}.maintenance.spare = {kind!r}: must be one of the spares: {', '.join(self._spares)}"
            )
        return self._spares[kind] if kind is not None else None

    def _maintenance(self, name: str, fields: Mapping[str, Any]) -> Maintenance:
        allowed = ("preventive", "corrective", "preventive_cost", "corrective_cost", "spare")
        known(f"{name}.maintenance", fields, allowed)
        missing = [field for field in allowed[:2] if field not in fields]
        if missing:
            raise ValueError(f"{name}.maintenance.{missing[0]}: is missing")
        return Maintenance(
            preventive=self._distribution(f"{name}.maintenance.preventive", fields["preventive"]),
            corrective=self._distribution(f"{name}.maintenance.corrective", fields["corrective"]),
            preventive_cost=number(f"{name}.maintenance.preventive_cost", fields.get("preventive_cost", 0.0), low=0),
            corrective_cost=number(f"{name}.maintenance.corrective_cost", fields.get("corrective_cost", 0.0), low=0),
        )

    def _route(self, name: str, fields: Mapping[str, Any]) -> None:
        station, targets = self.stations[name], []
        for target in names_of(fields.get("to")):
            feeders = self._feeders(target)
            several = bool(self._fields[target].get("assemble"))
            targets.append(self._inputs[target][feeders.index(name) if several else 0])
        if not targets:
            sink = Sink(kernel=self._kernel, name=f"{name}.sink", wip=self._wip)
            self.sinks.append(sink)
            targets = [sink]
        station.router = Router(
            field=name,
            targets=targets,
            stream=Stream(self._seed, f"{name}.routing"),
            rule=fields.get("routing", "first"),
            shares=fields.get("shares", ()),
        )
        if fields.get("rework"):
            station.rework = self._inputs[fields["rework"]][0]

    def _distribution(self, field: str, spec: Any) -> Distribution:
        return Distribution(spec, seed=self._seed, field=field)


def names_of(targets: str | Sequence[str] | None) -> list[str]:
    return [targets] if isinstance(targets, str) else list(targets or [])


def _wear(seed: int, name: str, fields: Mapping[str, Any]) -> Wear:
    allowed = ("life", "rate_cv", "noise_cv", "level_sd", "speed_exponent", "shock_life", "imperfect")
    known(f"{name}.wear", fields, allowed)
    if "life" not in fields:
        raise ValueError(f"{name}.wear.life: is missing")
    return Wear(seed=seed, name=name, **{"shock_life": math.inf, **fields})


def _quality(seed: int, name: str, fields: Mapping[str, Any]) -> Quality:
    known(f"{name}.quality", fields, ("base", "wear_effect", "speed_effect"))
    return Quality(field=f"{name}.quality", stream=Stream(seed, f"{name}.quality"), **fields)
