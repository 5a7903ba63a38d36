"""What travels between a plant and its controller: messages one way, actions the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.contract.events import Event


class Message(NamedTuple):
    """What the uplink delivers: readings as arrays [n], or events, or both.

    channel and sequence identify it (a duplicate has the same); sent and arrived are in seconds. signals indexes
    PlantSpec.signals; times are the times of measurement; a value may be NaN (the sensor gave none).
    """

    channel: str
    sequence: int
    sent: float
    arrived: float
    signals: NDArray[np.int32]
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A command for one actuator (by key), issued at `time`, with the reason a person can read.

    propensity: the probability with which the controller chose what it chose; 1 where it could not have done otherwise.
    """

    time: float
    actuator: str
    value: float = 1.0
    reason: str = ""
    propensity: float = 1.0
