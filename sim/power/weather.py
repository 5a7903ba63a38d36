"""Weather by the hour: clouds, warmth, wind, rain; generated from a seed."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from sim.engine.checks import known, number
from sim.power import sun
from sim.power.noise import HOURS, Eras, hourly, reseeded
from sim.units import DAY, HOUR

EXTRATERRESTRIAL = 1361.0  # W/m2, solar constant (Kopp & Lean 2011)
FIELDS = ("latitude", "first_day", "cloudiness", "warmth", "seasonal", "daily", "wind", "rain")


class Sky(NamedTuple):
    """One hour: irradiance on the horizontal (beam, diffuse) in W/m2, air temperature in deg C, wind in m/s, rain."""

    beam: float
    diffuse: float
    cosine: float
    azimuth: float
    temperature: float
    wind: float
    rain: bool


class Climate(NamedTuple):
    """Fixed properties, see Weather."""

    latitude: float
    first_day: float
    cloudiness: float
    warmth: float
    seasonal: float
    daily: float
    wind: float
    rain: float


class Weather:
    """The weather of a site, a pure function of seed and hour.

    latitude: degrees. first_day: day of the year at time 0. cloudiness: mean share of the clear sky's light that clouds
    take, in (0, 1). warmth, seasonal, daily: annual mean, and half the swing over the year and over the day, deg C.
    wind: mean, m/s, Rayleigh distributed. rain: share of hours with rain, the darkest ones.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(self, *, seed: int, **fields: float) -> None:
        known("weather", fields, FIELDS)
        values = {"latitude": 48.0, "first_day": 1.0, "cloudiness": 0.4, "warmth": 11.0, "seasonal": 9.0, "daily": 5.0}
        values |= {"wind": 5.0, "rain": 0.06, **fields}
        limits = {"latitude": (-66.0, 66.0), "first_day": (1.0, 365.0), "cloudiness": (0.01, 0.95), "rain": (0.0, 0.5)}
        values = {
            key: number(
                f"weather.{key}", value, low=limits.get(key, (-math.inf, 0))[0], high=limits.get(key, (0, math.inf))[1]
            )
            for key, value in values.items()
        }
        self.climate = Climate(**values)
        self.eras: Eras = ((0, seed),)

    def at(self, hour: int) -> Sky:
        """The mean weather of hour number `hour`."""
        day, index = divmod(hour, HOURS)
        return _day(self.climate, self.eras, day)[index]

    def reseed(self, seed: int, hour: int) -> None:
        """Other weather from `hour` on."""
        self.eras = reseeded(self.eras, hour, seed)


@lru_cache(maxsize=1024)
def _day(climate: Climate, eras: Eras, day: int) -> tuple[Sky, ...]:
    """24 hours. Clouds: the light that passes is 1 - 2 c Phi(x), x a normal with a memory of half a day and c the
    cloudiness, no less than a twentieth; temperature: a front's warmth with a memory of two days, damped under clouds.
    """
    time = day * DAY + (np.arange(HOURS, dtype=np.float64) + 0.5) * HOUR
    cosine, azimuth = sun.zenith_and_azimuth(time, climate.latitude, climate.first_day)
    clouds = hourly(eras, "weather.clouds", 12.0, day)
    share = ndtr(clouds)
    passed = np.clip(1.0 - 2.0 * climate.cloudiness * share, 0.05, 1.0)
    light = sun.clear_sky(cosine) * passed
    index = np.clip(light / (EXTRATERRESTRIAL * np.maximum(cosine, 0.05)), 0.0, 1.0)
    diffuse = light * sun.diffuse_share(index)
    year = 2 * np.pi * (climate.first_day + time / DAY - 200.0) / 365.0
    clock = 2 * np.pi * (time / DAY - 0.625)
    hemisphere = 1.0 if climate.latitude >= 0 else -1.0
    front = hourly(eras, "weather.front", 48.0, day)
    temperature = climate.warmth + hemisphere * climate.seasonal * np.cos(year)
    temperature = temperature + climate.daily * passed * np.cos(clock) + 3.0 * front
    gusts = ndtr(hourly(eras, "weather.wind", 10.0, day))
    wind = climate.wind * np.sqrt(-4.0 / np.pi * np.log1p(-np.clip(gusts, 1e-9, 1 - 1e-9)))
    rain = share > 1.0 - climate.rain
    columns = (light - diffuse, diffuse, cosine, azimuth, temperature, wind, rain)
    return tuple(Sky(*row) for row in zip(*(column.tolist() for column in columns), strict=True))
