"""Decay: how far something on the road is worn, and when it fails."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from statistics import NormalDist

from sim.engine.checks import integer, number
from sim.engine.streams import Stream

LOWEST = 0.3  # of the mean failure level
NORMAL = NormalDist()


class Decay:
    """Wear grows by rate x load / life; at a level around 1 the thing fails, in a mode drawn for the life.

    life: load (s, or vehicles) until wear reaches the mean level. rate_cv: of the rate from life to life (lognormal).
    level_sd: of the level (normal, at least 0.3). modes: shares of the failure modes. All are draws of the n-th life,
    whatever was done before. Raises ValueError for values out of range.
    """

    def __init__(
        self, *, seed: int, name: str, life: float, modes: Mapping[str, float], rate_cv: float = 0.4,
        level_sd: float = 0.1,
    ) -> None:  # fmt: skip
        self.life = number(f"{name}.life", life, above=0)
        self.rate_cv = number(f"{name}.rate_cv", rate_cv, low=0)
        self.level_sd = number(f"{name}.level_sd", level_sd, low=0, high=0.5)
        shares = [number(f"{name}.modes.{mode}", share, low=0) for mode, share in modes.items()]
        if not sum(shares) > 0:
            raise ValueError(f"{name}.modes = {dict(modes)}: must name a mode with a share > 0")
        self._modes, self._shares = tuple(modes), [s / sum(shares) for s in itertools.accumulate(shares)]
        self._name = name
        self._rates, self._levels = Stream(seed, f"{name}.rate", "normal"), Stream(seed, f"{name}.level", "normal")
        self._kinds, self._starts = Stream(seed, f"{name}.mode"), Stream(seed, f"{name}.start")
        self.number = -1
        self.renew()
        self.wear = 0.6 * self._starts.at(0)  # the network is not new

    @property
    def modes(self) -> tuple[str, ...]:
        return self._modes

    def renew(self) -> None:
        """A new life begins."""
        self.number = n = integer(f"{self._name}.life", self.number + 1, low=0)
        spread = math.sqrt(math.log1p(self.rate_cv**2))
        self.rate = math.exp(spread * self._rates.at(n) - spread**2 / 2)
        self.level = max(1.0 + self.level_sd * self._levels.at(n), LOWEST)
        self.wear = self.worked = 0.0
        draw = self._kinds.at(n)
        self.mode = next(m for m, bound in zip(self._modes, self._shares, strict=True) if draw <= bound + 1e-12)

    def bear(self, load: float) -> bool:
        """Some more load; returns whether it fails under it."""
        self.worked += load
        self.wear += self.rate * load / self.life
        return self.wear >= self.level

    @property
    def hazard(self) -> float:
        """Failures per unit of load given wear and rate, but not the level."""
        sd = max(self.level_sd, 1e-6)
        z = (self.wear - 1.0) / sd
        above = max(1.0 - NORMAL.cdf(z), 1e-12)
        return self.rate / self.life * NORMAL.pdf(z) / sd / above

    def reseed(self, seed: int) -> None:
        """Another future of the same present: the level is drawn again, given that it was not reached, and the mode."""
        for stream in (self._rates, self._levels, self._kinds, self._starts):
            stream.reseed(seed)
        again = Stream(seed, f"{self._name}.again/{self.number}")
        below = NORMAL.cdf((self.wear - 1.0) / self.level_sd) if self.level_sd > 0 else 0.0
        share = min(max(below + (1.0 - below) * again.draw(), 1e-12), 1.0 - 1e-12)
        self.level = max(1.0 + self.level_sd * NORMAL.inv_cdf(share), LOWEST, self.wear + 1e-9)
        draw = again.draw()
        self.mode = next(m for m, bound in zip(self._modes, self._shares, strict=True) if draw <= bound + 1e-12)
