"""Condition-based maintenance: renew when an indicator crosses a threshold, tuned offline and retuned online."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.base import WorkOrders, types_of
from twin.policies.maintenance.indicator import Indicator
from twin.policies.maintenance.occasions import Occasions
from twin.policies.prospect import Prospect
from twin.policies.setpoints.standing import StandingSetpoints
from twin.sensing.window import Window
from twin.state import SavedFields, State, columns, records


@dataclass(frozen=True, slots=True)
class Course:
    """One finished life by its indicator.

    asset: whose. reached: [levels] age, s, at which each level of the indicator was reached, NaN for never. peak:
    highest value of the indicator. duration: s. failed: whether the life ended in a failure.
    """

    asset: int
    reached: Floats
    peak: float
    duration: float
    failed: bool


class ConditionBased(SavedFields):
    """Renews an asset whose Indicator, the ratio of a signal to its value when new, exceeds a threshold.

    threshold: the ratio at which to renew, as tuned offline on other seeds. thresholds: the same by asset type, of
    those types that have one of their own. retune: whether thresholds are chosen again from the lives seen so far, once
    `enough` of them have ended in a failure: each type's of `thresholds` from its own lives, the common one from all.
    join, dusk, dusk_ticks: see Occasions; the share of a ratio is that of its rise over 1. setpoints: by asset type,
    see StandingSetpoints. kind, span, baseline: see Indicator. retry: ticks, see WorkOrders. Raises ValueError for a
    threshold <= 1, a type that the plant does not have, or enough < 1.

    >>> from sim.contract import Actuator, Asset, Objective, OrderCost, PlantSpec, Signal
    >>> order = OrderCost("pump", "pump.renew", 100.0, 900.0, 600.0, 6000.0, downtime_cost=0.01)
    >>> renew = Actuator("pump", "renew", "work_order", "", 1.0, 1.0, 1.0)
    >>> spec = PlantSpec(
    ...     (Asset("pump", "pump"),),
    ...     (),
    ...     (Signal("pump", "vibration", "vibration", "mm/s", period=60.0),),
    ...     (renew,),
    ...     Objective("", "EUR", orders=(order,)),
    ...     tick=600.0,
    ... )
    >>> ConditionBased(spec=spec, threshold=1.7, thresholds={"pump": 1.4}).thresholds
    {'pump': 1.4}
    >>> ConditionBased(spec=spec, threshold=0.9)
    Traceback (most recent call last):
        ...
    ValueError: ConditionBased: threshold = 0.9: must be > 1, the ratio of a new asset
    """

    STATE_FIELDS = ("threshold", "thresholds", "_indicator", "_reached", "_peak", "_settled", "_setpoints")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        threshold: float,
        thresholds: Mapping[str, float] | None = None,
        join: float = 1.0,
        dusk: float = 1.0,
        dusk_ticks: int = 18,
        setpoints: Mapping[str, Mapping[str, float]] | None = None,
        kind: str = "vibration",
        span: int = 6,
        baseline: int = 12,
        retune: bool = True,
        enough: int = 8,
        retry: int = 12,
    ) -> None:
        self.threshold, self.thresholds = threshold, dict(thresholds or {})
        for name, value in {
            "threshold": threshold,
            **{f"thresholds.{k}": v for k, v in self.thresholds.items()},
        }.items():
            if not value > 1:
                raise ValueError(f"ConditionBased: {name} = {value}: must be > 1, the ratio of a new asset")
        if enough < 1:
            raise ValueError(f"ConditionBased: enough = {enough}: must be >= 1 failure")
        self._orders = WorkOrders(spec=spec, retry=retry)
        self._types = types_of(spec, self.thresholds, "ConditionBased: thresholds")
        self._occasions = Occasions(spec=spec, assets=self._orders.assets, join=join, dusk=dusk, dusk_ticks=dusk_ticks)
        self._setpoints = StandingSetpoints(spec=spec, values=setpoints, retry=retry)
        self._indicator = Indicator(spec=spec, kind=kind, span=span, baseline=baseline)
        self._retune, self._enough = retune, enough
        self._grid = np.geomspace(1.02, 20.0, 160)  # levels of the indicator that a threshold is chosen from
        self._reached: Floats = np.full((len(spec.assets), len(self._grid)), np.nan)
        self._peak: Floats = np.ones(len(spec.assets))
        self._courses: list[Course] = []
        self._settled = 0
        self._level: Floats = np.full(len(self._orders.assets), np.nan)  # of the indicator, by order, at the last tick

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Order the renewal of every asset whose indicator is over its threshold."""
        self._take_lives(window)
        ratio = self._indicator.update(window.frame)
        self._follow(window, ratio)
        level, limit = ratio[self._orders.assets], self._limits(window)
        self._level = level
        due = np.flatnonzero(self._orders.ready(window) & (np.nan_to_num(level) >= limit))
        orders = [self._orders.issue(window, int(i), f"indicator {level[i]:.2f} >= {limit[i]:.2f}") for i in due]
        return orders + self._setpoints.act(window)

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """See twin.policies.prospect.HasProspects: assets that stand, by the indicator at the last tick."""
        limit = self._limits(window)
        reached = (self._level - 1.0) / (limit - 1.0)
        known = np.flatnonzero(self._orders.ready(window) & np.isfinite(reached))
        words = [f"indicator {level:.2f} of {most:.2f}" for level, most in zip(self._level, limit, strict=True)]
        return [self._orders.prospect(int(i), max(float(reached[i]), 0.0), words[i]) for i in known]

    def _limits(self, window: Window) -> Floats:
        """[orders] what each indicator may reach now."""
        types = [self._types[asset] for asset in self._orders.assets]
        own = np.array([self.thresholds.get(kind, self.threshold) for kind in types], dtype=np.float64)
        return 1.0 + (own - 1.0) * self._occasions.shares(window)

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"courses": columns(self._courses)}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._courses = records(Course, state["courses"])

    def _follow(self, window: Window, ratio: Floats) -> None:
        """Record the age at which each level was first reached. ratio: [assets]."""
        self._peak = np.fmax(self._peak, ratio)
        fresh = (self._peak[:, None] >= self._grid) & np.isnan(self._reached)
        self._reached = np.where(fresh, window.lives.age(window.now)[:, None], self._reached)

    def _take_lives(self, window: Window) -> None:
        for life in window.lives.finished[self._settled :]:
            reached, peak = self._reached[life.asset].copy(), float(self._peak[life.asset])
            self._courses.append(Course(life.asset, reached, peak, life.duration, life.failed))
            self._reached[life.asset], self._peak[life.asset] = np.nan, 1.0
        if len(window.lives.finished) > self._settled and self._retune:
            self._choose_all()
        self._settled = len(window.lives.finished)

    def _choose_all(self) -> None:
        """Choose the common threshold and those of types anew, each where enough lives have failed."""
        groups = {kind: [c for c in self._courses if self._types[c.asset] == kind] for kind in self.thresholds}
        for kind, courses in groups.items():
            if sum(course.failed for course in courses) >= self._enough:
                self.thresholds[kind] = self._choose(courses, self.thresholds[kind], kind)
        if sum(course.failed for course in self._courses) >= self._enough:
            self.threshold = self._choose(self._courses, self.threshold)

    def _choose(self, courses: Sequence[Course], standing: float, kind: str | None = None) -> float:
        """The threshold of least cost per unit time, by the lives seen; `standing` where none can be told.

        The level reached plays the part of time: Kaplan-Meier gives the share of lives that reach a level without
        failing first (a maintained life is censored at its peak); the mean age grows by the mean time between levels
        of the lives that reached both, times that share (renewal reward).
        """
        reached = np.array([course.reached for course in courses])
        peak = np.array([course.peak for course in courses])
        duration = np.array([course.duration for course in courses])
        failed = np.array([course.failed for course in courses])
        survival, age, total = np.ones(len(self._grid)), np.zeros(len(self._grid)), 0.0
        alive = 1.0
        for level in range(len(self._grid)):
            low = self._grid[level - 1] if level else 1.0
            at_risk = peak >= low
            here = at_risk & (peak < self._grid[level])
            if not at_risk.any():
                survival[level:], age[level:] = alive, total
                break
            begun = reached[:, level - 1] if level else np.zeros(len(peak))
            spent = np.where(np.isnan(reached[:, level]), duration, reached[:, level]) - np.nan_to_num(begun)
            total += alive * float(spent[at_risk].mean())
            alive *= 1.0 - float((here & failed).sum()) / float(at_risk.sum())
            survival[level], age[level] = alive, total
        these = np.array([kind in (None, self._types[asset]) for asset in self._orders.assets])
        preventive, corrective = self._orders.preventive[these].mean(), self._orders.corrective[these].mean()
        cost = (preventive * survival + corrective * (1 - survival)) / np.maximum(age, 1.0)
        observed = self._grid <= peak.max()
        return float(self._grid[observed][np.argmin(cost[observed])]) if observed.any() else standing
