"""The traffic network: signalised crossings joined by links, detectors that lie, crews on the road; objective cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.contract import Bottleneck
from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.maintenance.crew import Crew
from sim.maintenance.dispatcher import Dispatcher
from sim.plant import SimulatedPlant
from sim.road.commands import RoadCommands, SignalOrder, StageOrder
from sim.road.counters import RoadCounters
from sim.road.demand import make_profile
from sim.road.description import KINDS, describe, measured
from sim.road.geometry import grid as make_grid
from sim.road.incident import Incidents
from sim.road.limit import limits, widen
from sim.road.load_sweep import LoadSweep
from sim.road.loops import Loops
from sim.road.places import Places
from sim.road.roads import Roads
from sim.road.tally import RoadAccounts
from sim.road.truth import RoadTruth, road_truth
from sim.road.upkeep_fields import upkeep_fields
from sim.road.wearing import WearingAssets
from sim.telemetry.actuation import Receiver
from sim.telemetry.sensors import Sensor, SensorBank

Fields = Mapping[str, Any]
SWEEP = 60.0  # s, least time between two looks at the wear
INCIDENTS: dict[str, Any] = {
    "per_day": 0.0,
    "duration": {"law": "lognormal", "mean": 1200.0, "cv": 0.7},  # s
    "remaining": 0.5,
}


class TrafficNetwork(SimulatedPlant):
    """A network of signalised crossings. Times in seconds, lengths in metres, flows in vehicles per hour, money in EUR.

    grid: a rectangular network, see sim.road.geometry.grid; links, signals: any network, or more to the grid, see
    sim.road.roads.Roads. common: fields laid under every link's. control: see sim.road.roads.CONTROL. profile: of the
    demand over the day, see sim.road.demand.make_profile; scale: times all demand. detectors, controllers, pavement:
    wear and upkeep, see sim.road.upkeep_fields; `detectors.failed` is a share that is out of order from the start and
    for good. wear: False switches wear and failures off. incidents: per_day (of each link), duration (s), remaining
    (share of capacity). technicians, travel: on the road, and their time to a job. travel_times: links that report
    them, by default every other one. sensors: faults by signal key. tick: seconds between decisions. sample: seconds
    between samples.

    Raises ValueError in one line that names the field, the value and what is allowed.
    """

    def __init__(
        self,
        *,
        seed: int,
        grid: Fields | None = None,
        links: Mapping[str, Fields] | None = None,
        signals: Mapping[str, Fields] | None = None,
        common: Fields | None = None,
        control: Mapping[str, float] | None = None,
        profile: Any = None,
        scale: float = 1.0,
        detectors: Fields | None = None,
        controllers: Fields | None = None,
        pavement: Fields | None = None,
        incidents: Fields | None = None,
        economics: Mapping[str, float] | None = None,
        technicians: int = 2,
        travel: Any = None,
        sensors: Mapping[str, Fields] | None = None,
        network: Fields | None = None,
        travel_times: Sequence[str] | None = None,
        wear: bool = True,
        tick: float = 10.0,
        sample: float = 5.0,
    ) -> None:
        super().__init__(seed=seed, network=network)
        number("tick", tick, above=0)
        upkeep = upkeep_fields({"detectors": detectors, "controllers": controllers, "pavement": pavement})
        all_links, all_signals = _laid_out(grid, links or {}, signals or {}, common or {})
        self._roads = Roads(
            kernel=self.kernel,
            seed=seed,
            control=control or {},
            profile=make_profile(profile),
            scale=number("scale", scale, above=0),
            miss=upkeep["detectors"]["miss"],
            links=all_links,
            signals=all_signals,
        )
        wearing = self._keep_up(seed=seed, technicians=technicians, travel=travel, upkeep=upkeep, wear=wear)
        self._pavements, self._upkeeps = wearing.pavements, wearing.upkeeps
        self._incidents = self._make_incidents(seed, incidents or {})
        self._tally = RoadAccounts(
            kernel=self.kernel,
            name="tally",
            links=list(self._roads.links.values()),
            demands=self._roads.demands,
            upkeeps=list(self._upkeeps.values()),
            crew=self._crew,
            economics=economics or {},
        )
        self._measure(
            seed=seed,
            wearing=wearing,
            travel_times=travel_times,
            tick=tick,
            sample=sample,
            faults=sensors or {},
            where=self._roads.places(grid),
        )
        LoadSweep(kernel=self.kernel, name="sweep", upkeeps=list(self._upkeeps.values()), period=max(tick, SWEEP))
        RoadCounters(kernel=self.kernel, name="books", accounts=self._tally, spec=self._spec, period=tick, report=self)
        self._open(self._spec, self._receivers())

    def figures(self) -> dict[str, float]:
        """Of the network, see sim.road.tally.RoadAccounts."""
        return self._tally.figures() | {"incidents": float(sum(i.happened for i in self._incidents))}

    def bottlenecks(self) -> list[Bottleneck]:
        """See sim.contract.Relievable: the critical crossings."""
        return limits(self._roads)

    def relieve(self, assets: Sequence[str], share: float) -> None:
        """See sim.contract.Relievable: wider approaches."""
        widen(self._roads, assets, share)

    def truth(self) -> RoadTruth:
        """Hidden state by asset."""
        return road_truth(self._roads, self._upkeeps, self.kernel.processed)

    # The constructor's steps. Components are made in this order: what comes first acts first at equal times.

    def _keep_up(
        self, *, seed: int, technicians: int, travel: Any, upkeep: Mapping[str, Fields], wear: bool
    ) -> WearingAssets:
        way = Distribution(travel, seed=seed, field="travel") if travel else None
        self._crew = Crew(kernel=self.kernel, name="crew", technicians=technicians, travel=way)
        return WearingAssets(
            kernel=self.kernel,
            seed=seed,
            roads=self._roads,
            fields=upkeep,
            dispatcher=Dispatcher(kernel=self.kernel, name="dispatcher", crews=[self._crew]),
            journal=self._journal,
            wear=wear,
        )

    def _make_incidents(self, seed: int, given: Fields) -> list[Incidents]:
        known("incidents", given, tuple(INCIDENTS))
        fields = {**INCIDENTS, **given}
        if not number("incidents.per_day", fields["per_day"], low=0):
            return []
        return [
            Incidents(
                kernel=self.kernel,
                name=f"{name}.incidents",
                seed=seed,
                link=link,
                journal=self._journal,
                per_day=fields["per_day"],
                remaining=fields["remaining"],
                duration=Distribution(fields["duration"], seed=seed, field=f"{name}.incidents.duration"),
            )
            for name, link in self._roads.links.items()
        ]

    def _measure(
        self,
        *,
        seed: int,
        wearing: WearingAssets,
        travel_times: Sequence[str] | None,
        tick: float,
        sample: float,
        faults: Mapping[str, Fields],
        where: Places,
    ) -> None:
        roads = self._roads
        timed = list(roads.links)[::2] if travel_times is None else list(travel_times)
        known("travel_times", dict.fromkeys(timed), roads.links)
        rows = measured(roads, timed)
        self._spec = describe(roads, self._upkeeps, rows, tick, number("sample", sample, above=0), where)
        loops = Loops(
            kernel=self.kernel,
            name="loops",
            roads=roads,
            pavements=wearing.pavements,
            cabinets=wearing.cabinets,
            travel_times=timed,
            report=self,
        )
        SensorBank(
            kernel=self.kernel,
            name="sensors",
            seed=seed,
            period=sample,
            signals=range(len(rows)),
            columns=range(len(rows)),
            subject=loops,
            sensors=_sensors(rows, faults),
        )

    def _receivers(self) -> dict[str, Receiver]:
        receivers: dict[str, Receiver] = {u.asset: RoadCommands(u) for u in self._upkeeps.values()}
        for name, signal in self._roads.signals.items():
            receivers[name] = SignalOrder(signal, self._upkeeps.get(name))
            receivers |= {stage.name: StageOrder(signal, i) for i, stage in enumerate(signal.stages)}
        return receivers


def _laid_out(
    grid: Fields | None, links: Mapping[str, Fields], signals: Mapping[str, Fields], common: Fields
) -> tuple[dict[str, dict[str, Any]], dict[str, Fields]]:
    """(links, signals): the grid's, with what is given laid over them, then those that the grid does not have."""
    made_links, made_signals = make_grid(grid) if grid is not None else ({}, {})
    names = dict.fromkeys((*made_links, *links))
    return (
        {name: {**common, **made_links.get(name, {}), **links.get(name, {})} for name in names},
        {**made_signals, **signals},
    )


def _sensors(rows: Sequence[tuple[str, str]], faults: Mapping[str, Fields]) -> list[Sensor]:
    """One a row (asset, kind), with the noise of its kind unless its faults name another."""
    keys = [f"{asset}.{kind}" for asset, kind in rows]
    known("sensors", faults, keys)
    noises = [KINDS[kind][3] for _, kind in rows]
    return [
        Sensor(key=key, **{"noise": noise, **(faults.get(key) or {})}) for key, noise in zip(keys, noises, strict=True)
    ]
