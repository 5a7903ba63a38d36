"""Quality: the chance that a cycle makes a defective part."""

from __future__ import annotations

from sim.engine.checks import number
from sim.engine.streams import Stream


class Quality:
    """Probability of a defect: base + wear x wear_effect + speed_effect x max(speed - 1, 0), at most 1.

    All in [0, 1]. Raises ValueError otherwise.
    """

    def __init__(
        self, *, field: str, stream: Stream, base: float = 0.0, wear_effect: float = 0.0, speed_effect: float = 0.0
    ) -> None:
        self.base = number(f"{field}.base", base, low=0, high=1)
        self.wear_effect = number(f"{field}.wear_effect", wear_effect, low=0, high=1)
        self.speed_effect = number(f"{field}.speed_effect", speed_effect, low=0, high=1)
        self.stream = stream
        self._pop = stream.draws.pop

    def good(self, wear: float, speed: float) -> bool:
        """Whether this cycle's part is good; one draw, whatever the probability."""
        chance = self.base + self.wear_effect * wear
        if speed > 1.0:
            chance += self.speed_effect * (speed - 1.0)
        try:
            return self._pop() >= chance
        except IndexError:
            return self.stream.refill() >= chance

    def __getstate__(self) -> dict[str, object]:
        return {key: value for key, value in self.__dict__.items() if key != "_pop"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._pop = self.stream.draws.pop
