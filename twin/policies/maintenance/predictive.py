"""Predictive maintenance: renew when waiting costs more than renewing, by the forecast hazard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.base import WorkOrders
from twin.policies.prospect import Prospect
from twin.policies.setpoints.search import SetpointSearch
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR


class Predictive(SavedFields):
    """The marginal replacement rule: renew where h (c_f - c_p) >= g.

    h: forecast probability of failing within `lead` ticks, per second. c_f, c_p: costs of a corrective and a preventive
    renewal. g: long-run cost of renewals per second under the policy itself, estimated from the lives it produced;
    repeated, this is policy iteration towards the optimal g (Barlow & Proschan 1965; Makis & Jardine 1992).

    lead: ticks. enough: failures to be seen before the first order. retry: ticks, see WorkOrders. setpoints: keyword
    arguments of SetpointSearch, None for no search. Raises ValueError for lead or enough < 1.

    >>> from sim.contract import Actuator, Asset, Objective, OrderCost, PlantSpec
    >>> from twin.forecast import Forecast
    >>> from twin.sensing.cleaning import Cleaner
    >>> order = OrderCost("pump", "pump.renew", 100.0, 900.0, 600.0, 6000.0, downtime_cost=0.01)
    >>> renew = Actuator("pump", "renew", "work_order", "", 1.0, 1.0, 1.0)
    >>> spec = PlantSpec((Asset("pump", "pump"),), (), (), (renew,), Objective("", "EUR", orders=(order,)), tick=600.0)
    >>> policy, window = Predictive(spec=spec, lead=6), Window(spec=spec, cleaner=Cleaner(spec=spec))
    >>> doomed = Forecast((6,), (), (0.0, 6.0), np.zeros((1, 1, 1, 0, 5)), hazard=np.full((1, 1, 1, 1), 0.99))
    >>> policy.act(window, predict=lambda plans: doomed)  # no failure has been seen: the hazard is not trusted yet
    []
    """

    STATE_FIELDS = ("_search",)

    def __init__(
        self,
        *,
        spec: PlantSpec,
        lead: int = 36,
        enough: int = 6,
        retry: int = 12,
        setpoints: Mapping[str, Any] | None = None,
    ) -> None:
        if lead < 1:
            raise ValueError(f"Predictive: lead = {lead}: must be >= 1 tick")
        if enough < 1:
            raise ValueError(f"Predictive: enough = {enough}: must be >= 1 failure")
        self._orders, self._lead, self._enough = WorkOrders(spec=spec, retry=retry), lead, enough
        self._search = None if setpoints is None else SetpointSearch(spec=spec, **setpoints)
        self._spec = spec

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Work orders that are due, and a setpoint move where it pays."""
        risk, waiting, rate = self._judge(window, predict)
        saved = rate * (self._lead * self._spec.tick)
        informed = window.lives.failures.sum() >= self._enough
        due = np.flatnonzero(informed & self._orders.ready(window) & (waiting >= saved))
        actions = [self._orders.issue(window, int(i), self._reason(risk[i], waiting[i], saved[i])) for i in due]
        if self._search is not None:
            life_value = np.zeros(len(self._spec.assets))
            life_value[self._orders.assets] = rate * self._spec.tick
            actions += self._search.act(window, predict, life_value)
        return actions

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """See twin.policies.prospect.HasProspects: of assets that stand, what waiting costs over what it saves."""
        risk, waiting, rate = self._judge(window, predict)
        saved = rate * (self._lead * self._spec.tick)
        missing = self._enough - int(window.lives.failures.sum())
        unsure = f"; no forecast is trusted before {missing} more failure{'s' * (missing != 1)}" if missing > 0 else ""
        return [
            self._orders.prospect(int(i), waiting[i] / saved[i], self._reason(risk[i], waiting[i], saved[i]) + unsure)
            for i in np.flatnonzero(self._orders.ready(window) & (saved > 0))
        ]

    def _judge(self, window: Window, predict: Predict) -> tuple[Floats, Floats, Floats]:
        """[orders] probability of failing within `lead`; what that is expected to cost; cost of renewals per second."""
        risk = np.nan_to_num(predict([window.hold()]).failure_within(self._lead)[0][self._orders.assets])
        return risk, risk * (self._orders.corrective - self._orders.preventive), self._orders.cost_rate(window)

    def _reason(self, risk: float, waiting: float, saved: float) -> str:
        hours, unit = self._lead * self._spec.tick / HOUR, self._spec.objective.unit
        return f"risk {risk:.1%} in {hours:.1f} h: waiting costs {waiting:,.0f} {unit} and saves {saved:,.0f}"
