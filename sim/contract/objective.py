"""What a plant is run for: an objective, and what its work orders cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OrderCost:
    """Economics of renewing one asset through a work order, as the plant's planners would state them.

    actuator: key of the work_order actuator. Costs are materials and labour per job; times are mean seconds of work.
    downtime_cost: what a second of standstill of this asset is reckoned to cost (lost margin).
    """

    asset: str
    actuator: str
    preventive_cost: float
    corrective_cost: float
    preventive_time: float
    corrective_time: float
    downtime_cost: float

    @property
    def preventive_total(self) -> float:
        """Cost of a planned renewal, standstill included."""
        return self.preventive_cost + self.preventive_time * self.downtime_cost

    @property
    def corrective_total(self) -> float:
        """Cost of a failure, standstill included."""
        return self.corrective_cost + self.corrective_time * self.downtime_cost


@dataclass(frozen=True, slots=True)
class Objective:
    """What the plant is run for.

    signal: key of the cumulative signal that measures it, "" where none does (a recording).
    sense: +1 maximise (profit), -1 minimise (cost).
    prices: currency per unit of each kind of signal that has a price (energy, scrap ...).
    orders: the economics of each work order.
    figure: name of the key figure that tells it as a rate (profit_per_hour, cost_per_day), "" for the plant's first.
    """

    signal: str
    unit: str
    sense: int = 1
    prices: Mapping[str, float] = field(default_factory=dict)
    orders: tuple[OrderCost, ...] = ()
    figure: str = ""
