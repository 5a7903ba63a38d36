"""Fields of what wears on the road, and the usual figures of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.engine.checks import known
from sim.units import DAY, HOUR, MINUTE

UPKEEP = (
    "life",
    "rate_cv",
    "level_sd",
    "preventive",
    "corrective",
    "notice",
    "preventive_cost",
    "corrective_cost",
    "downtime_cost",
)
REPAIR = {"law": "lognormal", "mean": HOUR, "cv": 0.4}  # s
SPREAD: dict[str, Any] = {"rate_cv": 0.4, "level_sd": 0.12}  # of the rate from life to life; of the level of failure
# What each kind takes beside UPKEEP, and its usual figures: s (life of pavement: vehicles), EUR, EUR/s. Lives are
# short, so that a day shows some.
USUAL: dict[str, dict[str, Any]] = {
    "detectors": {
        "life": DAY,
        "preventive": 15 * MINUTE,
        "corrective": REPAIR,
        "notice": {"law": "exponential", "mean": 300.0},
        "preventive_cost": 8.0,
        "corrective_cost": 20.0,
        "downtime_cost": 0.004,
        "miss": 0.2,
        "failed": 0.0,
    },
    "controllers": {
        "life": 2 * DAY,
        "preventive": 15 * MINUTE,
        "corrective": REPAIR,
        "notice": {"law": "exponential", "mean": 60.0},
        "preventive_cost": 15.0,
        "corrective_cost": 60.0,
        "downtime_cost": 0.05,
        "drift": 10.0,
    },
    "pavement": {
        "life": 40_000.0,
        "preventive": 1200.0,
        "corrective": REPAIR,
        "notice": {"law": "exponential", "mean": 300.0},
        "preventive_cost": 60.0,
        "corrective_cost": 150.0,
        "downtime_cost": 0.02,
        "effect": 0.12,
        "broken": 0.75,
    },
}


def upkeep_fields(options: Mapping[str, Mapping[str, Any] | None]) -> dict[str, dict[str, Any]]:
    """Fields by kind: `options` over the usual figures. Raises ValueError for an unknown key."""
    fields = {}
    for kind, usual in USUAL.items():
        chosen = options.get(kind) or {}
        known(kind, chosen, tuple(dict.fromkeys((*UPKEEP, *usual))))
        fields[kind] = {**SPREAD, **usual, **chosen}
    return fields
