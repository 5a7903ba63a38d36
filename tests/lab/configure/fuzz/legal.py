"""Plants of unusual form that are legal, and must go on being taken."""

from __future__ import annotations

from typing import Any

CARE: dict[str, Any] = {"preventive": 900.0, "corrective": 3600.0}
MEASURED: dict[str, Any] = {"power": {"busy": 9000.0}, "vibration": {"base": 2.0}}
TWO: dict[str, Any] = {"a": {"cycle": 50.0, "to": "b"}, "b": {"cycle": 40.0}}


def line(**fields: Any) -> dict[str, Any]:
    """A line of the fields; of two stations where it names none."""
    return {"stations": TWO, **fields}


def one(**station: Any) -> dict[str, Any]:
    """A line of one station."""
    return {"stations": {"a": {"cycle": 50.0, **station}}}


def first(**station: Any) -> dict[str, Any]:
    """A line of two, the first with more fields."""
    return {"stations": {"a": {"cycle": 50.0, "to": "b", **station}, "b": {"cycle": 40.0}}}


LEGAL: dict[str, dict[str, Any]] = {
    "one station and nothing else": one(),
    "a cycle as text with its unit": one(cycle="1.5 min"),
    "a cycle of a whole number": one(cycle=50),
    "a cycle from scipy": one(cycle={"scipy": "triang", "c": 0.5, "loc": 40.0, "scale": 20.0}),
    "a discrete law of scipy": one(cycle={"scipy": "randint", "low": 30, "high": 60}),
    "a law without a name": one(cycle={"mean": 50.0}),
    "a law of no spread": one(cycle={"law": "gamma", "mean": 50.0, "cv": 0.0}),
    "the widest uniform law": one(cycle={"law": "uniform", "mean": 50.0, "cv": 0.577}),
    "a mean with a unit": one(cycle={"law": "lognormal", "mean": "50 s", "cv": 0.2}),
    "a cycle of a hundredth of a second": one(cycle={"law": "deterministic", "mean": 0.5}),
    "a cycle longer than the run": one(cycle="3 weeks"),
    "names with blanks": {"stations": {"saw no 1": {"cycle": 50.0, "to": "saw no 2"}, "saw no 2": {"cycle": 40.0}}},
    "names in other scripts": {"stations": {"Säge": {"cycle": 50.0, "to": "铣床"}, "铣床": {"cycle": 40.0}}},
    "names that look like numbers": {"stations": {"1": {"cycle": 50.0, "to": "2"}, "2": {"cycle": 40.0}}},
    "names that look like words of yaml": {"stations": {"null": {"cycle": 50.0, "to": "yes"}, "yes": {"cycle": 40.0}}},
    "names with markup": {"stations": {"[bold]saw": {"cycle": 50.0, "to": "<b>"}, "<b>": {"cycle": 40.0}}},
    "a name of a hundred letters": {"stations": {"x" * 100: {"cycle": 50.0}}},
    "no place between stations": first(buffer=0),
    "a buffer of a million": first(buffer=1_000_000),
    "a list of one": first(to=["b"]),
    "the last station feeds nobody, by a null": {"stations": {"a": {"cycle": 50.0, "to": None}}},
    "parts that the first station makes itself": one(arrivals=None),
    "arrivals slower than the cycle": one(arrivals={"law": "exponential", "mean": 300.0}),
    "arrivals faster than the cycle": one(arrivals={"law": "exponential", "mean": 10.0}, buffer=5),
    "wear that is endless": one(wear={"life": float("inf")}, maintenance=CARE),
    "wear in two states": one(wear={"states": 2, "step": 0.001}, maintenance=CARE),
    "wear switched off by a null": {
        "common": {"wear": {"life": 1e5}},
        "stations": {"a": {"cycle": 50.0, "wear": None}},
    },
    "repairs that take no time": one(wear={"life": 5000.0}, maintenance={"preventive": 0, "corrective": 0.0}),
    "a mode that is switched off": one(failures={"jam": None}, maintenance=CARE),
    "no failure modes": one(failures={}, maintenance=CARE),
    "a mode by the calendar": one(failures={"jam": {"time": 3600.0, "clock": "time"}}, maintenance=CARE),
    "a mode in cycles": one(
        failures={"jam": {"time": {"law": "geometric", "mean": 30}, "clock": "cycles", "minor": True, "repair": 60}},
        maintenance=CARE,
    ),
    "a plan by the calendar": one(wear={"life": 1e5}, maintenance={**CARE, "plan": {"every": "2 h"}}),
    "a plan of an empty mapping": one(wear={"life": 1e5}, maintenance={**CARE, "plan": {}}),
    "no power": one(power={}),
    "power in kilowatts": one(power={"busy": "9.5 kW", "idle": "800 W"}),
    "quality of nothing but defects": one(quality={"base": 1.0}),
    "a priority below zero": one(priority=-3, maintenance=CARE, wear={"life": 1e5}),
    "nobody works at night": line(
        shifts={"times": [0, "6 h", "22 h"], "values": [0, 2, 0], "repeat": "1 day"},
        common={"wear": {"life": 1e5}, "maintenance": CARE},
    ),
    "shifts that never repeat": line(shifts={"times": [0, 600], "values": [1, 2]}),
    "crews without work": line(crews={"fitters": {"technicians": 3, "skills": ["hydraulic"]}}),
    "a crew of every trade": line(
        crews={"all": {}}, common={"wear": {"life": 1e5}, "maintenance": {**CARE, "skill": "x"}}
    ),
    "operators that are never asked": line(operators={"hands": 1}),
    "an operator for every station": line(operators={"hands": 1}, common={"operators": "hands"}),
    "one card": line(conwip=1),
    "cards by the station": line(conwip={"a": 3}),
    "a spare that nobody takes": line(spares={"bolt": {"stock": 0, "lead_time": "2 days"}}),
    "an empty shelf": one(wear={"life": 5000.0}, maintenance={**CARE, "spare": "bolt"})
    | {"spares": {"bolt": {"stock": 0, "lead_time": 60.0}}},
    "no money": line(economics={}),
    "a tariff of one step": line(tariff={"times": [0], "values": [0.2]}),
    "speeds that are fixed": line(speed={"low": 1.0, "high": 1.0}),
    "samples by quantity": line(sample={"vibration": 30, "power": "2 min"}),
    "a tick of a minute": line(tick="1 min"),
    "a tick of a day": line(tick="1 day"),
    "sensor faults of an empty mapping": line(sensors={}),
    "a sensor with none": line(common=MEASURED, sensors={"a.vibration": None}),
    "a gain below zero": line(common=MEASURED, sensors={"a.power": {"gain": -1.0}}),
    "a sensor that is dead": line(common=MEASURED, sensors={"a.power": {"dropout": 1.0}}),
    "a sensor that never sticks": line(common=MEASURED, sensors={"a.power": {"stuck_after": float("inf")}}),
    "parallel stations of one queue": {
        "stations": {
            "a": {"cycle": 50.0, "queue": "q", "to": "c"},
            "b": {"cycle": 60, "queue": "q", "to": "c"},
            "c": {"cycle": 20},
        }
    },
    "two lines side by side": {"stations": {"a": {"cycle": 50.0}, "b": {"cycle": 40.0}}},
    "an assembly of two": {
        "stations": {
            "a": {"cycle": 50.0, "to": "c"},
            "b": {"cycle": 40.0, "to": "c"},
            "c": {"cycle": 45.0, "assemble": True},
        }
    },
    "rework": {
        "stations": {"a": {"cycle": 50.0, "quality": {"base": 0.3}, "rework": "b"}, "b": {"cycle": 90.0, "to": "a"}}
    },
    "shares as setpoints": {
        "stations": {
            "a": {"cycle": 20.0, "to": ["b", "c"], "routing": "setpoint"},
            "b": {"cycle": 50},
            "c": {"cycle": 40},
        }
    },
    "shares": {
        "stations": {
            "a": {"cycle": 20.0, "to": ["b", "c"], "routing": "share", "shares": [1, 3]},
            "b": {"cycle": 50},
            "c": {"cycle": 40},
        }
    },
    "everything in common": {"common": {"cycle": 50.0}, "stations": {"a": {}, "b": None}},
}
