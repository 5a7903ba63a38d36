"""Hourly noise with a memory, as a function of the hour: forks share it, and any hour can be asked for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.engine.streams import generator_of

Floats = NDArray[np.float64]
HOURS = 24
MEMORY = 5  # days after which the past is forgotten
# Which seed's luck holds from which hour on: ((0, seed), (hour, another), ...).
Eras = tuple[tuple[int, int], ...]


@lru_cache(maxsize=4096)
def _white(seed: int, name: str, day: int) -> Floats:
    draws = generator_of(seed, f"{name}#{day}").standard_normal(HOURS)
    draws.setflags(write=False)
    return draws


def _shocks(eras: Eras, name: str, day: int) -> Floats:
    """[24] white noise of a day: of each hour, that of the era in force."""
    hours = np.arange(day * HOURS, (day + 1) * HOURS)
    result = _white(eras[0][1], name, day)
    for begin, seed in eras[1:]:
        if begin < hours[-1] + 1:
            result = np.where(hours >= begin, _white(seed, name, day), result)
    return result


@lru_cache(maxsize=4096)
def hourly(eras: Eras, name: str, memory: float, day: int) -> Floats:
    """[24] standard normal, with autocorrelation exp(-hours / memory): a moving average over the last days' shocks."""
    shocks = np.concatenate([_shocks(eras, name, d) for d in range(day - MEMORY, day + 1)])
    weights = np.exp(-np.arange(MEMORY * HOURS) / memory)
    weights /= np.sqrt((weights**2).sum())
    result = np.convolve(shocks, weights)[MEMORY * HOURS : (MEMORY + 1) * HOURS]
    result.setflags(write=False)
    return result


def reseeded(eras: Eras, hour: int, seed: int) -> Eras:
    """The same past, another future from `hour` on."""
    past = tuple(era for era in eras if era[0] < hour)
    return (*(past or eras[:1]), (hour, seed))
