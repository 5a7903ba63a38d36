"""How fast a road network is: vehicles that pass a link, per CPU-minute of one thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from sim.plants.traffic_network import TrafficNetwork

NETWORKS = ("crossing", "corridor", "grid_2x2", "grid_4x4")
TARGET = {"grid_4x4": 3e6}  # of flow alone
FEATURES = ("off", "everything")


@dataclass(frozen=True, slots=True)
class RoadSpeed:
    """Vehicle-link traversals per CPU-minute, and how many were simulated."""

    network: str
    features: str
    per_minute: float
    traversals: float


def network(name: str, features: str, seed: int = 1) -> TrafficNetwork:
    """The plant of conf/plant under its standing plans. features: `off`, flow and signals only; `everything`, as it is
    there: wear, detectors that are sampled and fail, books every tick."""
    fields: dict[str, Any] = yaml.safe_load((files("conf") / "plant" / f"{name}.yaml").read_text(encoding="utf-8"))
    del fields["_target_"]
    return TrafficNetwork(seed=seed, **(fields | ({"wear": False, "sample": 1e9} if features == "off" else {})))


def speed(name: str, features: str, *, hours: float, repeats: int) -> RoadSpeed:
    """The best of `repeats`: `hours` from seven in the morning, after a warm-up of half an hour."""
    best, passed = float("inf"), 0.0
    for _ in range(repeats):
        plant = network(name, features)
        _advance(plant, 6.5 * 3600.0, 1e9)
        _advance(plant, 7.0 * 3600.0, plant.spec.tick)
        before, start = plant.figures()["link_traversals"], time.process_time()
        _advance(plant, (7.0 + hours) * 3600.0, plant.spec.tick)
        taken = time.process_time() - start
        passed = plant.figures()["link_traversals"] - before
        best = min(best, taken)
    return RoadSpeed(name, features, 60.0 * passed / best, passed)


def _advance(plant: TrafficNetwork, until: float, tick: float) -> None:
    while plant.now < until:
        plant.advance(min(plant.now + tick, until))
        plant.journal()
