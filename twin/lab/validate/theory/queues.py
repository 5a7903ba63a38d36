"""Single queues (Kleinrock, Queueing Systems I, 1975). Rates per unit of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twin.lab.validate.theory.markov import birth_death


@dataclass(frozen=True, slots=True)
class Loss:
    """M/M/1/K. blocking: share of the arrivals turned away; throughput: served per unit of time; number: in system."""

    blocking: float
    throughput: float
    number: float


def mm1k(*, arrivals: float, service: float, places: int) -> Loss:
    """One server, `places` in system with the one in service."""
    shares = birth_death([arrivals] * places, [service] * places)
    number = float(np.arange(places + 1) @ shares)
    return Loss(float(shares[-1]), arrivals * float(1.0 - shares[-1]), number)


def mmc_wait(*, arrivals: float, service: float, servers: int) -> float:
    """Mean wait in the queue of M/M/c (Erlang's C formula, from his B by the usual recursion)."""
    load = arrivals / service
    lost = 1.0
    for n in range(1, servers + 1):
        lost = load * lost / (n + load * lost)
    busy = load / servers
    waits = lost / (1.0 - busy * (1.0 - lost))
    return waits / (servers * service - arrivals)


def mg1_wait(*, arrivals: float, mean: float, cv2: float) -> float:
    """Mean wait in the queue of M/G/1 (Pollaczek and Khinchine). cv2: squared coefficient of variation of service."""
    busy = arrivals * mean
    return busy * mean * (1.0 + cv2) / (2.0 * (1.0 - busy))
