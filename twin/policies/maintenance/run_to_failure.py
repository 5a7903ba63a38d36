"""No maintenance before failure: the policy that every other must beat."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.sensing.window import Window
from twin.state import Kept


class RunToFailure(Kept):
    """Never acts."""

    def __init__(self, *, spec: PlantSpec) -> None:
        del spec

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Nothing."""
        return []
