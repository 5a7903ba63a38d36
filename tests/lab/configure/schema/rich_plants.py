"""Plants that use every option of their models, for tests that change them."""

from __future__ import annotations

from typing import Any

from tests.lab.configure.schema.plant_fields import plant


def rich_microgrid() -> dict[str, Any]:
    """A windy microgrid in which nothing is left to its default."""
    fields = plant("microgrid_windy")
    fields["noise"] = {"power": 0.1, "energy": 0.2, "temperature": 0.5, "vibration": 0.15, "irradiance": 8.0}
    fields["sensors"] = {"battery.stored": {"drift": 0.05, "noise": 1.0, "stuck_after": 3.0}, "homes.power": None}
    fields["grid"] |= {"peak_period": 30.0}
    fields["panels"] |= {"facing": 180.0, "noct": 45.0, "washing": 0.7, "soiling_most": 0.3, "warm_loss": 0.004}
    fields["inverter"] |= {"rise": 30.0, "wear_rise": 15.0, "lag": 0.5}
    fields["wind"] |= {"cut_in": 3.0, "rated_speed": 11.0, "cut_out": 25.0}
    fields["generator"] |= {"fuel": 0.24, "idle_fuel": 0.06, "fuel_carbon": 2.7, "start_time": 30.0, "start_cost": 2.0}
    fields["generator"] |= {"vibration": 3.0, "vibration_wear": 1.5}
    return fields


def rich_network() -> dict[str, Any]:
    """Two crossings of a grid, and a third with a group of lanes for turning left."""
    fields = plant("crossing")
    fields["grid"] |= {"columns": 2, "spacing": 250.0, "turns": {"left": 0.1, "through": 0.8, "right": 0.1}}
    fields["grid"] |= {"wave": 13.0, "lanes": {"ew": 2, "ns": 1}, "min_green": 5.0, "max_green": 60.0}
    fields["grid"] |= {"pedestrians": 20.0, "walk": 10.0}
    lanes = {"left": {"lanes": 1, "flow": 1700.0, "to": {"b": 0.2}}, "rest": {"lanes": 2, "to": {"out": 0.8}}}
    one = {"links": ["a.left"], "split": 1.0, "min_green": 5.0, "max_green": 40.0, "pedestrians": 20.0, "walk": 10.0}
    signal = {"cycle": 60.0, "offset": 0.0, "extension": 3.0, "stages": {"one": one, "two": {"links": ["a.rest", "b"]}}}
    work = {"preventive": 900.0, "corrective": {"law": "gamma", "mean": 3600.0, "cv": 0.4}, "preventive_cost": 8.0}
    spread = {"rate_cv": 0.4, "level_sd": 0.1, "notice": {"law": "exponential", "mean": 300.0}}
    costs = {"corrective_cost": 20.0, "downtime_cost": 0.004}
    return fields | {
        "common": {"friction": 1.0},
        "links": {"a": {"length": 300.0, "speed": 14.0, "lanes": lanes, "demand": 300.0}, "b": {"to": {"out": 1.0}}},
        "signals": {"J": signal},
        "sensors": {"a_loop.count": {"drift": 0.1}, "J.noise": {"gain": 0.9}},
        "travel_times": ["a", "west1_A1"],
        "travel": {"law": "lognormal", "mean": 900.0, "cv": 0.4},
        "profile": {"factors": [1.0, 2.0], "step": 3600.0},
        "incidents": {"per_day": 1.0, "remaining": 0.5, "duration": 600.0},
        "detectors": {"life": 86_400.0, "miss": 0.2, "failed": 0.1, **work, **spread, **costs},
        "controllers": {"life": 90_000.0, "drift": 10.0, **work, **spread, **costs},
        "pavement": {"life": 40_000.0, "effect": 0.12, "broken": 0.75, **work, **spread, **costs},
    }
