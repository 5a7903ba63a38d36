"""The crossings of a road network, from the contract, for policies that control signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.contract import PlantSpec
from twin.sensing.lives import UP
from twin.sensing.window import Window


@dataclass(frozen=True, slots=True)
class Approach:
    """A link that ends at a stop line.

    link, detector: asset indices. downstream: asset indices of the links a vehicle may enter next. saturation: veh/h of
    the whole link.
    """

    link: int
    detector: int
    downstream: tuple[int, ...]
    saturation: float


@dataclass(frozen=True, slots=True)
class CrossingStage:
    """Approaches that have green together.

    name, asset: of the stage. approaches: those with green. lost_time, intergreen: s.
    """

    name: str
    asset: int
    approaches: tuple[Approach, ...]
    lost_time: float
    intergreen: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """A signal and its stages in order."""

    name: str
    stages: tuple[CrossingStage, ...]


def crossings(spec: PlantSpec) -> list[Crossing]:
    """The crossings of a plant, by asset types and links: link → detector → stage → signal.

    Raises ValueError where the plant has no signals.
    """
    types = {asset.name: asset.type for asset in spec.assets}
    result = [
        Crossing(asset.name, tuple(_stage(spec, types, name) for name in _into(spec, types, asset.name, "stage")))
        for asset in spec.assets
        if asset.type == "signal"
    ]
    if not result:
        raise ValueError(
            f"crossings: the plant has no signals; its assets are of type {', '.join(sorted(set(types.values())))}"
        )
    return result


def _into(spec: PlantSpec, types: dict[str, str], target: str, type_: str) -> list[str]:
    return [link.source for link in spec.links if link.target == target and types[link.source] == type_]


def _stage(spec: PlantSpec, types: dict[str, str], name: str) -> CrossingStage:
    approaches = []
    for detector in _into(spec, types, name, "detector"):
        for link in _into(spec, types, detector, "link"):
            ahead = tuple(
                spec.asset_index[way.target] for way in spec.links if way.source == link and types[way.target] == "link"
            )
            plate = spec.assets[spec.asset_index[link]].nameplate
            place = spec.asset_index[link], spec.asset_index[detector]
            approaches.append(Approach(*place, ahead, plate["saturation_flow"]))
    plate = spec.assets[spec.asset_index[name]].nameplate
    return CrossingStage(name, spec.asset_index[name], tuple(approaches), plate["lost_time"], plate["intergreen"])


def known_failed(window: Window, approach: Approach) -> bool:
    """Whether the detector of the approach is known to have failed."""
    return bool(window.lives.state[approach.detector] != UP)


def any_failed(window: Window, approaches: Sequence[Approach]) -> bool:
    """Whether the detector of any of the approaches is known to have failed."""
    return any(known_failed(window, approach) for approach in approaches)
