"""What a controller may know of a road network beforehand: its PlantSpec."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.contract import Actuator, Asset, Link, Objective, OrderCost, PlantSpec, Signal
from sim.road.roads import Roads
from sim.road.upkeep import RoadUpkeep

NETWORK = "network"
# Kind of signal: unit, plausible low and high, noise of the sensor, cumulative, forecast.
KINDS: dict[str, tuple[str, float, float, float, bool, bool]] = {
    "count": ("veh", 0.0, math.inf, 0.0, True, True),
    "occupancy": ("", 0.0, 1.0, 0.0, False, False),
    "queue": ("veh", 0.0, 1000.0, 0.0, False, True),
    "noise": ("%", -20.0, 100.0, 0.3, False, False),
    "vibration": ("mm/s", -20.0, 100.0, 0.3, False, False),
    "travel_time": ("s", 0.0, 7200.0, 1.0, False, False),
    "state": ("", 0.0, 1.0, 0.0, False, False),
}
BOOKS = (
    ("vehicles", "level", "veh", False),
    ("trips", "output", "veh", True),
    ("stops", "stops", "", True),
    ("delay", "delay", "h", True),
    ("cost", "cost", "EUR", True),
)


def measured(roads: Roads, travel_times: Sequence[str]) -> list[tuple[str, str]]:
    """(asset, kind) of all that is sampled, in the order of the spec."""
    rows = [(d.name, kind) for d in roads.detectors.values() for kind in ("count", "occupancy", "queue", "noise")]
    rows += [(name, "vibration") for name in roads.links]
    rows += [(name, "travel_time") for name in travel_times]
    rows += [(stage.name, "state") for signal in roads.signals.values() for stage in signal.stages]
    return rows + [(name, "noise") for name in roads.signals]


def describe(
    roads: Roads,
    upkeeps: Mapping[str, RoadUpkeep],
    rows: Sequence[tuple[str, str]],
    tick: float,
    sample: float,
    places: Mapping[str, tuple[tuple[float, float], ...]],
) -> PlantSpec:
    """Assets are links, detectors (one station per link), stages and signals, and the network itself.

    links of the spec: link → next link (a vehicle may drive so), link → its detector, detector → the stages that
    serve it, stage → its signal. Their nameplates state what engineers know: a link's saturation flow (veh/h),
    storage (vehicles) and free travel time (s); a stage's lost time and time between greens (s). places: see
    sim.road.places.
    """
    signals = [_signal(asset, kind, sample) for asset, kind in rows]
    signals += [
        Signal(NETWORK, name, kind, unit, tick, 0.0, cumulative=cumulative, forecast=kind in ("delay", "cost"))
        for name, kind, unit, cumulative in BOOKS
    ]
    return PlantSpec(
        assets=_assets(roads, places),
        links=_links(roads),
        signals=tuple(signals),
        actuators=_actuators(roads, upkeeps),
        objective=Objective(
            f"{NETWORK}.cost",
            "EUR",
            -1,
            figure="cost_per_hour",
            orders=tuple(
                OrderCost(
                    u.asset,
                    f"{u.asset}.{u.order_name}",
                    u.preventive_cost,
                    u.corrective_cost,
                    u.preventive.mean,
                    u.corrective.mean,
                    u.downtime_cost,
                )
                for u in upkeeps.values()
            ),
        ),
        tick=tick,
        modes=tuple(dict.fromkeys(mode for u in upkeeps.values() for mode in u.decay.modes)),
    )


def _signal(asset: str, kind: str, sample: float) -> Signal:
    unit, low, high, _, cumulative, forecast = KINDS[kind]
    return Signal(asset, kind, kind, unit, sample, low, high, cumulative=cumulative, forecast=forecast)


def _assets(roads: Roads, places: Mapping[str, tuple[tuple[float, float], ...]]) -> tuple[Asset, ...]:
    links = [
        Asset(
            name,
            "link",
            {"saturation_flow": link.flow, "storage": float(link.storage), "free_time": link.travel},
            places.get(name, ()),
        )
        for name, link in roads.links.items()
    ]
    detectors = [Asset(one.name, "detector") for one in roads.detectors.values()]
    stages = [
        Asset(
            stage.name,
            "stage",
            {"lost_time": lanes.startup + signal.intergreen - lanes.yellow_used, "intergreen": signal.intergreen},
        )
        for signal in roads.signals.values()
        for stage in signal.stages
        for lanes in stage.lanes[:1]
    ]
    signals = [Asset(name, "signal", place=places.get(name, ())) for name in roads.signals]
    return (*links, *detectors, *stages, *signals, Asset(NETWORK, NETWORK))


def _links(roads: Roads) -> tuple[Link, ...]:
    links = [Link(name, target) for name, targets in roads.ways.items() for target in targets]
    links += [Link(name, one.name) for name, one in roads.detectors.items()]
    for name, signal in roads.signals.items():
        for stage in signal.stages:
            links += [Link(roads.detectors[link].name, stage.name) for link in roads.served[stage.name]]
            links.append(Link(stage.name, name))
    return tuple(links)


def _actuators(roads: Roads, upkeeps: Mapping[str, RoadUpkeep]) -> tuple[Actuator, ...]:
    actuators = []
    for name, signal in roads.signals.items():
        actuators += [
            Actuator(name, "cycle", "setpoint", "s", 30.0, 180.0, min(max(signal.cycle, 30.0), 180.0)),
            Actuator(name, "offset", "setpoint", "s", 0.0, 180.0, min(signal.offset, 180.0)),
            Actuator(name, "extension", "setpoint", "s", 0.0, 10.0, min(signal.extension, 10.0)),
        ]
        for stage in signal.stages:
            least, most = stage.min_green, stage.max_green
            actuators += [
                Actuator(stage.name, "split", "setpoint", "", min(0.05, stage.split), 1.0, stage.split),
                Actuator(stage.name, "min_green", "setpoint", "s", min(5.0, least), max(120.0, least), least),
                Actuator(stage.name, "max_green", "setpoint", "s", min(5.0, most), max(180.0, most), most),
                Actuator(stage.name, "request", "setpoint", "", 0.0, 1.0, 0.0),
            ]
    actuators += [Actuator(u.asset, u.order_name, "work_order", "", 1.0, 1.0, 1.0) for u in upkeeps.values()]
    return tuple(actuators)
