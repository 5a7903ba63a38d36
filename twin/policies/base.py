"""What every policy is given and gives back, and the paperwork of work orders."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import Stateful


class Policy(Stateful, Protocol):
    """Decides from what is known (window) and from forecasts of candidate plans (predict); it never sees a network."""

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Actions for this tick, each with its reason."""
        ...


class WorkOrders:
    """The renewable assets of a plant, what their renewal costs, and which orders are on their way.

    assets: [orders] asset index. preventive, corrective: [orders] total cost of a renewal, standstill included.
    retry: ticks after which an order that showed no effect may be sent again.
    """

    def __init__(self, *, spec: PlantSpec, retry: int = 12) -> None:
        if retry < 1:
            raise ValueError(f"WorkOrders: retry = {retry}: must be >= 1 tick")
        orders = spec.objective.orders
        self.assets: NDArray[np.intp] = np.array([spec.asset_index[o.asset] for o in orders], dtype=np.intp)
        self.preventive: Floats = np.array([o.preventive_total for o in orders])
        self.corrective: Floats = np.array([o.corrective_total for o in orders])
        self._actuators = [o.actuator for o in orders]
        self._retry = retry * spec.tick

    def ready(self, window: Window) -> NDArray[np.bool_]:
        """[orders] assets that stand and for which no order is on its way."""
        waiting = window.now - window.ordered[self.assets] < self._retry
        standing: NDArray[np.bool_] = window.lives.state[self.assets] == UP
        return standing & ~waiting

    def issue(self, window: Window, order: int, reason: str) -> Action:
        """Order the renewal and remember that it is on its way."""
        window.ordered[self.assets[order]] = window.now
        return Action(window.now, self._actuators[order], 1.0, reason)

    def cost_rate(self, window: Window) -> Floats:
        """[orders] long-run cost per second of renewals, renewal-reward with the pool as a prior worth one life."""
        lives = window.lives
        exposure = (lives.exposure + lives.age(window.now))[self.assets]
        failures, kept = lives.failures.sum(1)[self.assets], lives.maintained[self.assets]
        cost = failures * self.corrective + kept * self.preventive
        total = max(float((failures + kept).sum()), 1.0)
        pooled_life = max(float(exposure.sum()), 1.0) / total
        share_failed = (float(failures.sum()) + 0.5) / (total + 0.5)
        prior = share_failed * self.corrective + (1 - share_failed) * self.preventive
        rate: Floats = (cost + prior) / (exposure + pooled_life)
        return rate
