"""Age replacement of a machine with Weibull lives (Barlow and Proschan, Mathematical Theory of Reliability, 1965)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import gammainc


@dataclass(frozen=True, slots=True)
class AgeReplacement:
    """Renew at age T, or at failure if that is earlier. shape, scale: of the life; planned, failed: cost of a renewal.

    With the times that renewals take in place of costs, `rate` is downtime per time at work.
    """

    shape: float
    scale: float
    planned: float
    failed: float

    def survival(self, age: float) -> float:
        """Chance to reach an age."""
        return math.exp(-((age / self.scale) ** self.shape))

    def work(self, age: float) -> float:
        """Mean time at work between renewals at `age`: the integral of `survival`."""
        share = 1.0 if age == math.inf else float(gammainc(1.0 / self.shape, (age / self.scale) ** self.shape))
        return self.scale * math.gamma(1.0 + 1.0 / self.shape) * share

    def rate(self, age: float) -> float:
        """Cost per time at work; age = inf is run to failure."""
        survives = self.survival(age)
        return (self.planned * survives + self.failed * (1.0 - survives)) / self.work(age)

    def unavailability(self, age: float) -> float:
        """Share of the time spent on renewals, where their times stand in place of costs."""
        rate = self.rate(age)
        return rate / (1.0 + rate)

    def best_age(self) -> float:
        """The age of the least rate: inf where failing costs no more, or where the hazard does not grow."""
        if self.failed <= self.planned or self.shape <= 1.0:
            return math.inf
        high = self.scale
        while self._gain(high) < 0.0:
            high *= 2.0
        low = high / 2.0
        while self._gain(low) > 0.0:
            low /= 2.0
        return float(brentq(self._gain, low, high, xtol=1e-12 * self.scale, rtol=1e-14))

    def _gain(self, age: float) -> float:
        """Hazard x work - chance to fail - planned / (failed - planned): grows through 0 at the best age."""
        hazard = self.shape / self.scale * (age / self.scale) ** (self.shape - 1.0)
        failed = -math.expm1(-((age / self.scale) ** self.shape))
        return float(hazard * self.work(age) - failed - self.planned / (self.failed - self.planned))
