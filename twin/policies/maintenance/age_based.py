"""Age replacement: renew at the age that minimises cost per unit time, from lifetimes fitted online."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.base import WorkOrders, types_of
from twin.policies.maintenance.occasions import Occasions
from twin.policies.prospect import Prospect
from twin.policies.setpoints.standing import StandingSetpoints
from twin.sensing.lives import Life
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR


def fit_weibull(durations: Floats, failed: Floats, shapes: tuple[float, float] = (0.3, 20.0)) -> tuple[float, float]:
    """(shape, scale) of right-censored lifetimes by maximum likelihood (profile equation, Lawless 2003, 5.2).

    durations: [n] > 0, in any unit, which the scale then has. failed: [n] booleans, False where censored. shapes: range
    in which the shape is sought. Raises ValueError without a failure or with a duration that is not positive.
    """
    if not failed.any():
        raise ValueError("fit_weibull: no failures among the lifetimes")
    if not (durations > 0).all():
        raise ValueError(f"fit_weibull: durations = {durations.min()}: must be > 0")
    scaled = durations / durations.max()
    logs = np.log(scaled)

    def score(shape: float) -> float:
        power = scaled**shape
        return float((power * logs).sum() / power.sum() - 1.0 / shape - logs[failed].mean())

    low, high = shapes
    if score(low) > 0:
        shape = low
    elif score(high) < 0:
        shape = high
    else:
        shape = float(brentq(score, low, high))
    scale = float(((scaled**shape).sum() / failed.sum()) ** (1.0 / shape) * durations.max())
    return shape, scale


def optimal_age(shape: float, scale: float, preventive: float, corrective: float) -> tuple[float, float]:
    """(T*, g*): the age that minimises g(T) = [c_p R(T) + c_f F(T)] / ∫₀ᵀ R, and the minimum.

    Source: Barlow & Proschan 1965.

    shape, scale: of a Weibull life. preventive, corrective: c_p and c_f, costs of a renewal. T* = inf where it is best
    to wait for the failure.

    >>> age, rate = optimal_age(shape=2.0, scale=1000.0, preventive=1.0, corrective=5.0)
    >>> f"{age:.0f} {rate:.5f}"
    '511 0.00409'
    """
    grid = np.linspace(0.0, 4.0 * scale, 4001)  # beyond four scales a wearing asset has failed
    survival = np.exp(-((grid / scale) ** shape))
    exposed = np.concatenate([[0.0], np.cumsum((survival[1:] + survival[:-1]) / 2 * np.diff(grid))])
    with np.errstate(divide="ignore"):
        cost = (preventive * survival + corrective * (1 - survival)) / exposed
    best = int(np.argmin(cost[1:])) + 1
    if best >= len(grid) - 2 or cost[best] > 0.999 * cost[-1]:  # a gain under 0.1 % is none
        return np.inf, float(cost[-1])

    def rate(age: float) -> float:
        survives = float(np.exp(-((age / scale) ** shape)))
        return (preventive * survives + corrective * (1 - survives)) / float(np.interp(age, grid, exposed))

    optimum = minimize_scalar(rate, bounds=(grid[best - 1], grid[best + 1]), method="bounded")
    return float(optimum.x), float(optimum.fun)


class AgeBased(SavedFields):
    """Age replacement with Weibull lifetimes by asset type, refitted whenever a life ends.

    Lives of the same type share the shape; a type with fewer than `enough` failures uses all assets' lives. enough:
    failures. intervals: hours between renewals by asset type, as a manual states them: what holds before the first fit,
    and for good where refit is false; a type that has none is not renewed before it. join, dusk, dusk_ticks: see
    Occasions. setpoints: by asset type, see StandingSetpoints. retry: ticks, see WorkOrders. Raises ValueError for
    enough < 2, an interval <= 0 and a type that the plant does not have.

    >>> from sim.contract import Actuator, Asset, Objective, OrderCost, PlantSpec
    >>> from twin.sensing.cleaning import Cleaner
    >>> order = OrderCost("pump", "pump.renew", 100.0, 900.0, 600.0, 6000.0, downtime_cost=0.01)
    >>> renew = Actuator("pump", "renew", "work_order", "", 1.0, 1.0, 1.0)
    >>> spec = PlantSpec((Asset("pump", "pump"),), (), (), (renew,), Objective("", "EUR", orders=(order,)), tick=600.0)
    >>> policy, window = AgeBased(spec=spec, enough=4), Window(spec=spec, cleaner=Cleaner(spec=spec))
    >>> policy.act(window, predict=lambda plans: None)  # no failure yet: nothing is known of lifetimes
    []
    """

    STATE_FIELDS = ("_ages", "_fitted", "_setpoints")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        enough: int = 4,
        intervals: Mapping[str, float] | None = None,
        refit: bool = True,
        join: float = 1.0,
        dusk: float = 1.0,
        dusk_ticks: int = 18,
        setpoints: Mapping[str, Mapping[str, float]] | None = None,
        retry: int = 12,
    ) -> None:
        if enough < 2:
            raise ValueError(f"AgeBased: enough = {enough}: must be >= 2 failures")
        stated = dict(intervals or {})
        for kind, hours in stated.items():
            if not hours > 0:
                raise ValueError(f"AgeBased: intervals.{kind} = {hours}: must be > 0 h")
        self._orders = WorkOrders(spec=spec, retry=retry)
        self._types = types_of(spec, stated, "AgeBased: intervals")
        self._occasions = Occasions(spec=spec, assets=self._orders.assets, join=join, dusk=dusk, dusk_ticks=dusk_ticks)
        self._setpoints = StandingSetpoints(spec=spec, values=setpoints, retry=retry)
        self._enough, self._refits = enough, refit
        hours_of = [stated.get(self._types[asset], np.inf) for asset in self._orders.assets]
        self._ages: Floats = np.array(hours_of, dtype=np.float64) * HOUR
        self._fitted = -1

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Order the renewal of every asset that has reached its type's optimal age."""
        if self._refits and len(window.lives.finished) != self._fitted:
            self._fitted = len(window.lives.finished)
            self._refit(window)
        age = window.lives.age(window.now)[self._orders.assets]
        limit = self._ages * self._occasions.shares(window)
        due = np.flatnonzero(self._orders.ready(window) & (age >= limit))
        return [
            self._orders.issue(window, int(i), f"age {age[i] / HOUR:.1f} h >= {limit[i] / HOUR:.1f} h") for i in due
        ] + self._setpoints.act(window)

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """See twin.policies.prospect.HasProspects: assets that stand and have an age at which they are renewed."""
        age = window.lives.age(window.now)[self._orders.assets]
        limit = self._ages * self._occasions.shares(window)
        known = np.flatnonzero(self._orders.ready(window) & np.isfinite(limit))
        return [self._orders.prospect(int(i), age[i] / limit[i], _left(age[i], limit[i])) for i in known]

    def _refit(self, window: Window) -> None:
        everything = window.lives.finished + [
            Life(a, float(window.lives.renewed[a]), window.now, -1)
            for a in self._orders.assets
            if window.lives.age(window.now)[a] > 0
        ]
        for order, asset in enumerate(self._orders.assets):
            same = [life for life in everything if self._types[life.asset] == self._types[asset]]
            alone = [life for life in everything if life.asset == asset]
            for lives in (alone, same, everything):
                known = [life for life in lives if life.duration > 0]
                failed = np.array([life.failed for life in known], dtype=bool)
                if failed.sum() >= self._enough:
                    shape, scale = fit_weibull(np.array([life.duration for life in known]), failed)
                    costs = self._orders.preventive[order], self._orders.corrective[order]
                    self._ages[order] = optimal_age(shape, scale, *costs)[0]
                    break


def _left(age: float, limit: float) -> str:
    """How long until an age is reached, s."""
    return f"age {age / HOUR:.1f} h of {limit / HOUR:.1f} h, due in {max(limit - age, 0.0) / HOUR:.1f} h"
