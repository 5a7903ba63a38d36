"""References that see hidden state. They say so in their name, and no twin ever does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.contract import Action, PlantSpec
from twin.policies.base import Predict, WorkOrders
from twin.window import Window

Truth = Callable[[], dict[str, Any]]


class PrivilegedThreshold:
    """Renews by the true wear and its true rate, without knowing the failure level or any future draw.

    The failure level is normal with `level_mean`, `level_sd` (as a plant's designer would know it), so the hazard per
    second at wear w growing at r is r f(w) / (1 - F(w)), plus the shock rate; renewal is due when hazard x (c_f - c_p)
    >= factor x g with g the cost rate so far. factor: optimised on other seeds. Raises ValueError for factor <= 0.
    """

    privileged = True

    def __init__(self, *, spec: PlantSpec, factor: float = 1.0, retry: int = 12) -> None:
        if not factor > 0:
            raise ValueError(f"PrivilegedThreshold: factor = {factor}: must be > 0")
        self._orders, self._factor = WorkOrders(spec=spec, retry=retry), factor
        self._spec = spec
        self._truth: Truth = dict

    def connect(self, truth: Truth) -> None:
        """Take the plant's hidden state; only the lab can give it."""
        self._truth = truth

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Order every renewal that is due by the true hazard."""
        hazard = np.array([self._truth()["hazard"][self._spec.assets[a].name] for a in self._orders.assets])
        rate = self._orders.cost_rate(window)
        waiting = hazard * (self._orders.corrective - self._orders.preventive)
        due = np.flatnonzero(self._orders.ready(window) & (waiting >= self._factor * rate))
        return [self._orders.issue(window, int(i), f"true hazard {3600 * hazard[i]:.2%} per hour") for i in due]
