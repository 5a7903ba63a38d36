"""What a load would like to draw by the hour, generated from a profile."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sim.engine.checks import known, number
from sim.power.noise import HOURS, Eras, hourly, reseeded

# Share of the mean by hour of the day, on working days and at weekends.
SHAPES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "flat": ((1.0,) * 24, (1.0,) * 24),
    "office": (
        (.35, .35, .35, .35, .35, .45, .7, 1.2, 1.8, 2.0, 2.0, 2.0,
         1.9, 1.9, 2.0, 1.9, 1.7, 1.3, .9, .6, .5, .4, .35, .35),
        (.35,) * 24,
    ),
    "workshop": (
        (.3, .3, .3, .3, .4, .8, 1.7, 2.0, 2.1, 2.0, 2.1, 2.0, 1.6, 2.0, 2.1, 2.0, 1.7, 1.1, .6, .4, .3, .3, .3, .3),
        (.3, .3, .3, .3, .3, .3, .4, .5, .6, .6, .6, .6, .5, .4, .3, .3, .3, .3, .3, .3, .3, .3, .3, .3),
    ),
    "homes": (
        (.6, .5, .5, .5, .5, .6, .9, 1.2, 1.1, .9, .8, .8, .9, .9, .8, .9, 1.1, 1.5, 1.9, 2.0, 1.8, 1.5, 1.1, .8),
        (.7, .6, .5, .5, .5, .5, .7, .9, 1.2, 1.3, 1.2, 1.2, 1.2, 1.1, 1.0, 1.0, 1.2, 1.5, 1.8, 1.8, 1.6, 1.3, 1.0, .8),
    ),
}  # fmt: skip
FIELDS = ("mean", "shape", "seasonal", "noise")


class LoadProfile(NamedTuple):
    """Fixed properties, see Demand."""

    name: str
    mean: float
    shape: str
    seasonal: float
    noise: float


class LoadDemand:
    """Mean power by the hour, a pure function of seed and hour; time 0 is the first hour of a Monday.

    mean: kW. shape: one of SHAPES. seasonal: relative swing over the year, highest in January. noise: relative
    standard deviation, with a memory of six hours. Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(self, *, seed: int, name: str, first_day: float, **fields: Any) -> None:
        known(f"{name}.profile", fields, FIELDS)
        shape = fields.get("shape", "flat")
        if shape not in SHAPES:
            raise ValueError(f"{name}.profile.shape = {shape!r}: must be one of {', '.join(SHAPES)}")
        self.profile = LoadProfile(
            name,
            number(f"{name}.profile.mean", fields.get("mean", 10.0), low=0),
            shape,
            number(f"{name}.profile.seasonal", fields.get("seasonal", 0.0), low=0, high=1),
            number(f"{name}.profile.noise", fields.get("noise", 0.1), low=0, high=1),
        )
        self.eras: Eras = ((0, seed),)
        self._first_day = first_day

    def at(self, hour: int) -> float:
        """kW in hour number `hour`."""
        day, index = divmod(hour, HOURS)
        return _day(self.profile, self._first_day, self.eras, day)[index]

    def reseed(self, seed: int, hour: int) -> None:
        """Other noise from `hour` on."""
        self.eras = reseeded(self.eras, hour, seed)


@lru_cache(maxsize=4096)
def _day(profile: LoadProfile, first_day: float, eras: Eras, day: int) -> tuple[float, ...]:
    shape = np.array(SHAPES[profile.shape][day % 7 >= 5])
    season = 1.0 + profile.seasonal * math.cos(2 * math.pi * (first_day + day - 15.0) / 365.0)
    spread = math.sqrt(math.log1p(profile.noise**2))
    noise = np.exp(spread * hourly(eras, f"{profile.name}.demand", 6.0, day) - spread**2 / 2)
    return tuple((profile.mean * season * shape * noise).tolist())
