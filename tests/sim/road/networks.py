"""Road networks for the tests: small, fast, without wear unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sim.plants.traffic_network import TrafficNetwork

CONF = Path(__file__).parents[3] / "conf"
QUIET: dict[str, Any] = {"wear": False, "incidents": {"per_day": 0.0}, "sample": 3600.0, "tick": 3600.0}


def load(name: str, seed: int = 1, **changes: Any) -> TrafficNetwork:
    """The plant of conf/plant/NAME.yaml, laid over by `changes`."""
    fields = yaml.safe_load((CONF / "plant" / f"{name}.yaml").read_text(encoding="utf-8"))
    fields.pop("_target_")
    return TrafficNetwork(seed=seed, **{**fields, **changes})


def road(seed: int = 1, **link: Any) -> TrafficNetwork:
    """One link without a signal: its stop line is always open."""
    return TrafficNetwork(seed=seed, links={"road": {"length": 100_000.0, **link}}, **QUIET)


def signalled(
    stages: Mapping[str, Mapping[str, Any]], links: Mapping[str, Mapping[str, Any]], seed: int = 1, **changes: Any
) -> TrafficNetwork:
    """One signal, J, over the links given."""
    signal = {key: changes.pop(key) for key in ("cycle", "offset", "extension") if key in changes}
    return TrafficNetwork(seed=seed, links=links, signals={"J": {"stages": stages, **signal}}, **{**QUIET, **changes})


def pair(demand: float = 400.0, seed: int = 1, **changes: Any) -> TrafficNetwork:
    """Two approaches, `a` and `b`, that take turns."""
    own = {key: changes.pop(key) for key in ("min_green", "max_green", "pedestrians", "walk") if key in changes}
    links = {name: {"length": 1000.0, "flow": 1800.0, "demand": demand} for name in ("a", "b")}
    return signalled({name: {"links": [name], **own} for name in links}, links, seed, **changes)
