"""Position of the sun and its irradiance on a clear day."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.units import DAY

Floats = NDArray[np.float64]
GROUND = 0.2  # albedo


def zenith_and_azimuth(time: Floats, latitude: float, first_day: float) -> tuple[Floats, Floats]:
    """(cosine of the zenith angle, azimuth from north clockwise in rad) at `time` (s of solar time, [n]).

    first_day: day of the year at time 0. Source: Cooper 1969 for the declination; Duffie & Beckman, Solar Engineering
    of Thermal Processes, eq. 1.6.1a, 1.6.5, 1.6.6.
    """
    day = first_day + np.floor(time / DAY)
    declination = math.radians(23.45) * np.sin(2 * np.pi * (284.0 + day) / 365.0)
    hour = 2 * np.pi * (time % DAY / DAY - 0.5)
    phi = math.radians(latitude)
    cosine = np.sin(declination) * math.sin(phi) + np.cos(declination) * math.cos(phi) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.sin(declination) * math.cos(phi) - np.cos(declination) * math.sin(phi) * np.cos(hour)
    return cosine, np.arctan2(east, north) % (2 * np.pi)


def clear_sky(cosine: Floats) -> Floats:
    """Global horizontal irradiance of a clear sky, W/m2 (Haurwitz 1945)."""
    up = np.maximum(cosine, 1e-3)
    return np.where(cosine > 0.01, 1098.0 * up * np.exp(-0.057 / up), 0.0)


def diffuse_share(index: Floats) -> Floats:
    """Share of diffuse light, given the clearness index (Erbs, Klein & Duffie 1982)."""
    middle = 0.9511 - 0.1604 * index + 4.388 * index**2 - 16.638 * index**3 + 12.336 * index**4
    return np.where(index <= 0.22, 1.0 - 0.09 * index, np.where(index <= 0.8, middle, 0.165))


def on_plane(beam: float, diffuse: float, cosine: float, azimuth: float, tilt: float, facing: float) -> float:
    """Irradiance on a plane, W/m2, from beam and diffuse irradiance on the horizontal (Liu & Jordan 1963).

    tilt from the horizontal and facing (180 is south) in degrees.
    """
    slope, turn = math.radians(tilt), math.radians(facing)
    ratio = 0.0
    if cosine > 0.05:
        sine = math.sqrt(max(1.0 - cosine**2, 0.0))
        incidence = cosine * math.cos(slope) + sine * math.sin(slope) * math.cos(azimuth - turn)
        ratio = max(incidence, 0.0) / cosine
    sky, ground = (1 + math.cos(slope)) / 2, GROUND * (1 - math.cos(slope)) / 2
    return beam * ratio + diffuse * sky + (beam + diffuse) * ground
