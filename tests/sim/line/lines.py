"""Lines for the tests: small, fast, everything on unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sim.contract import Action, Event, Message
from sim.plants.production_line import ProductionLine
from sim.units import DAY, HOUR, MINUTE

CONF = Path(__file__).parents[3] / "conf"
LOSSY = {
    "uplink": {
        "latency": {"law": "lognormal", "mean": 120.0, "cv": 1.5},
        "loss": 0.3,
        "duplicate": 0.1,
        "retries": 3,
        "timeout": 60.0,
    },
    "downlink": {
        "latency": {"law": "exponential", "mean": 90.0},
        "loss": 0.3,
        "duplicate": 0.1,
        "retries": 3,
        "timeout": 60.0,
    },
}


def load(name: str, seed: int = 1, network: Mapping[str, Any] | None = None, **changes: Any) -> ProductionLine:
    """The plant of conf/plant/NAME.yaml."""
    fields = yaml.safe_load((CONF / "plant" / f"{name}.yaml").read_text())
    fields.pop("_target_")
    return ProductionLine(seed=seed, network=network, **(fields | changes))


def serial(
    cycles: Sequence[Any], *, buffer: int = 0, common: Mapping[str, Any] | None = None, **plant: Any
) -> ProductionLine:
    """Stations in a row, named s0, s1, ...; no sensors and no reports within the horizon unless asked for."""
    stations: dict[str, dict[str, Any]] = {}
    for i, cycle in enumerate(cycles):
        stations[f"s{i}"] = {"cycle": cycle, "buffer": buffer} | ({"to": f"s{i + 1}"} if i + 1 < len(cycles) else {})
    return ProductionLine(stations=stations, common=common, **({"seed": 1, "tick": 1e9, "sample": 1e9} | plant))


def shop(seed: int = 1, **plant: Any) -> ProductionLine:
    """Three stations that fail often: a life of an hour, so that a day holds every kind of event."""
    common = {
        "buffer": 3,
        "power": {"idle": 100.0, "busy": 900.0},
        "quality": {"base": 0.02, "wear_effect": 0.1, "speed_effect": 0.2},
        "wear": {
            "life": 3600.0,
            "rate_cv": 0.4,
            "noise_cv": 2.0,
            "level_sd": 0.15,
            "shock_life": 20000.0,
            "imperfect": 0.3,
        },
        "maintenance": {
            "preventive": {"law": "gamma", "mean": 300.0, "cv": 0.3},
            "corrective": {"law": "lognormal", "mean": 900.0, "cv": 0.4},
            "preventive_cost": 10.0,
            "corrective_cost": 60.0,
        },
        "vibration": {},
        "temperature": {},
    }
    stations = {
        "a": {"type": "saw", "cycle": {"law": "gamma", "mean": 30.0, "cv": 0.3}, "to": "b"},
        "b": {"type": "mill", "cycle": {"law": "exponential", "mean": 28.0}, "to": "c"},
        "c": {"type": "press", "cycle": {"law": "uniform", "mean": 29.0, "cv": 0.2}},
    }
    given: dict[str, Any] = {"technicians": 1, "economics": {"margin": 2.0, "scrap_cost": 1.0, "holding_cost": 0.1}}
    return ProductionLine(seed=seed, stations=stations, common=common, **(given | plant))


def written(messages: Sequence[Message]) -> list[tuple[Any, ...]]:
    """Messages as plain values that can be compared."""
    return [
        (
            m.channel,
            m.sequence,
            m.sent,
            m.arrived,
            m.signals.tolist(),
            m.times.tolist(),
            repr(m.values.tolist()),
            told(m.events),
        )
        for m in messages
    ]


def busy_shop(seed: int = 1, days: float = 0.0, **plant: Any) -> ProductionLine:
    """A shop that was given commands on the way."""
    made = shop(seed, network=LOSSY, **plant)
    while made.now < days * DAY:
        made.advance(min(made.now + 20 * MINUTE, days * DAY))
        made.apply(Action(made.now, "b.maintain"))
        made.apply(Action(made.now, "a.speed", 0.8 + 0.4 * (made.now % HOUR) / HOUR))
    return made


def told(events: Sequence[Event]) -> str:
    """Events as text (NaN equals NaN there)."""
    return repr(list(events))


def record(plant: ProductionLine, until: float, step: float = 600.0) -> tuple[Any, ...]:
    """All that a plant shows from now to `until`: messages, true events, figures, hidden state."""
    messages: list[Message] = []
    while plant.now < until:
        messages += plant.advance(min(plant.now + step, until))
    return written(messages), told(plant.journal()), repr(plant.kpis()), repr(plant.truth())


def interval(values: Sequence[float], z: float = 3.3) -> tuple[float, float]:
    """Normal interval of the mean; z = 3.3 is 99.9 %."""
    half = z * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return float(np.mean(values)) - half, float(np.mean(values)) + half
