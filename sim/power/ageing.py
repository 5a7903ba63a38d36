"""Ageing: damage that grows with exposure along a path drawn per life, so that a failure is an event, never a tick."""

from __future__ import annotations

import math
from bisect import bisect_left

from sim.engine.checks import known, number
from sim.engine.streams import Stream
from sim.maintenance.life import failure_level, life_rate, life_spread

FIELDS = ("life", "rate_cv", "noise_cv", "level_sd", "shock_life")
CELLS = 100  # of the path in one mean life


class Ageing:
    """The damage of one asset as a function of its exposure (equivalent hours, in the unit of `life`).

    life: mean exposure until damage reaches 1, inf for none. rate_cv: of the rate, lognormal, drawn per life. noise_cv:
    of the damage after one mean life, given the rate: a gamma process, known on a grid of hundredths of a life and
    straight between (van Noortwijk 2009). level_sd: of the failure level, normal around 1, cut at 0.3. shock_life: mean
    exposure until a shock, inf for none. Draws belong to the life (seed, name, number): earlier actions do not
    change the draws of the next one. Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(self, *, seed: int, name: str, **fields: float) -> None:
        known(f"{name}.ageing", fields, FIELDS)
        self.life = _life(f"{name}.ageing.life", fields.get("life", math.inf))
        self.shock_life = _life(f"{name}.ageing.shock_life", fields.get("shock_life", math.inf))
        self.rate_cv, self.level_sd = life_spread(
            f"{name}.ageing", fields.get("rate_cv", 0.3), fields.get("level_sd", 0.1)
        )
        self.noise_cv = number(f"{name}.ageing.noise_cv", fields.get("noise_cv", 0.15), above=0)
        self.seed, self.name, self.number = seed, name, -1
        self.exposure = self._before = 0.0
        self.renew()

    def renew(self) -> None:
        """Begin the next life."""
        self._before += self.exposure
        self.number = n = self.number + 1
        normals = Stream(self.seed, f"{self.name}.life.normal", "normal")
        self.rate = life_rate(normals.at(2 * n), self.rate_cv)
        self.level = failure_level(normals.at(2 * n + 1), self.level_sd)
        shocks = Stream(self.seed, f"{self.name}.life.shock", "exponential")
        self.shock_at = self.shock_life * shocks.at(n) if self.shock_life < math.inf else math.inf
        self.exposure = 0.0
        self._path = [0.0]
        self._grow(Stream(self.seed, f"{self.name}.life/{n}.growth", "gamma", self._law()))

    @property
    def wear(self) -> float:
        """Damage now, 1 at the mean failure level."""
        if self.life == math.inf:
            return 0.0
        cell, share = divmod(self.exposure * CELLS / self.life, 1.0)
        if int(cell) + 1 >= len(self._path):
            return self._path[-1]
        low, high = self._path[int(cell)], self._path[int(cell) + 1]
        return low + share * (high - low)

    def law(self, seconds: float) -> dict[str, float]:
        """See sim.contract.Truth.wear_law. seconds: that all lives so far took together."""
        pace = (self._before + self.exposure) / self.life / max(seconds, 1.0)
        return {"rate": self.rate, "rate_cv": self.rate_cv, "pace": pace, "level_sd": self.level_sd}

    @property
    def left(self) -> float:
        """Exposure until the failure, inf for never."""
        return max(min(self.worn_at, self.shock_at) - self.exposure, 0.0)

    @property
    def mode(self) -> str:
        """How this life will end."""
        return "wear" if self.worn_at <= self.shock_at else "shock"

    def reseed(self, seed: int) -> None:
        """Another future of the same present: growth, level and shock drawn again, given that neither has struck."""
        self.seed = seed
        again = Stream(seed, f"{self.name}.life/{self.number}.again", "normal")
        wear = self.wear
        fresh = (failure_level(again.draw(), self.level_sd) for _ in range(200))
        self.level = next((level for level in fresh if level > wear), wear + 1e-9)
        if self.shock_life < math.inf:
            shock = Stream(seed, f"{self.name}.life/{self.number}.shock", "exponential")
            self.shock_at = self.exposure + self.shock_life * shock.draw()
        if self.life < math.inf:
            del self._path[int(self.exposure * CELLS / self.life) + 2 :]
        self._grow(Stream(seed, f"{self.name}.life/{self.number}.growth", "gamma", self._law()))

    def _law(self) -> tuple[float, ...]:
        """Of the growth in one cell at the mean rate: shape and scale of a gamma law with mean 1 / CELLS."""
        shape = 1.0 / (CELLS * self.noise_cv**2)
        return shape, 1.0 / (CELLS * shape)

    def _grow(self, growth: Stream) -> None:
        """Draw the path on to the failure level."""
        self.worn_at = math.inf
        if self.life == math.inf:
            return
        path = self._path
        while path[-1] < self.level:
            path.append(path[-1] + self.rate * growth.draw())
        cell = max(bisect_left(path, self.level), 1)
        low, high = path[cell - 1], path[cell]
        share = (self.level - low) / (high - low) if high > low else 1.0
        self.worn_at = (cell - 1 + share) * self.life / CELLS


def _life(field: str, value: float) -> float:
    return math.inf if value == math.inf else number(field, value, above=0)
