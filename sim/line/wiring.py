"""From a readable description of a line to its components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.engine.checks import integer, known, number
from sim.engine.distribution import Distribution
from sim.engine.instant import turns
from sim.engine.kernel import Kernel
from sim.engine.streams import Stream
from sim.line.bottleneck import FlowStage, best_rate, losses
from sim.line.buffer import Buffer
from sim.line.conveyor import Conveyor
from sim.line.conwip import ConwipCards
from sim.line.machine import STATES
from sim.line.operators import Operators
from sim.line.routing import Router
from sim.line.sink import Sink
from sim.line.source import Source
from sim.line.standing_plan import StandingPlan
from sim.line.station import Station
from sim.line.station_fields import STATION_FIELDS, names_of
from sim.line.station_parts import make_failures, make_maintenance, make_plan, make_quality, make_wear, truth
from sim.line.station_upkeep import StationUpkeep
from sim.line.work_in_process import WorkInProcess
from sim.maintenance.dispatcher import Dispatcher
from sim.maintenance.spares import Spares
from sim.telemetry.journal import Journal


class LineBuilder:
    """The stations of a line, wired up. stations: name → fields (see sim.line.station_fields).

    A station nobody feeds has a source, one that feeds nobody a sink. `to`: names of the next stations; `buffer`:
    places in front of the station (each of its inputs', with `assemble: true`); `transit`: how long parts travel to it;
    `queue`: stations of one queue take from the same buffer or source, which the first of them describes; `rework`:
    where defective parts found here go once; `priority`: who acts first at equal times (higher first, then by name),
    and whom crews serve first. wear: False switches wear and failures off.
    operators: people in each pool, by its name; crews: by name. conwip: most parts in the line, or by the station
    where they enter.
    rate: parts per second that could leave at best. losses: parts per second lost while a station is out of service.
    Raises ValueError naming the field, its value and what is allowed.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        seed: int,
        stations: Mapping[str, Mapping[str, Any]],
        dispatcher: Dispatcher,
        journal: Journal,
        wip: WorkInProcess,
        wear: bool,
        spares: Mapping[str, Spares],
        operators: Mapping[str, int] | None = None,
        conwip: int | Mapping[str, int] | None = None,
    ) -> None:
        if not stations:
            raise ValueError("stations = {}: must name at least one station")
        self._kernel, self._seed, self._wip, self._fields, self._spares = kernel, seed, wip, stations, spares
        self._dispatcher, self._journal = dispatcher, journal
        self.crews = {crew.name.removeprefix("crew."): crew for crew in dispatcher.crews}
        self.sources: list[Source] = []
        self.sinks: list[Sink] = []
        for name, fields in stations.items():
            self._check(name, fields)
        self._turns = turns({n: number(f"{n}.priority", own.get("priority", 0.0)) for n, own in stations.items()})
        self.operators = {
            pool: Operators(kernel=kernel, name=f"operators.{pool}", count=count)
            for pool, count in (operators or {}).items()
        }
        self._queues = self._find_queues()
        self._cards = self._make_cards(conwip)
        self._made: dict[str, list[Buffer]] = {}
        for name in stations:
            self._made[name] = self._make_inputs(name)
        self.stations = {name: self._make_station(name, fields) for name, fields in stations.items()}
        for name, fields in stations.items():
            self._look_after(self.stations[name], fields, wear)
        self._share_opportunities()
        for name, fields in stations.items():
            self._route(name, fields)
        self.losses = losses(self._stages())
        self.rate = best_rate(self._stages())
        if not self.rate > 0:
            raise ValueError(f"stations = {', '.join(stations)}: no part can reach the end of this line")

    def stages(self) -> list[tuple[str, list[str]]]:
        """Stations that do the same work side by side, with the name of their queue, or their own names joined.

        Those of one queue; else those of one type with the same stations before and after them.
        """
        groups: dict[tuple[str, ...], list[str]] = {}
        for name, fields in self._fields.items():
            before, after = self._feeders(name), names_of(fields.get("to"))
            alike = (str(fields.get("type")), ",".join(before), ",".join(after)) if before else (name,)
            groups.setdefault(tuple(self._queues.get(name, ())) or alike, []).append(name)
        return [(str(self._fields[m[0]].get("queue") or ", ".join(m)), m) for m in groups.values()]

    def _stages(self) -> dict[str, FlowStage]:
        """Stations in the flow of good parts, without those that only rework feeds. A queue's stations are parallel."""
        aside = {n for n in self._fields if not self._feeders(n) and not isinstance(self._made[n][0], Source)}
        return {name: self._stage(name) for name in self._fields if name not in aside}

    def _stage(self, name: str) -> FlowStage:
        fields = self._fields[name]
        named = names_of(fields.get("to"))
        to = tuple(dict.fromkeys(member for target in named for member in self._queues.get(target, [target])))
        fixed = fields.get("routing") == "share" and len(to) == len(named)
        shares = tuple(fields.get("shares", ())) if fixed else ()
        return FlowStage(self.stations[name].cycle_time, to, shares, bool(fields.get("assemble")))

    def _check(self, name: str, fields: Mapping[str, Any]) -> None:
        known(f"station {name}", fields, STATION_FIELDS)
        if "." in name or name == "line":
            raise ValueError(f"station {name!r}: a station's name has no dot and is not 'line'")
        for field in ("to", "rework"):
            for target in names_of(fields.get(field)):
                if target not in self._fields:
                    raise ValueError(
                        f"{name}.{field} = {target!r}: there is no such station; there are {', '.join(self._fields)}"
                    )
        if "cycle" not in fields:
            raise ValueError(f"{name}.cycle: is missing")

    # Buffers and sources

    def _find_queues(self) -> dict[str, list[str]]:
        """The stations that share a queue, by each of them, in order."""
        queues: dict[str, list[str]] = {}
        for name, fields in self._fields.items():
            if fields.get("queue") is not None:
                queues.setdefault(str(fields["queue"]), []).append(name)
                if fields.get("assemble"):
                    raise ValueError(f"{name}.queue = {fields['queue']!r}: an assembly cannot share its inputs")
        return {name: members for members in queues.values() for name in members}

    def _feeders(self, name: str) -> list[str]:
        members = self._queues.get(name, [name])
        feeders = [o for o, fields in self._fields.items() if any(m in names_of(fields.get("to")) for m in members)]
        return sorted(feeders, key=self._turns.__getitem__)

    def _make_inputs(self, name: str) -> list[Buffer]:
        first = self._queues.get(name, [name])[0]
        if first != name:
            return self._made[first]
        fields, feeders = self._fields[name], self._feeders(name)
        reworked = any(other.get("rework") in self._queues.get(name, [name]) for other in self._fields.values())
        if not feeders and not reworked:
            return [self._make_source(name, fields)]
        if "arrivals" in fields and fields["arrivals"] is not None:
            raise ValueError(f"{name}.arrivals: only a station that no other feeds has arrivals")
        if fields.get("assemble"):
            return [self._make_buffer(f"{name}.buffer.{feeder}", name, fields) for feeder in feeders]
        return [self._make_buffer(f"{name}.buffer", name, fields)]

    def _make_buffer(self, buffer: str, name: str, fields: Mapping[str, Any]) -> Buffer:
        capacity, transit = fields.get("buffer", 0), fields.get("transit")
        if transit is None:
            return Buffer(kernel=self._kernel, name=buffer, capacity=capacity)
        time = Distribution(transit, seed=self._seed, field=f"{buffer}.transit")
        return Conveyor(kernel=self._kernel, name=buffer, capacity=capacity, transit=time, turn=self._turns[name])

    def _make_source(self, name: str, fields: Mapping[str, Any]) -> Source:
        arrivals = fields.get("arrivals")
        law = None if arrivals is None else self._distribution(f"{name}.arrivals", arrivals)
        source = Source(
            kernel=self._kernel,
            name=f"{name}.source",
            wip=self._wip,
            capacity=integer(f"{name}.buffer", fields.get("buffer", 0), low=0),
            arrivals=law,
            cards=self._cards.get(name, self._cards.get("")),
            turn=self._turns[name],
        )
        self.sources.append(source)
        return source

    def _make_cards(self, conwip: int | Mapping[str, int] | None) -> dict[str, ConwipCards]:
        """By the station where parts enter; "" for all that have none of their own."""
        if conwip is None:
            return {}
        if not isinstance(conwip, Mapping):
            return {"": ConwipCards(kernel=self._kernel, name="conwip", limit=conwip)}
        entries = [name for name in self._fields if not self._feeders(name)]
        known("conwip", conwip, entries)
        return {
            name: ConwipCards(kernel=self._kernel, name=f"conwip.{name}", limit=limit) for name, limit in conwip.items()
        }

    # Stations and what looks after them

    def _make_station(self, name: str, fields: Mapping[str, Any]) -> Station:
        quality, pool = fields.get("quality"), fields.get("operators")
        power = dict(fields.get("power") or {})
        known(f"{name}.power", power, STATES)
        if pool is not None and pool not in self.operators:
            raise ValueError(f"{name}.operators = {pool!r}: must be one of the operators: {', '.join(self.operators)}")
        return Station(
            kernel=self._kernel,
            name=name,
            cycle=self._distribution(f"{name}.cycle", fields["cycle"]),
            inputs=self._made[name],
            wip=self._wip,
            quality=make_quality(self._seed, name, quality) if quality else None,
            operators=self.operators[pool] if pool is not None else None,
            power=[number(f"{name}.power.{s}", power.get(s, 0.0), low=0) for s in STATES],
            inspects=truth(f"{name}.inspects", fields.get("inspects", True)),
            turn=self._turns[name],
        )

    def _look_after(self, station: Station, fields: Mapping[str, Any], wear: bool) -> None:
        """Wear, failures, maintenance and the standing plan."""
        name, upkeep = station.name, fields.get("maintenance") or {}
        worn, modes = (fields.get("wear"), fields.get("failures")) if wear else (None, None)
        if worn:
            station.wear = make_wear(self._seed, name, worn, station.cycle_time)
        turn = self._turns[name]
        failures = make_failures(self._seed, self._kernel, station, modes, turn) if modes else None
        if not (upkeep or worn or modes):
            return
        care = StationUpkeep(
            kernel=self._kernel,
            name=f"{name}.upkeep",
            station=station,
            maintenance=make_maintenance(self._seed, name, upkeep, worn=bool(worn), modes=modes or {}),
            journal=self._journal,
            dispatcher=self._dispatcher,
            spares=self._spare(name, upkeep.get("spare")),
            priority=number(f"{name}.priority", fields.get("priority", 0.0)),
            turn=turn,
        )
        rules = dict(upkeep.get("plan") or {})
        if station.wear is None and not wear:
            rules = {} if rules.keys() <= {"wear", "opportunistic"} else rules
            rules.pop("wear", None)
        plan = make_plan(self._kernel, station, rules, turn) if rules else None
        care.failures, care.plan = failures, plan
        self._check_skills(name, care, failures)
        station.attach(care, failures, plan)

    def _check_skills(self, name: str, care: StationUpkeep, failures: Any) -> None:
        asked = {f"{name}.maintenance.skill": care.maintenance.skill}
        for mode in failures.modes if failures is not None else ():
            asked[f"{name}.failures.{mode.name}.skill"] = mode.skill or ""
        for field, skill in asked.items():
            if not any(crew.can(skill) for crew in self._dispatcher.crews):
                there = sorted({s for crew in self._dispatcher.crews for s in crew.skills})
                raise ValueError(f"{field} = {skill!r}: no crew has it; there are {', '.join(there)}")

    def _share_opportunities(self) -> None:
        """Every plan that takes opportunities hears of every other station that goes out of service."""
        inturn = sorted(self.stations.values(), key=lambda station: self._turns[station.name])
        plans: list[StandingPlan] = [s.plan for s in inturn if s.plan is not None and s.plan.opportunistic]
        for station in self.stations.values():
            if station.upkeep is not None:
                station.upkeep.others = tuple(plan for plan in plans if plan is not station.plan)

    def _spare(self, name: str, kind: str | None) -> Spares | None:
        if kind is not None and kind not in self._spares:
            raise ValueError(
                f"{name}.maintenance.spare = {kind!r}: must be one of the spares: {', '.join(self._spares)}"
            )
        return self._spares[kind] if kind is not None else None

    def _route(self, name: str, fields: Mapping[str, Any]) -> None:
        station, targets, names = self.stations[name], [], names_of(fields.get("to"))
        for target in names:
            several = bool(self._fields[target].get("assemble"))
            targets.append(self._made[target][self._feeders(target).index(name) if several else 0])
        if not targets:
            sink = Sink(kernel=self._kernel, name=f"{name}.sink", wip=self._wip)
            self.sinks.append(sink)
            targets, names = [sink], ["sink"]
        router = Router(
            field=name,
            targets=targets,
            names=names,
            stream=Stream(self._seed, f"{name}.routing"),
            rule=fields.get("routing", "first"),
            shares=fields.get("shares", ()),
        )
        station.connect(router, self._made[fields["rework"]][0] if fields.get("rework") else None)

    def _distribution(self, field: str, spec: Any) -> Distribution:
        return Distribution(spec, seed=self._seed, field=field)
