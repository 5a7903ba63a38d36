"""Decay: wear of an asset of the road, and when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

from sim.engine.checks import integer, number
from sim.engine.streams import Stream
from sim.maintenance.life import LOWEST_LEVEL, FailureShares, failure_level, life_rate, life_spread

NORMAL = NormalDist()


class Decay:
    """Wear grows by rate x load / life; at a level around 1 the asset fails, in a mode drawn for the life.

    life: load (s, or vehicles) until wear reaches the mean level. rate_cv: of the rate from life to life (lognormal).
    level_sd: of the level (normal, at least 0.3). modes: shares of the failure modes. Draws are keyed by the number of
    the life, so they do not depend on earlier actions. Raises ValueError for values out of range.
    """

    def __init__(
        self,
        *,
        seed: int,
        name: str,
        life: float,
        modes: Mapping[str, float],
        rate_cv: float = 0.4,
        level_sd: float = 0.1,
    ) -> None:
        self.life = number(f"{name}.life", life, above=0)
        self.rate_cv, self.level_sd = life_spread(name, rate_cv, level_sd)
        self._ends = FailureShares(f"{name}.modes", modes)
        self._name = name
        self._rates, self._levels = Stream(seed, f"{name}.rate", "normal"), Stream(seed, f"{name}.level", "normal")
        self._kinds, self._starts = Stream(seed, f"{name}.mode"), Stream(seed, f"{name}.start")
        self.number = -1
        self.renew()
        self.wear = 0.6 * self._starts.at(0)  # up to 0.6 of a mean life at the start: the network is not new

    @property
    def modes(self) -> tuple[str, ...]:
        return self._ends.modes

    def renew(self) -> None:
        """A new life begins."""
        self.number = n = integer(f"{self._name}.life", self.number + 1, low=0)
        self.rate = life_rate(self._rates.at(n), self.rate_cv)
        self.level = failure_level(self._levels.at(n), self.level_sd)
        self.wear = self.worked = 0.0
        self.mode = self._ends.mode(self._kinds.at(n))

    def bear(self, load: float) -> bool:
        """Add `load` (s, or vehicles); returns whether the asset fails under it."""
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
        self.level = max(1.0 + self.level_sd * NORMAL.inv_cdf(share), LOWEST_LEVEL, self.wear + 1e-9)
        self.mode = self._ends.mode(again.draw())
