"""The same crossing, demand and plan in SUMO, for a comparison side by side.

SUMO's saturation flow and lost time depend on its step length (here a second);
they are measured in SUMO first, and the plant gets them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from sim.plants.traffic_network import TrafficNetwork
from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.crossing import HORIZON, WARM, between, made
from twin.lab.validate.cases.sumo_program import ALL_RED, LENGTH, SPEED, YELLOW, arrivals, available, home, trips
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter
from twin.lab.validate.theory.crossing import green

SATURATED = 2400.0  # veh/h: more than any green can serve


@dataclass(frozen=True, slots=True)
class Discharge:
    """What SUMO's vehicles do: saturation flow, veh/h; lost time per stage, s; s lost where every signal is green."""

    saturation: float
    lost: float
    friction: float


@lru_cache(maxsize=1)
def discharge() -> Discharge:
    """Measured in SUMO: vehicles served per cycle by two lengths of green under endless demand; a run without red."""
    short, long = 20.0, 60.0
    few, many = served(short), served(long)
    slope = (many - few) / (long - short)
    free = trips(arrivals(1, {"n": 400.0, "s": 400.0}, 3600.0), (86_400.0, 5.0))
    friction = float(np.mean([loss for _, _, loss in free]))
    return Discharge(3600.0 * slope, YELLOW + ALL_RED + short - few / slope, friction)


def served(seconds: float) -> float:
    """Vehicles per approach and cycle that a green of so many seconds serves when there are always more."""
    cycle = 2 * (YELLOW + ALL_RED) + seconds + 10.0
    endless = arrivals(1, {"n": SATURATED, "s": SATURATED}, 4500.0)
    done = np.array([end for _, end, _ in trips(endless, (seconds, 10.0))])
    first, last = np.ceil(900.0 / cycle), np.floor(4400.0 / cycle)
    inside = (done > first * cycle) & (done <= last * cycle)
    return float(inside.sum() / 2.0 / (last - first))


@dataclass(frozen=True)
class SideBySide:
    """One replication of both, vehicle for vehicle: mean time loss of the plant over that of SUMO."""

    ns: float
    ew: float
    cycle: float

    def __call__(self, seed: int) -> dict[str, float]:
        rates = {"n": self.ns, "s": self.ns, "e": self.ew, "w": self.ew}
        measured, every = discharge(), self.ns + self.ew
        shown = measured.lost - YELLOW - ALL_RED
        each = [green(flow, every, self.cycle, 2 * measured.lost) + shown for flow in (self.ns, self.ew)]
        north, east = (float(round(seconds)) for seconds in each)  # SUMO's phases last whole steps
        theirs = [loss for start, _, loss in trips(arrivals(seed, rates, HORIZON), (north, east)) if start >= WARM]
        grid = {
            "rows": 1,
            "columns": 1,
            "entry": LENGTH,
            "speed": SPEED,
            "flow": measured.saturation,
            "friction": measured.friction,
            "demand": {"ns": self.ns, "ew": self.ew},
            "cycle": north + east + 2.0 * (YELLOW + ALL_RED),
            "splits": {"ns": north, "ew": east},
        }
        control = {"yellow": YELLOW, "all_red": ALL_RED, "startup": 2.0 + shown, "yellow_used": 2.0}
        plant = made(seed, grid=grid, control=control, tick=HORIZON, sample=HORIZON)
        ours = measured.friction + between(plant, WARM, HORIZON, partial(_advance, plant))
        return {"time loss, plant / SUMO": ours / float(np.mean(theirs))}


def _advance(plant: TrafficNetwork, until: float) -> None:
    plant.advance(until)


def side_by_side(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Within 8 %, as a share of SUMO's."""
    home()
    run = SideBySide(values["ns"], values["ew"], values["cycle"])
    return [Check("sumo_crossing", values, "", (Target("time loss, plant / SUMO", 1.0, 0.08),), run, precision)]


CASES = (
    Case(
        "sumo_crossing",
        "the same vehicles and the same plan in SUMO (extra `sumo`), side by side",
        (
            NumberParameter("ns", above=0.0),
            NumberParameter("ew", above=0.0),
            NumberParameter("cycle", low=30.0, high=300.0),
        ),
        ({"ns": 480.0, "ew": 720.0, "cycle": 60.0}, {"ns": 480.0, "ew": 720.0, "cycle": 90.0}),
        side_by_side,
        ready=available,
    ),
)
