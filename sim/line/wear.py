"""Wear: a gamma process that grows while processing, and the failures that come of it or as shocks."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from sim.contract import WearOfLives
from sim.engine.checks import number
from sim.engine.streams import Stream
from sim.maintenance.life import LOWEST_LEVEL, failure_level, life_rate, life_spread

NORMAL = NormalDist()
NEVER = (math.inf, "")


class Wear:
    """One station's wear and its two failure modes. Wear is in units of the mean failure level.

    life: mean seconds of processing at speed 1 until wear reaches 1, inf for none. rate_cv: of the rate, lognormal,
    drawn per life. noise_cv: of the growth in one cycle (a gamma process: van Noortwijk 2009). level_sd: of the failure
    level, normal around 1, cut at 0.3. speed_exponent: growth per second of processing goes with speed to this power
    (Taylor's tool life). shock_life: mean seconds of processing until a shock failure, inf for none. imperfect: largest
    share of the wear that maintenance leaves, drawn uniformly. Draws belong to the life (seed, name, number): acting
    differently does not change the luck of the next life.
    """

    discrete = False

    def __init__(
        self,
        *,
        seed: int,
        name: str,
        life: float,
        rate_cv: float = 0.0,
        noise_cv: float = 1.0,
        level_sd: float = 0.1,
        speed_exponent: float = 2.0,
        shock_life: float = math.inf,
        imperfect: float = 0.0,
    ) -> None:
        field = f"{name}.wear"
        self.life = life if life == math.inf else number(f"{field}.life", life, above=0)
        self.rate_cv, self.level_sd = life_spread(field, rate_cv, level_sd)
        self.noise_cv = number(f"{field}.noise_cv", noise_cv, above=0)
        self.speed_exponent = number(f"{field}.speed_exponent", speed_exponent, low=0)
        self.shock_life = shock_life if shock_life == math.inf else number(f"{field}.shock_life", shock_life, above=0)
        self.imperfect = number(f"{field}.imperfect", imperfect, low=0, high=1)
        self.seed, self.name, self.number = seed, name, -1
        self._normals = Stream(seed, f"{name}.life.normal", "normal")
        self._left = Stream(seed, f"{name}.life.left")
        self._shocks = Stream(seed, f"{name}.life.shock", "exponential")
        self.wear, self.worked, self._grown, self._done = 0.0, 0.0, 0.0, 0.0
        self._speed = self._haste = self.hardness = 1.0
        self.renew(perfect=True)

    def renew(self, *, perfect: bool) -> None:
        """Begin the next life."""
        self.number = n = self.number + 1
        wears = self.life < math.inf
        self.rate = life_rate(self._normals.at(2 * n), self.rate_cv) if wears and self.rate_cv else 1.0
        self.level = failure_level(self._normals.at(2 * n + 1), self.level_sd) if wears else 1.0
        left = self.imperfect * self._left.at(n) if self.imperfect and not perfect else 0.0
        self.wear = self.wear * left
        self.level = max(self.level, self.wear + 0.05)
        self.growth = Stream(self.seed, f"{self.name}.life/{n}.growth", "gamma", (1.0 / self.noise_cv**2,))
        self._grow: Callable[[], float] = self.growth.draws.pop if wears else _nothing
        self.worked = self._grown = self._done = 0.0
        self._shock_at = self.shock_life * self._shocks.at(n) if self.shock_life < math.inf else math.inf
        self._factor = self.hardness * self.rate * self.noise_cv**2 / self.life

    def harden(self, hardness: float) -> None:
        """From the next cycle on the material wears `hardness` times as fast as the usual one."""
        self.hardness = hardness
        self._factor = hardness * self.rate * self.noise_cv**2 / self.life

    def work(self, seconds: float, speed: float) -> tuple[float, str]:
        """Process for `seconds`: (seconds until a failure or inf, its mode). Wear and age move to that point."""
        try:
            draw = self._grow()
        except IndexError:
            draw = self.growth.refill()
        if speed != self._speed:
            self._speed, self._haste = speed, speed**self.speed_exponent
        growth = self._factor * seconds * self._haste * draw
        wear, worked = self.wear + growth, self.worked + seconds
        if wear < self.level and worked < self._shock_at:
            self.wear = wear
            self.worked = worked
            self._grown = growth
            self._done = seconds
            return NEVER
        return self._fail(seconds, growth)

    def _fail(self, seconds: float, growth: float) -> tuple[float, str]:
        """As `work`, where so much growth reaches the failure level, or a shock is due."""
        lasts, mode, wear = math.inf, "", self.wear
        if wear + growth >= self.level:
            lasts, mode = seconds * max(self.level - wear, 0.0) / growth if growth else 0.0, "wear"
        if self.worked + seconds >= self._shock_at:
            shock = min(max(self.shock_left, 0.0), seconds)  # a sum may be rounded up, a difference down
            if shock < lasts:
                lasts, mode = shock, "shock"
        if mode:
            growth *= lasts / seconds if seconds else 0.0
            seconds = lasts
        self.wear = wear + growth
        self.worked += seconds
        self._grown, self._done = growth, seconds
        return lasts, mode

    @property
    def shock_left(self) -> float:
        """Seconds of processing until the next shock."""
        return self._shock_at - self.worked

    def take_back(self, share: float) -> None:
        """The last `share` of the last work is not done after all."""
        self.wear -= self._grown * share
        self.worked -= self._done * share
        self._grown *= 1.0 - share
        self._done *= 1.0 - share

    def hazard(self, speed: float) -> float:
        """Failures per second of processing given wear, rate and speed, but not the failure level or the draws."""
        growth, sd = self.hardness * self.rate * float(speed**self.speed_exponent) / self.life, max(self.level_sd, 1e-6)
        z = (self.wear - 1.0) / sd
        return growth * _inverse_mills(z) / sd + 1.0 / self.shock_life

    def law(self, cycle: float) -> WearOfLives:
        """What holds in every life. cycle: mean seconds of work in one."""
        return {
            "life": self.life,
            "rate_cv": self.rate_cv,
            "grain": self.noise_cv**2 * cycle / self.life,
            "level_sd": self.level_sd,
            "speed_exponent": self.speed_exponent,
            "shock_life": self.shock_life,
        }

    def end_cycle(self, speed: float) -> bool:
        """A cycle is over: whether the station has failed with it. Only discrete wear does."""
        return False

    def reseed(self, seed: int) -> None:
        """Another future of the same present: level and shock are drawn again, given that neither has struck."""
        self.seed = seed
        for stream in (self.growth, self._normals, self._left, self._shocks):
            stream.reseed(seed)
        again = Stream(seed, f"{self.name}.life/{self.number}.again")
        if self.level_sd > 0:
            tail = _upper_tail((self.wear - 1.0) / self.level_sd) * (1.0 - again.draw())
            level = 1.0 - self.level_sd * NORMAL.inv_cdf(min(max(tail, 1e-300), 1.0 - 1e-16))
            self.level = max(level, LOWEST_LEVEL, self.wear + 1e-9)
        self._shock_at = self.worked + self.shock_life * -math.log1p(-again.draw())

    def __getstate__(self) -> dict[str, object]:
        return {key: value for key, value in self.__dict__.items() if key != "_grow"}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._grow = self.growth.draws.pop if self.life < math.inf else _nothing


def _nothing() -> float:
    """What a station without wear grows by."""
    return 0.0


def _upper_tail(z: float) -> float:
    """P(normal > z)."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def _inverse_mills(z: float) -> float:
    """Hazard of the standard normal at z."""
    if z > 30.0:
        return z
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / _upper_tail(z)
