"""Wear in discrete states, as inspections grade it."""

from __future__ import annotations

import math

from sim.engine.checks import integer, number
from sim.engine.streams import Stream
from sim.line.wear import NEVER


class DiscreteWear:
    """States 0 (new) to states - 1 (failed); after each cycle one step with chance step x speed^speed_exponent.

    wear: state / (states - 1), so that 1 is failure. cycle: mean seconds of a cycle, for `hazard`. imperfect: largest
    share of the state that maintenance leaves, drawn uniformly. A discrete-time Markov deterioration (Kao 1973).
    Draws belong to the life (seed, name, number). Raises ValueError for states < 2 and a step outside (0, 1].
    """

    discrete = True
    level, rate, shock_life = 1.0, 1.0, math.inf
    hardness = 1.0

    def __init__(
        self,
        *,
        seed: int,
        name: str,
        cycle: float,
        states: int,
        step: float,
        speed_exponent: float = 0.0,
        imperfect: float = 0.0,
    ) -> None:
        field = f"{name}.wear"
        self.states = integer(f"{field}.states", states, low=2)
        self.step = number(f"{field}.step", step, above=0, high=1)
        self.speed_exponent = number(f"{field}.speed_exponent", speed_exponent, low=0)
        self.imperfect = number(f"{field}.imperfect", imperfect, low=0, high=1)
        self.seed, self.name, self._cycle = seed, name, cycle
        self._left = Stream(seed, f"{name}.life.left")
        self.number, self.state, self.worked, self._done = -1, 0, 0.0, 0.0
        self.renew(perfect=True)

    @property
    def wear(self) -> float:
        return self.state / (self.states - 1)

    def renew(self, *, perfect: bool) -> None:
        """Begin the next life."""
        self.number += 1
        left = 0.0 if perfect or not self.imperfect else self.imperfect * self._left.at(self.number)
        self.state = int(left * self.state)
        self._steps = Stream(self.seed, f"{self.name}.life/{self.number}.step")
        self.worked = 0.0

    def work(self, seconds: float, speed: float) -> tuple[float, str]:
        """Process for `seconds`; it never fails in the middle."""
        self.worked += seconds
        self._done = seconds
        return NEVER

    def end_cycle(self, speed: float) -> bool:
        """A cycle is over: whether the station has failed with it."""
        if self._steps.draw() < self.hardness * self.step * speed**self.speed_exponent:
            self.state += 1
        return self.state >= self.states - 1

    def harden(self, hardness: float) -> None:
        """From now on the material wears `hardness` times as fast as the usual one."""
        self.hardness = hardness

    def take_back(self, share: float) -> None:
        """The last `share` of the last work is not done after all."""
        self.worked -= self._done * share
        self._done *= 1.0 - share

    def hazard(self, speed: float) -> float:
        """Failures per second of processing in the present state."""
        last = self.state == self.states - 2
        return min(self.hardness * self.step * speed**self.speed_exponent, 1.0) * speed / self._cycle if last else 0.0

    def reseed(self, seed: int) -> None:
        """Another future of the same present."""
        self.seed = seed
        for stream in (self._steps, self._left):
            stream.reseed(seed)
