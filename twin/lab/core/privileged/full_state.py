"""The reference of plants whose assets wear: a marginal rule on true condition, and setpoints by time and state.

It sees wear, its rate and its laws, but neither the failure level of a life nor any later draw.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.lab.core.privileged.condition import TrueCondition, cost_rates, named_orders
from twin.lab.core.privileged.roles import TruthReader
from twin.lab.core.privileged.speeds import SpeedRules
from twin.policies.base import WorkOrders
from twin.policies.maintenance.occasions import Occasions
from twin.policies.setpoints.standing import StandingSetpoints
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import DAY


class PrivilegedFullState(SavedFields):
    """Renews where waiting costs more than it saves: p (c_f - c_p) >= limit g L.

    The marginal rule of Barlow & Proschan (1965).

    p: true probability of failing within L. c_f, c_p: costs of a failure, with the wait for somebody on duty, and of a
    renewal. g: each asset's own long-run cost per second at its best limit of wear. L: `lead` ticks; within `before`
    ticks of the time at which the last technician leaves, and while nobody is there, it reaches to the next who comes.

    join: share of `limit` that suffices while another asset stands and a technician is free. setpoints: by asset type,
    see StandingSetpoints. speeds: keyword arguments of SpeedRules, None for standing setpoints only. retry: ticks, see
    WorkOrders. Raises ValueError for a limit <= 0, a share outside (0, 1] and ticks < 1.
    """

    privileged = True
    STATE_FIELDS = ("_setpoints", "_rate", "_rated")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        limit: float = 1.0,
        join: float = 1.0,
        lead: int = 6,
        before: int = 18,
        setpoints: Mapping[str, Mapping[str, float]] | None = None,
        speeds: Mapping[str, float] | None = None,
        retry: int = 12,
    ) -> None:
        if not limit > 0:
            raise ValueError(f"PrivilegedFullState: limit = {limit}: must be > 0")
        for name, ticks in (("lead", lead), ("before", before)):
            if ticks < 1:
                raise ValueError(f"PrivilegedFullState: {name} = {ticks}: must be >= 1 tick")
        self._spec, self._orders = spec, WorkOrders(spec=spec, retry=retry)
        self._names = named_orders(spec, self._orders)
        self._occasions = Occasions(spec=spec, assets=self._orders.assets, join=join, dusk=1.0)
        self._setpoints = StandingSetpoints(spec=spec, values=setpoints, retry=retry)
        self._base = dict(self._setpoints.wanted)
        self._rules = SpeedRules(spec=spec, **speeds) if speeds is not None else None
        self._limit, self._lead, self._before = limit, lead * spec.tick, before * spec.tick
        self._rate: Floats = np.zeros(len(self._names))
        self._rated: Floats = np.full(1 + len(self._names), np.nan)  # the day and the speeds that `_rate` is of
        self._truth: TruthReader | None = None

    def connect(self, truth: TruthReader) -> None:
        """Take the plant's hidden state; only the lab can give it."""
        self._truth = truth

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Work orders that are due, and setpoints that are to be moved."""
        if self._truth is None:
            raise ValueError("PrivilegedFullState: does not see the plant's condition; only the lab can show it")
        condition = TrueCondition(self._truth(), names=self._names, now=window.now)
        return self._work(window, condition) + self._move(window, condition)

    def _work(self, window: Window, condition: TrueCondition) -> list[Action]:
        orders, speed = self._orders, self._speeds(window)
        lead, wait = self._reach(window.now)
        rate = self._cost_rates(window.now, condition, speed)
        corrective = orders.corrective + wait * self._downtime()
        worth = condition.fails_within(lead, speed) * (corrective - orders.preventive) / (rate * lead)
        limit = self._limit * self._occasions.shares(window)
        due = np.flatnonzero(orders.ready(window) & (np.nan_to_num(worth) >= limit))
        return [orders.issue(window, int(i), f"true worth {worth[i]:.2f} >= {limit[i]:.2f}") for i in due]

    def _cost_rates(self, now: float, condition: TrueCondition, speed: Floats) -> Floats:
        """[orders] see cost_rates; reckoned anew each day, and where a speed has changed."""
        key = np.concatenate([[now // DAY], speed])
        if not np.array_equal(key, self._rated):
            self._rate, self._rated = cost_rates(condition, self._orders, speed), key
        return self._rate

    def _reach(self, now: float) -> tuple[float, float]:
        """Seconds over which waiting is weighed, and those that a failure in them waits for somebody on average."""
        calendar = self._occasions.calendar
        leaves = calendar.until(now, there=False)
        if leaves > self._before:
            return self._lead, 0.0
        comes = calendar.until(now + leaves, there=True)
        return leaves + comes + self._lead, comes / 2

    def _downtime(self) -> Floats:
        return np.array([order.downtime_cost for order in self._spec.objective.orders])

    def _speeds(self, window: Window) -> Floats:
        """[orders] each asset's speed in force, 1 where it has none."""
        if "speed" not in window.layout.setpoints:
            return np.ones(len(self._orders.assets))
        column: Floats = window.setpoints[self._orders.assets, window.layout.setpoints.index("speed")]
        return np.nan_to_num(column, nan=1.0)

    def _move(self, window: Window, condition: TrueCondition) -> list[Action]:
        if self._rules is None:
            return self._setpoints.act(window)
        calendar = self._occasions.calendar
        away = calendar.until(window.now, there=True)
        risk = condition.fails_within(max(away, self._lead), self._speeds(window))
        risky: NDArray[np.bool_] = np.isfinite(risk) & (risk >= self._rules.risk)
        at_risk = {name for name, it_is in zip(self._names, risky, strict=True) if it_is}
        wanted = self._rules.wanted(window, self._base, alone=away > 0, at_risk=at_risk)
        return self._setpoints.move(window, wanted, "speed by tariff, shift and true condition")
