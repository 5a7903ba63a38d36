"""The traffic network: signalised crossings joined by links, detectors that lie, crews on the road; the objective is cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim import contract
from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import Stream
from sim.maintenance.crew import Crew
from sim.maintenance.dispatcher import Dispatcher
from sim.plant import SimulatedPlant
from sim.road import cabinet, detector
from sim.road.cabinet import Cabinet
from sim.road.commands import RoadCommands, SignalOrder, StageOrder
from sim.road.decay import Decay
from sim.road.demand import make_profile
from sim.road.description import BOOKS, KINDS, NETWORK, describe, measured
from sim.road.geometry import grid as make_grid
from sim.road.incident import Incidents
from sim.road.loops import Loops
from sim.road.pavement import Pavement
from sim.road.roads import Roads
from sim.road.tally import RoadAccounts
from sim.road.truth import RoadTruth, road_truth
from sim.road.upkeep import RoadUpkeep
from sim.telemetry.actuation import Receiver
from sim.telemetry.sensors import Sensor, SensorBank

Settings = Mapping[str, Any]
SWEEP = 60.0  # s, least time between two looks at the wear
UPKEEP = (
    "life", "rate_cv", "level_sd", "preventive", "corrective", "notice", "preventive_cost", "corrective_cost",
    "downtime_cost",
)  # fmt: skip
# What each kind of upkeep takes beside UPKEEP, and its usual figures. Lives are short, so that a day shows some.
USUAL: dict[str, dict[str, Any]] = {
    "detectors": {
        "life": 86_400.0, "preventive": 900.0, "corrective": {"law": "lognormal", "mean": 3600.0, "cv": 0.4},
        "notice": {"law": "exponential", "mean": 300.0}, "preventive_cost": 8.0, "corrective_cost": 20.0,
        "downtime_cost": 0.004, "miss": 0.2, "failed": 0.0,
    },
    "controllers": {
        "life": 172_800.0, "preventive": 900.0, "corrective": {"law": "lognormal", "mean": 3600.0, "cv": 0.4},
        "notice": {"law": "exponential", "mean": 60.0}, "preventive_cost": 15.0, "corrective_cost": 60.0,
        "downtime_cost": 0.05, "drift": 10.0,
    },
    "pavement": {
        "life": 40_000.0, "preventive": 1200.0, "corrective": {"law": "lognormal", "mean": 3600.0, "cv": 0.4},
        "notice": {"law": "exponential", "mean": 300.0}, "preventive_cost": 60.0, "corrective_cost": 150.0,
        "downtime_cost": 0.02, "effect": 0.12, "broken": 0.75,
    },
}  # fmt: skip
INCIDENTS: dict[str, Any] = {
    "per_day": 0.0, "duration": {"law": "lognormal", "mean": 1200.0, "cv": 0.7}, "remaining": 0.5,
}  # fmt: skip


class TrafficNetwork(SimulatedPlant):
    """A network of signalised crossings. Times in seconds, lengths in metres, flows in vehicles per hour, money in EUR.

    grid: a rectangular network, see sim.road.geometry.grid; links, signals: any network, or more to the grid, see
    sim.road.roads.Roads. common: fields laid under every link's. control: see sim.road.roads.CONTROL. profile: of the
    demand over the day, see sim.road.demand.make_profile; scale: times all demand. detectors, controllers, pavement:
    wear and upkeep, see USUAL; `detectors.failed` is a share that is out of order from the start and for good.
    wear: False switches wear and failures off. incidents: per_day (of each link), duration, remaining (share of
    capacity). technicians, travel: on the road, and
    their time to a job. travel_times: links that report them, by default every other one. sensors: faults by signal key.
    Raises ValueError in one line that names the field, the value and what is allowed.
    """

    def __init__(
        self, *, seed: int, grid: Mapping[str, Any] | None = None, links: Mapping[str, Mapping[str, Any]] | None = None,
        signals: Mapping[str, Mapping[str, Any]] | None = None, common: Mapping[str, Any] | None = None,
        control: Mapping[str, float] | None = None, profile: Any = None, scale: float = 1.0,
        detectors: Mapping[str, Any] | None = None, controllers: Mapping[str, Any] | None = None,
        pavement: Mapping[str, Any] | None = None, incidents: Mapping[str, Any] | None = None,
        economics: Mapping[str, float] | None = None, technicians: int = 2, travel: Any = None,
        sensors: Mapping[str, Mapping[str, Any]] | None = None, network: Mapping[str, Any] | None = None,
        travel_times: Sequence[str] | None = None, wear: bool = True, tick: float = 10.0, sample: float = 5.0,
    ) -> None:  # fmt: skip
        super().__init__(seed=seed, network=network)
        kernel = self.kernel
        number("tick", tick, above=0)
        made_links, made_signals = make_grid(grid) if grid else ({}, {})
        upkeep = {
            "detectors": _settings("detectors", detectors), "controllers": _settings("controllers", controllers),
            "pavement": _settings("pavement", pavement),
        }  # fmt: skip
        self._roads = roads = Roads(
            kernel=kernel, seed=seed, control=control or {}, profile=make_profile(profile),
            scale=number("scale", scale, above=0), miss=upkeep["detectors"]["miss"],
            links={n: {**(common or {}), **made_links.get(n, {}), **(links or {}).get(n, {})}
                   for n in (*made_links, *(n for n in links or {} if n not in made_links))},
            signals={**made_signals, **(signals or {})},
        )  # fmt: skip
        on_road = Distribution(travel, seed=seed, field="travel") if travel else None
        self._crew = Crew(kernel=kernel, name="crew", technicians=technicians, travel=on_road)
        self._dispatcher = Dispatcher(kernel=kernel, name="dispatcher", crews=[self._crew])
        self._upkeeps: dict[str, RoadUpkeep] = {}
        self._pavements = {
            name: Pavement(link=link, effect=upkeep["pavement"]["effect"], broken=upkeep["pavement"]["broken"])
            for name, link in roads.links.items()
        }
        self._cabinets = {n: Cabinet(signal=s, drift=upkeep["controllers"]["drift"]) for n, s in roads.signals.items()}
        failed = self._fail_some(seed, upkeep["detectors"]["failed"])
        if wear:
            for name, road in self._pavements.items():
                self._keep_up(seed, name, "resurface", road, {"potholes": 1.0}, upkeep["pavement"])
            for name, one in roads.detectors.items():
                if name not in failed:
                    self._keep_up(seed, one.name, "service", one, detector.MODES, upkeep["detectors"])
            for name, box in self._cabinets.items():
                self._keep_up(seed, name, "service", box, cabinet.MODES, upkeep["controllers"])
        self._incidents = self._make_incidents(seed, incidents or {})
        self._tally = RoadAccounts(
            kernel=kernel, name="tally", links=list(roads.links.values()), demands=roads.demands,
            upkeeps=list(self._upkeeps.values()), economics=economics or {},
        )  # fmt: skip
        chosen = list(roads.links)[::2] if travel_times is None else list(travel_times)
        known("travel_times", dict.fromkeys(chosen), roads.links)
        rows = measured(roads, chosen)
        self._spec = describe(roads, self._upkeeps, rows, tick, number("sample", sample, above=0))
        loops = Loops(kernel=kernel, name="loops", roads=roads, pavements=self._pavements, cabinets=self._cabinets,
                      travel_times=chosen, report=self)  # fmt: skip
        keys = [f"{asset}.{kind}" for asset, kind in rows]
        known("sensors", sensors or {}, keys)
        self._bank = SensorBank(
            kernel=kernel, name="sensors", seed=seed, period=sample, signals=range(len(rows)),
            columns=range(len(rows)), subject=loops,
            sensors=[Sensor(key=key, **{"noise": KINDS[kind][3], **((sensors or {}).get(key) or {})})
                     for key, (_, kind) in zip(keys, rows, strict=True)],
        )  # fmt: skip
        self._sweep = LoadSweep(
            kernel=kernel, name="sweep", upkeeps=list(self._upkeeps.values()), period=max(tick, SWEEP)
        )
        self._books = RoadCounters(kernel=kernel, name="books", plant=self, period=tick)
        self._open(self._spec, self._receivers())

    def _receivers(self) -> dict[str, Receiver]:
        found: dict[str, Receiver] = {u.asset: RoadCommands(u) for u in self._upkeeps.values()}
        for name, signal in self._roads.signals.items():
            found[name] = SignalOrder(signal, self._upkeeps.get(name))
            found |= {stage.name: StageOrder(signal, i) for i, stage in enumerate(signal.stages)}
        return found

    def _keep_up(
        self, seed: int, asset: str, order: str, subject: Any, modes: Mapping[str, float], own: Settings
    ) -> None:
        name = f"{asset}.upkeep"
        laws = {k: Distribution(own[k], seed=seed, field=f"{name}.{k}") for k in ("preventive", "corrective", "notice")}
        costs = {
            k: number(f"{name}.{k}", own[k], low=0) for k in ("preventive_cost", "corrective_cost", "downtime_cost")
        }
        decay = Decay(
            seed=seed, name=name, life=own["life"], modes=modes, rate_cv=own["rate_cv"], level_sd=own["level_sd"]
        )
        self._upkeeps[asset] = RoadUpkeep(
            kernel=self.kernel, name=name, asset=asset, order=order, subject=subject, decay=decay,
            dispatcher=self._dispatcher,
            journal=self._journal, preventive=laws["preventive"], corrective=laws["corrective"], notice=laws["notice"],
            preventive_cost=costs["preventive_cost"], corrective_cost=costs["corrective_cost"],
            downtime_cost=costs["downtime_cost"],
        )  # fmt: skip

    def _fail_some(self, seed: int, share: float) -> list[str]:
        """Put a share of the detectors out of order for good, by lot; their failures are known from the start."""
        number("detectors.failed", share, low=0, high=1)
        names = list(self._roads.detectors)
        lots = {name: Stream(seed, f"{name}_loop.lot").at(0) for name in names}
        failed = sorted(names, key=lots.__getitem__)[: round(share * len(names))]
        for name in failed:
            one = self._roads.detectors[name]
            one.fail("dead")
            self._journal.note(one.name, contract.FAILED, "dead")
        return failed

    def _make_incidents(self, seed: int, given: Mapping[str, Any]) -> list[Incidents]:
        known("incidents", given, tuple(INCIDENTS))
        own = {**INCIDENTS, **given}
        if not number("incidents.per_day", own["per_day"], low=0):
            return []
        return [
            Incidents(kernel=self.kernel, name=f"{name}.incidents", seed=seed, link=link, journal=self._journal,
                      per_day=own["per_day"], remaining=own["remaining"],
                      duration=Distribution(own["duration"], seed=seed, field=f"{name}.incidents.duration"))
            for name, link in self._roads.links.items()
        ]  # fmt: skip

    def figures(self) -> dict[str, float]:
        """Of the network, see sim.road.tally.RoadAccounts."""
        return self._tally.figures() | {"incidents": float(sum(i.happened for i in self._incidents))}

    def truth(self) -> RoadTruth:
        """Hidden state by asset."""
        return road_truth(self._roads, self._upkeeps, self.kernel.processed)


class LoadSweep(Component):
    """Lets everything bear its load, and fail, once a period (s)."""

    def __init__(self, *, kernel: Kernel, name: str, upkeeps: Sequence[RoadUpkeep], period: float) -> None:
        super().__init__(kernel, name)
        self._upkeeps, self._period = tuple(upkeeps), period
        self._timer = Timer(kernel, self._go)
        self._timer.set(period)

    def _go(self) -> None:
        self._timer.set(self._period)
        for upkeep in self._upkeeps:
            upkeep.bear(upkeep.subject.load(self._period))


class RoadCounters(Component):
    """What the traffic centre adds up every period (s): vehicles, trips, stops, delay, cost. Without error.

    It does so a fifth of a period before the others' decisions, so that the figures are there in time.
    """

    def __init__(self, *, kernel: Kernel, name: str, plant: TrafficNetwork, period: float) -> None:
        super().__init__(kernel, name)
        self._plant, self._period = plant, period
        index = plant.spec.signal_index
        self._signals = np.array([index[f"{NETWORK}.{what}"] for what, *_ in BOOKS], dtype=np.int32)
        self._timer = Timer(kernel, self._report)
        self._timer.set(0.8 * period)

    def silence(self) -> None:
        """Report no more: for a copy of the plant whose readings nobody will see."""
        self._timer.cancel()

    def _report(self) -> None:
        self._timer.set(self._period)
        plant = self._plant
        tally = plant._tally
        inside, outside = tally.inside(), tally.outside()
        hours, stops = tally.delay() / 3600.0, tally.stops()
        cost = tally.running(hours, stops) + tally.maintenance()
        values = [inside, tally.born() - inside - outside, stops, hours, cost]
        plant.send_readings(self.kernel._now, self._signals, np.array(values, dtype=float))


def _settings(what: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    allowed = tuple(dict.fromkeys((*UPKEEP, *USUAL[what])))
    known(what, given or {}, allowed)
    return {"rate_cv": 0.4, "level_sd": 0.12, **USUAL[what], **(given or {})}
