"""Cabinet: the controller's hardware, whose faults a signal shows."""

from __future__ import annotations

import math

from sim.engine.checks import number
from sim.road.signal import TrafficSignal

MODES = {"dark": 0.5, "frozen": 0.5}


class Cabinet:
    """The hardware of a signal's controller.

    drift: s by which its clock is late at a wear of 1, in proportion before, against the offsets of its neighbours.
    When it fails the signal goes `dark`, or stays `frozen` in a stage until that is noticed. Raises ValueError for
    drift < 0.
    """

    def __init__(self, *, signal: TrafficSignal, drift: float = 10.0) -> None:
        self.signal = signal
        self.drift = number(f"{signal.name}.controller.drift", drift, low=0)
        self.wear = 0.0

    def load(self, seconds: float) -> float:
        """Wears with time."""
        return seconds

    def wear_to(self, wear: float) -> None:
        self.wear = wear
        self.signal.drift = self.drift * wear

    def fail(self, mode: str) -> None:
        if mode == "dark":
            self.signal.black_out()
        else:
            self.signal.freeze()

    def noticed(self) -> None:
        """The traffic centre switches a frozen signal off: an all-way stop is better than one stage for ever."""
        if self.signal.frozen:
            self.signal.black_out()

    def works(self, begin: bool) -> None:
        """Service goes on while the signal runs."""

    def renew(self) -> None:
        self.wear_to(0.0)
        if self.signal.dark or self.signal.frozen:
            self.signal.recover()

    def noise(self) -> float:
        """Ripple of its supply, per cent."""
        return 2.0 * (1.0 + 1.5 * self.wear * math.sqrt(self.wear))
