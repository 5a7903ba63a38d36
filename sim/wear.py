"""Wear: a gamma process that grows while processing, and the failures that come of it or as shocks."""

from __future__ import annotations

import math

from scipy.stats import norm

from sim.checks import number
from sim.streams import Stream

LOWEST_LEVEL = 0.3


class Wear:
    """One station's wear and its two failure modes. Wear is in units of the mean failure level.

    life: mean seconds of processing at speed 1 until wear reaches 1. rate_cv: of the rate, lognormal, drawn per life.
    noise_cv: of the growth in one cycle (a gamma process: van Noortwijk 2009). level_sd: of the failure level, normal
    around 1, cut at 0.3. speed_exponent: growth per second of processing goes with speed to this power (Taylor's tool
    life). shock_life: mean seconds of processing until a shock failure, inf for none. imperfect: largest share of the
    wear that maintenance leaves, drawn uniformly. Draws belong to the life (seed, name, number): acting differently
    does not change the luck of the next life.
    """

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
        self.life = number(f"{field}.life", life, above=0)
        self.rate_cv = number(f"{field}.rate_cv", rate_cv, low=0)
        self.noise_cv = number(f"{field}.noise_cv", noise_cv, above=0)
        self.level_sd = number(f"{field}.level_sd", level_sd, low=0, high=0.5)
        self.speed_exponent = number(f"{field}.speed_exponent", speed_exponent, low=0)
        self.shock_life = shock_life if shock_life == math.inf else number(f"{field}.shock_life", shock_life, above=0)
        self.imperfect = number(f"{field}.imperfect", imperfect, low=0, high=1)
        self.seed, self.name, self.number = seed, name, -1
        self.wear, self.worked = 0.0, 0.0
        self.renew(perfect=True)

    def renew(self, *, perfect: bool) -> None:
        """Begin the next life."""
        self.number += 1
        label = f"{self.name}.life/{self.number}"
        normals = Stream(self.seed, f"{label}.normal", "normal", block=4)
        self.rate = _lognormal(normals.draw(), self.rate_cv)
        self.level = max(1.0 + self.level_sd * normals.draw(), LOWEST_LEVEL)
        left = Stream(self.seed, f"{label}.left", block=1).draw()
        self.wear = 0.0 if perfect else self.wear * self.imperfect * left
        self.level = max(self.level, self.wear + 0.05)
        self.shock_left = self.shock_life * Stream(self.seed, f"{label}.shock", "exponential", block=1).draw()
        self.growth = Stream(self.seed, f"{label}.growth", "gamma", 1.0 / self.noise_cv**2)
        self.worked = 0.0
        self._factor = self.rate * self.noise_cv**2 / self.life

    def work(self, seconds: float, speed: float) -> tuple[float, str]:
        """Process for `seconds`: (seconds until a failure or inf, its mode). Wear and age move to that point."""
        growth = self._factor * seconds * speed**self.speed_exponent * self.growth.draw()
        lasts, mode = math.inf, ""
        if self.wear + growth >= self.level:
            lasts, mode = seconds * max(self.level - self.wear, 0.0) / growth, "wear"
        if self.shock_left <= seconds and self.shock_left < lasts:
            lasts, mode = self.shock_left, "shock"
        done = min(lasts, seconds)
        self.wear += growth * done / seconds
        self.shock_left -= done
        self.worked += done
        return lasts, mode

    def hazard(self, speed: float) -> float:
        """Failures per second of processing given wear, rate and speed, but not the failure level or the draws."""
        growth = self.rate * speed**self.speed_exponent / self.life
        z = (self.wear - 1.0) / max(self.level_sd, 1e-6)
        by_wear = growth * math.exp(float(norm.logpdf(z) - norm.logsf(z))) / max(self.level_sd, 1e-6)
        return by_wear + (1.0 / self.shock_life if self.shock_life < math.inf else 0.0)

    def reseed(self, seed: int) -> None:
        """Another future of the same present: level and shock are drawn again, given that neither has struck."""
        self.seed = seed
        self.growth.reseed(seed)
        label = f"{self.name}.life/{self.number}.again"
        z = (self.wear - 1.0) / max(self.level_sd, 1e-6)
        share = Stream(seed, f"{label}.level", block=1).draw()
        again = 1.0 + self.level_sd * float(norm.isf((1.0 - share) * norm.sf(z)))
        self.level = max(again, self.wear + 1e-9)
        self.shock_left = self.shock_life * Stream(seed, f"{label}.shock", "exponential", block=1).draw()


def _lognormal(normal: float, cv: float) -> float:
    """Lognormal of mean 1 from a standard normal draw."""
    spread = math.sqrt(math.log1p(cv**2))
    return math.exp(spread * normal - spread**2 / 2)
