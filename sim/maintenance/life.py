"""The luck of one life: how fast it wears, how much wear it bears, how it ends.

A life's draws come from the caller, so that they belong to it by name and number and acting differently does not change
the luck of the next one. Wear is in units of the mean failure level.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from sim.engine.checks import number

LOWEST_LEVEL = 0.3  # below it a normal draw is cut: nothing fails as good as new
LARGEST_SD = 0.5  # of the failure level; beyond it the cut would move the mean by more than 2 %


def life_spread(field: str, rate_cv: float, level_sd: float) -> tuple[float, float]:
    """(rate_cv, level_sd) checked. Raises ValueError naming `field` unless rate_cv >= 0 and level_sd is in [0, 0.5]."""
    return number(f"{field}.rate_cv", rate_cv, low=0), number(f"{field}.level_sd", level_sd, low=0, high=LARGEST_SD)


def life_rate(normal: float, cv: float) -> float:
    """Rate of wear of a life relative to the mean: lognormal of mean 1 and this coefficient of variation.

    normal: the life's draw, standard normal.
    """
    spread = math.sqrt(math.log1p(cv**2))
    return math.exp(spread * normal - spread**2 / 2)


def failure_level(normal: float, sd: float) -> float:
    """Wear at which a life ends: normal of mean 1 and this standard deviation, at least LOWEST_LEVEL.

    normal: the life's draw, standard normal.
    """
    return max(1.0 + sd * normal, LOWEST_LEVEL)


class FailureShares:
    """How often a life ends in each mode. modes: their names.

    shares: mode → weight >= 0, at least one of them > 0. Raises ValueError naming `field`.
    """

    def __init__(self, field: str, shares: Mapping[str, float]) -> None:
        weights = [number(f"{field}.{mode}", share, low=0) for mode, share in shares.items()]
        if not sum(weights) > 0:
            raise ValueError(f"{field} = {dict(shares)}: must name a mode with a share > 0")
        self.modes = tuple(shares)
        self._bounds = [total / sum(weights) for total in itertools.accumulate(weights)]

    def mode(self, uniform: float) -> str:
        """The mode of a life. uniform: the life's draw, in [0, 1)."""
        return next(m for m, bound in zip(self.modes, self._bounds, strict=True) if uniform <= bound + 1e-12)
