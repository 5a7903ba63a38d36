"""Fixed time: one signal plan for the whole run."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.crossings.layout import crossings
from twin.sensing.window import Window
from twin.state import SavedFields


class FixedTime(SavedFields):
    """One signal plan, sent once; needs no detectors.

    cycle: s, None for the signals' own. splits: weights of the stages of every crossing, in their order, None for their
    own. Raises ValueError where the plant has no signals, or where splits and stages differ in number.
    """

    STATE_FIELDS = ("_sent",)

    def __init__(self, *, spec: PlantSpec, cycle: float | None = None, splits: list[float] | None = None) -> None:
        self._crossings, self._cycle, self._splits = crossings(spec), cycle, splits
        for crossing in self._crossings:
            if splits is not None and len(splits) != len(crossing.stages):
                raise ValueError(f"FixedTime: splits = {splits}: {crossing.name} has {len(crossing.stages)} stages")
        self._sent = False

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """The plan at the first tick, nothing after it."""
        if self._sent:
            return []
        self._sent, actions = True, []
        for crossing in self._crossings:
            if self._cycle is not None:
                actions.append(Action(window.now, f"{crossing.name}.cycle", self._cycle, "fixed plan"))
            for stage, split in zip(crossing.stages, self._splits or (), strict=False):
                actions.append(Action(window.now, f"{stage.name}.split", split, "fixed plan"))
        return actions
