"""What every policy takes and returns, and the work orders that maintenance policies issue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.prospect import Prospect
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import Stateful


class Policy(Stateful, Protocol):
    """Decides from what has been measured and from forecasts of candidate plans. It never sees a network."""

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Actions for this tick, each with its reason.

        window: readings, events, lives and setpoints up to now. predict: plans to one Forecast for all of them.
        """
        ...


def types_of(spec: PlantSpec, named: Iterable[str], what: str) -> list[str]:
    """The type of each asset. Raises ValueError where one of `named` is none of them."""
    types = [asset.type for asset in spec.assets]
    for name in named:
        if name not in types:
            known = ", ".join(dict.fromkeys(types))
            raise ValueError(f"{what}.{name}: there is no such type of asset; there are {known}")
    return types


class WorkOrders:
    """The work orders of a plant: which asset each renews, what a renewal costs, which orders are on their way.

    spec: of the plant; its objective lists the orders. retry: ticks after which an order without effect may be
    repeated. assets: [orders] asset index. preventive, corrective: [orders] total cost of a renewal, standstill
    included. Raises ValueError for retry < 1.
    """

    def __init__(self, *, spec: PlantSpec, retry: int = 12) -> None:
        if retry < 1:
            raise ValueError(f"WorkOrders: retry = {retry}: must be >= 1 tick")
        orders = spec.objective.orders
        self.assets: NDArray[np.intp] = np.array([spec.asset_index[o.asset] for o in orders], dtype=np.intp)
        self.preventive: Floats = np.array([o.preventive_total for o in orders])
        self.corrective: Floats = np.array([o.corrective_total for o in orders])
        self._actuators, self._names = [o.actuator for o in orders], [o.asset for o in orders]
        self._retry = retry * spec.tick

    def ready(self, window: Window) -> NDArray[np.bool_]:
        """[orders] whether the asset is up and no order for it is on its way."""
        waiting = window.now - window.ordered[self.assets] < self._retry
        up: NDArray[np.bool_] = window.lives.state[self.assets] == UP
        return up & ~waiting

    def issue(self, window: Window, order: int, reason: str) -> Action:
        """Order the renewal of `assets[order]` now, and record that the order is on its way."""
        window.ordered[self.assets[order]] = window.now
        return Action(window.now, self._actuators[order], 1.0, reason)

    def prospect(self, order: int, reached: float, reason: str) -> Prospect:
        """The renewal of `assets[order]` as what may be ordered next; reached, reason: see Prospect."""
        return Prospect(self._names[order], self._actuators[order], reached, reason)

    def cost_rate(self, window: Window) -> Floats:
        """[orders] long-run cost of renewals per second.

        Renewal reward: cost of all lives over their time. The mean of all assets counts as a prior worth one life.
        """
        lives = window.lives
        exposure = (lives.exposure + lives.age(window.now))[self.assets]
        failures, maintained = lives.failures.sum(1)[self.assets], lives.maintained[self.assets]
        cost = failures * self.corrective + maintained * self.preventive
        total = max(float((failures + maintained).sum()), 1.0)
        pooled_life = max(float(exposure.sum()), 1.0) / total
        share_failed = (float(failures.sum()) + 0.5) / (total + 0.5)
        prior = share_failed * self.corrective + (1 - share_failed) * self.preventive
        rate: Floats = (cost + prior) / (exposure + pooled_life)
        return rate
