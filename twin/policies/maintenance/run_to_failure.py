"""Run to failure: no maintenance before a failure; the baseline of every comparison."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.sensing.window import Window
from twin.state import SavedFields


class RunToFailure(SavedFields):
    """Never acts. spec: of the plant, unused."""

    def __init__(self, *, spec: PlantSpec) -> None:
        del spec

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Nothing."""
        return []
