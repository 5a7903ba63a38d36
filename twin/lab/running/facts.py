"""What run.json says about a run apart from how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sim.contract import PlantSpec, Schedule
from twin.lab.record.identity import fingerprint, identity
from twin.lab.record.run_directory import label

LONGEST = 500  # steps of a schedule that run.json tells


class Specified(Protocol):
    """A plant, or a recording of one."""

    @property
    def spec(self) -> PlantSpec: ...


def known(config: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """The facts that are known before there is a plant. about: the study and the arm that the run is a part of."""
    return {
        "policy": label(config["policy"]),
        "surrogate": label(config["surrogate"]),
        "seed": config["seed"],
        "threads": config["threads"],
        "scenario": config["scenario"],
        "choices": config["choices"],
        "hash": identity(config),
        "code": fingerprint(),
        **about,
    }


def facts_of(
    config: Mapping[str, Any], about: Mapping[str, str], plant: Specified, *, on: str, horizon: float
) -> dict[str, Any]:
    """All facts of a run that begins, or of a replay. on: torch device. horizon: s of simulated time."""
    spec = plant.spec
    return {
        **known(config, about),
        "device": on,
        "horizon": horizon,
        "tick": spec.tick,
        "assets": [
            {"name": a.name, "type": a.type} | ({"place": [list(p) for p in a.place]} if a.place else {})
            for a in spec.assets
        ],
        "links": [[link.source, link.target] for link in spec.links],
        "signals": [{"key": s.key, "kind": s.kind, "unit": s.unit, "forecast": s.forecast} for s in spec.signals],
        "actuators": [
            {"key": a.key, "kind": a.kind, "unit": a.unit, "low": a.low, "high": a.high, "default": a.default}
            for a in spec.actuators
        ],
        "known_future": [_schedule(one) for one in spec.known_future if len(one.times) <= LONGEST],
        "orders": [
            {"asset": o.asset, "actuator": o.actuator, "planned": o.preventive_total, "failure": o.corrective_total}
            for o in spec.objective.orders
        ],
        "objective": {
            "signal": spec.objective.signal,
            "unit": spec.objective.unit,
            "sense": spec.objective.sense,
            "figure": spec.objective.figure,
        },
    }


def _schedule(one: Schedule) -> dict[str, Any]:
    """What is known ahead, as JSON."""
    told = {name: getattr(one, name) for name in ("name", "kind", "unit", "times", "values", "repeat", "until")}
    return told | {"then": None if one.then is None else _schedule(one.then)}
