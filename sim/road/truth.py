"""The hidden state of a road network, by asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from sim.contract import Truth
from sim.road.lanes import Lanes
from sim.road.roads import Roads
from sim.road.signal import SignalStage, TrafficSignal
from sim.road.upkeep import RoadUpkeep


class LanesTruth(TypedDict):
    """Who is on the lanes of a link that share a signal indication, and how fast they may pass the stop line.

    link: that the lanes belong to. ready: when each vehicle could be, or could have been, at the stop line, s, in
    order. to: the link that it wants next, "" for out of the network. headway: s between two of them as things stand.
    last: when the last one passed. startup: s from the onset of green to the first. yellow_used: s of yellow that are
    still used.
    """

    link: str
    ready: list[float]
    to: list[str]
    headway: float
    last: float
    startup: float
    yellow_used: float


class SignalTruth(TypedDict):
    """What a signal is doing. Times in s.

    works: neither dark nor frozen. stage: number of the stage that has green, or had it last. green: whether it has.
    since: onset of that green. least: what it lasts at least. following: number of the stage that comes next where that
    is settled, -1 where not. onset: when the next green begins, nan while this one lasts.
    """

    works: bool
    stage: int
    green: bool
    since: float
    least: float
    following: int
    onset: float


class StageTruth(TypedDict):
    """What a stage serves (keys of `lanes`) and its minimum green, s. walk: green that a pedestrian waits for, or 0."""

    serves: list[str]
    min_green: float
    walk: float


class RoadTruth(Truth):
    """What a road network shows the lab beside what every plant does.

    By worn asset: rate of wear in the present life, threshold (wear at which this life fails), hazard (failures
    per unit of load (s; vehicles for a link) given wear and rate, but not the threshold), age (load in this life), life
    (its number). By link: vehicles on it, storage (vehicles that fit), queue (vehicles that stand). detector: its
    fault, or `good`. demand: veh/h now, by source. lanes: by `link.group`. signals, stages: by name.
    """

    threshold: dict[str, float]
    hazard: dict[str, float]
    age: dict[str, float]
    life: dict[str, int]
    vehicles: dict[str, int]
    storage: dict[str, int]
    queue: dict[str, int]
    detector: dict[str, str]
    demand: dict[str, float]
    lanes: dict[str, LanesTruth]
    signals: dict[str, SignalTruth]
    stages: dict[str, StageTruth]


def road_truth(roads: Roads, upkeeps: Mapping[str, RoadUpkeep], processed: int) -> RoadTruth:
    """The hidden state now. processed: events so far."""
    for upkeep in upkeeps.values():
        upkeep.accrue()
    return {
        "wear": {name: u.decay.wear for name, u in upkeeps.items()},
        "rate": {name: u.decay.rate for name, u in upkeeps.items()},
        "threshold": {name: u.decay.level for name, u in upkeeps.items()},
        "hazard": {name: u.decay.hazard for name, u in upkeeps.items()},
        "age": {name: u.decay.worked for name, u in upkeeps.items()},
        "life": {name: u.decay.number for name, u in upkeeps.items()},
        "state": {name: u.state_name for name, u in upkeeps.items()},
        "state_seconds": {name: u.seconds_by_name() for name, u in upkeeps.items()},
        "vehicles": {name: link.count for name, link in roads.links.items()},
        "storage": {name: link.storage for name, link in roads.links.items()},
        "queue": {name: link.standing() for name, link in roads.links.items()},
        "detector": {one.name: one.mode or "good" for one in roads.detectors.values()},
        "demand": {one.name: one.rate for one in roads.demands},
        "lanes": {one.name: _lanes(link.name, one) for link in roads.links.values() for one in link.lanes},
        "signals": {name: _signal(signal) for name, signal in roads.signals.items()},
        "stages": {stage.name: _stage(signal, stage) for signal in roads.signals.values() for stage in signal.stages},
        "events_processed": processed,
    }


def _lanes(link: str, lanes: Lanes) -> LanesTruth:
    ways = [target.name if target is not None else "" for target in lanes.ways]
    return {
        "link": link,
        "ready": [ready for ready, _ in lanes.queue],
        "to": [ways[way] for _, way in lanes.queue],
        "headway": lanes.headway,
        "last": lanes.last,
        "startup": lanes.startup,
        "yellow_used": lanes.yellow_used,
    }


def _signal(signal: TrafficSignal) -> SignalTruth:
    return {
        "works": not (signal.dark or signal.frozen),
        "stage": signal.current,
        "green": signal.green,
        "since": signal.began,
        "least": signal.least,
        "following": signal.following,
        "onset": signal.onset,
    }


def _stage(signal: TrafficSignal, stage: SignalStage) -> StageTruth:
    waits = signal.kernel._now >= stage.call
    return {
        "serves": [lanes.name for lanes in stage.lanes],
        "min_green": stage.min_green,
        "walk": stage.walk if waits else 0.0,
    }
