"""Work orders for a site by its true wear, dirt and fade, at the hour of the next day that costs least. Privileged."""

from __future__ import annotations

import numpy as np

from sim.contract import Action, OrderCost, PlantSpec, Truth
from twin.forecast import Floats
from twin.lab.core.privileged.foresight import Foresight
from twin.lab.core.privileged.renewal_rule import WearLaw
from twin.policies.base import WorkOrders
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import DAY, HOUR

SMALL = 0.01  # currency: less than that was not lost


class SiteUpkeep(SavedFields):
    """Orders what pays by the hidden state.

    A machine that wears is renewed from the limit of the marginal rule on (see WearLaw). Panels are cleaned once dirt
    has cost as much as a cleaning, if it would cost as much again before rain. A battery is renewed once its fade has
    cost as much as new cells do. An order waits up to a day for the hours in which a standstill costs least.

    capacity_value: currency that a kWh of the battery's capacity is worth in a day. retry: ticks, see WorkOrders.
    """

    privileged = True
    STATE_FIELDS = ("_lost", "_soiling")

    def __init__(self, *, spec: PlantSpec, capacity_value: float, retry: int) -> None:
        self._orders, self._spec = WorkOrders(spec=spec, retry=retry), spec
        self._capacity_value = capacity_value
        self._types = {asset.name: asset.type for asset in spec.assets}
        self._lost: dict[str, float] = {order.asset: 0.0 for order in spec.objective.orders}
        self._soiling: dict[str, float] = {}

    def act(self, window: Window, truth: Truth, ahead: Foresight, value: Floats, battery: Floats) -> list[Action]:
        """Orders now. ahead: from now on. value: [ticks] of energy, currency per kWh. battery: [ticks] kW planned."""
        ready, actions = self._orders.ready(window), []
        for number, order in enumerate(self._spec.objective.orders):
            why = self._due(order, number, truth, ahead, value)
            if why and ready[number] and self._best_now(order, ahead, value, battery):
                actions.append(self._orders.issue(window, number, why))
        return actions

    def _due(self, order: OrderCost, number: int, truth: Truth, ahead: Foresight, value: Floats) -> str:
        """Why the asset is due, or nothing."""
        name, cost = order.asset, float(self._orders.preventive[number])
        if name in truth.get("wear", {}):
            wear, law = truth["wear"][name], self._law(order, number, truth)
            limit = law.limit(truth["wear_law"][name]["rate"], law.cost_rate()) if wear > 0.5 else np.inf
            if wear >= limit:
                return f"true wear {wear:.2f} >= {limit:.2f}"
        if name in truth.get("soiling", {}):
            gain = self._dirt(name, truth["soiling"][name], ahead, value)
            if min(gain, self._lost[name]) >= max(cost, SMALL):
                return f"dirt costs {gain:.0f} before it rains and has cost {self._lost[name]:.0f}; cleaning {cost:.0f}"
        if name in truth.get("health", {}):
            self._fade(name, truth["health"][name])
            if self._lost[name] >= max(cost, SMALL):
                return f"fade has cost {self._lost[name]:.0f}; new cells cost {cost:.0f}"
        return ""

    def _law(self, order: OrderCost, number: int, truth: Truth) -> WearLaw:
        known = truth["wear_law"][order.asset]
        costs = float(self._orders.preventive[number]), float(self._orders.corrective[number])
        return WearLaw(known["level_sd"], known["rate_cv"], known["pace"], *costs)

    def _dirt(self, name: str, soiling: float, ahead: Foresight, value: Floats) -> float:
        """What today's dirt will cost until rain has washed it off; counts what it costs in this tick."""
        before, loss = self._soiling.get(name, 0.0), dirt_costs(soiling, ahead.soiling[name], ahead.offered, value)
        washed = min(soiling / before, 1.0) if before > 0 else 0.0
        self._lost[name], self._soiling[name] = self._lost[name] * washed + float(loss[0]) * self._hours, soiling
        return float(loss.sum()) * self._hours

    def _fade(self, name: str, health: float) -> None:
        capacity = self._spec.assets[self._spec.asset_index[name]].nameplate["capacity"]
        rate = (1.0 - health) * capacity * self._capacity_value
        self._lost[name] = self._lost[name] + rate * self._spec.tick / DAY if health < 1.0 else 0.0

    @property
    def _hours(self) -> float:
        return self._spec.tick / HOUR

    def _best_now(self, order: OrderCost, ahead: Foresight, value: Floats, battery: Floats) -> bool:
        """Whether no start in the next day costs less standstill than now."""
        match self._types[order.asset]:
            case "solar" | "wind":
                loss = ahead.offered * value
            case "battery":
                loss = np.abs(battery) + (1.0 - ahead.connected) * battery.max(initial=1.0) * 10.0
            case _:
                loss = 1.0 - ahead.connected
        ticks, day = max(round(order.preventive_time / self._spec.tick), 1), round(DAY / self._spec.tick)
        if order.asset in ahead.soiling or len(loss) <= ticks:
            return True  # who cleans does not stop anything
        totals = np.convolve(loss, np.ones(ticks), "valid")[:day]
        return bool(totals[0] <= totals.min() + 1e-9)


def dirt_costs(soiling: float, ahead: Floats, offered: Floats, value: Floats) -> Floats:
    """[ticks] currency per hour that today's dirt costs until it is washed off.

    soiling: share of the light lost now. ahead: [ticks] the same at each tick's end. offered: [ticks] kW that the sun
    gives through it. value: [ticks] of energy, currency per kWh. Rain takes a share of all dirt, today's too.
    """
    before = np.concatenate([[soiling], ahead[:-1]])
    kept = np.where(ahead < before, ahead / np.maximum(before, 1e-12), 1.0)
    still = soiling * np.cumprod(kept)
    result: Floats = still * offered / np.maximum(1.0 - ahead, 0.1) * value
    return result
