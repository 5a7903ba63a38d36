"""When to renew what wears, by its true wear: the marginal rule."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from twin.forecast import Floats

LIMITS: Floats = np.linspace(0.0, 2.5, 1001)  # of wear, that a limit is chosen from
LEAST_SD = 0.01  # of the failure level: finer is lost on the grid of limits
NODES = 15  # of the quadrature over rates


class LevelCurves(NamedTuple):
    """By LIMITS, of a failure level that is normal around 1: failures per unit of wear, share that survives to a limit,
    and mean wear at which a life ends that is renewed there."""

    hazard: Floats
    survival: Floats
    reached: Floats


@lru_cache(maxsize=32)
def level_curves(level_sd: float) -> LevelCurves:
    """See LevelCurves. level_sd: standard deviation of the level."""
    sd = max(level_sd, LEAST_SD)
    z = (LIMITS - 1.0) / sd
    survival = ndtr(-z)
    hazard = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / sd / np.maximum(survival, 1e-12)
    reached = np.concatenate([[0.0], np.cumsum((survival[1:] + survival[:-1]) / 2 * np.diff(LIMITS))])
    return LevelCurves(np.maximum.accumulate(hazard), survival, reached)


@dataclass(frozen=True, slots=True)
class WearLaw:
    """How assets of a kind fail: at a wear that is normal around 1, reached at a rate that is lognormal around 1.

    level_sd: of the first. rate_cv: coefficient of variation of the second. pace: wear per second at rate 1.
    preventive, corrective: costs of a renewal. Failures by shock come as often before as after a
    renewal and do not enter.
    """

    level_sd: float
    rate_cv: float
    pace: float
    preventive: float
    corrective: float

    def limit(self, rate: float, cost_rate: float) -> float:
        """The wear from which h (c_f - c_p) >= g, h per second at this rate and g = cost_rate; inf for never."""
        at = int(self._limits(np.array([rate]), cost_rate)[0])
        return float(LIMITS[at]) if at < len(LIMITS) else math.inf

    def cost_rate(self) -> float:
        """g, the least long-run cost per second: that at which the marginal rule costs exactly g.

        Source: renewal reward; the marginal rule is optimal where the hazard rises (Barlow & Proschan 1965).
        """
        scale = self.pace * self.corrective
        if scale <= 0 or self.corrective <= self.preventive:
            return 0.0
        return float(brentq(lambda g: self._cost(g * scale) / scale - g, 1e-6, 10.0, xtol=1e-5)) * scale

    def _limits(self, rates: Floats, cost_rate: float) -> NDArray[np.intp]:
        """Place in LIMITS of the limit at each rate, their number for never."""
        worth = np.maximum(self.pace * rates * (self.corrective - self.preventive), 1e-300)
        return np.searchsorted(level_curves(self.level_sd).hazard, cost_rate / worth)

    def _cost(self, cost_rate: float) -> float:
        """Cost per second where lives are renewed at their limits under g = cost_rate."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        spread = math.sqrt(math.log1p(self.rate_cv**2))
        rates = np.exp(spread * nodes - spread**2 / 2)
        at, curves = np.clip(self._limits(rates, cost_rate), 1, len(LIMITS) - 1), level_curves(self.level_sd)
        survives = curves.survival[at]
        cost = weights @ (self.preventive * survives + self.corrective * (1 - survives))
        return float(cost / (weights @ (curves.reached[at] / (self.pace * rates))))
