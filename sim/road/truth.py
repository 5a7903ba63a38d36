"""The hidden state of a road network, by asset."""

from __future__ import annotations

from collections.abc import Mapping

from sim.contract import Truth
from sim.road.roads import Roads
from sim.road.upkeep import RoadUpkeep


class RoadTruth(Truth):
    """What a road network shows the lab beside what every plant does.

    By worn asset: rate of wear in the present life, threshold (wear at which this life fails), hazard (failures
    per unit of load (s; vehicles for a link) given wear and rate, but not the threshold), age (load in this life), life
    (its number). By link: vehicles on it, storage (vehicles that fit), queue (vehicles that stand). detector: its
    fault, or `good`. demand: veh/h now, by source.
    """

    rate: dict[str, float]
    threshold: dict[str, float]
    hazard: dict[str, float]
    age: dict[str, float]
    life: dict[str, int]
    vehicles: dict[str, int]
    storage: dict[str, int]
    queue: dict[str, int]
    detector: dict[str, str]
    demand: dict[str, float]


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
        "events_processed": processed,
    }
