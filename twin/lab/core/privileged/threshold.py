"""References that see hidden state. They say so in their name, and no twin ever does."""

from __future__ import annotations

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.lab.core.privileged.roles import TruthReader
from twin.policies.base import WorkOrders
from twin.sensing.window import Window
from twin.state import SavedFields


class PrivilegedThreshold(SavedFields):
    """Renews at a threshold of the true wear, without knowing the failure level or any future draw.

    threshold: in units of the mean failure level, optimised on other seeds. Raises ValueError for threshold <= 0.
    """

    privileged = True

    def __init__(self, *, spec: PlantSpec, threshold: float, retry: int = 12) -> None:
        if not threshold > 0:
            raise ValueError(f"PrivilegedThreshold: threshold = {threshold}: must be > 0")
        self._orders, self._threshold = WorkOrders(spec=spec, retry=retry), threshold
        self._spec = spec
        self._truth: TruthReader | None = None

    def connect(self, truth: TruthReader) -> None:
        """Take the plant's hidden state; only the lab can give it."""
        self._truth = truth

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Order the renewal of every asset that is worn to the threshold."""
        if self._truth is None:
            raise ValueError("PrivilegedThreshold: does not see the plant's wear; only the lab can show it")
        truth = self._truth().get("wear", {})
        wear = np.array([truth.get(self._spec.assets[a].name, 0.0) for a in self._orders.assets])
        due = np.flatnonzero(self._orders.ready(window) & (wear >= self._threshold))
        return [self._orders.issue(window, int(i), f"true wear {wear[i]:.2f} >= {self._threshold:.2f}") for i in due]
