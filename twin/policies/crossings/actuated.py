"""Vehicle actuation: the controllers extend their greens; this sets their bounds and answers failed detectors."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.crossings.layout import CrossingStage, crossings, known_failed
from twin.sensing.window import Window
from twin.state import SavedFields


class Actuated(SavedFields):
    """Vehicle actuation: a green ends when no vehicle has extended it, between a minimum and a maximum green.

    extension: s by which a detected vehicle extends the green. min_green, max_green: s. recall: minimum green, s, of a
    stage with an approach whose detector is known to have failed (NCHRP 812, Signal Timing Manual). Raises ValueError
    for bounds that do not rise, or where the plant has no signals.
    """

    STATE_FIELDS = ("_least",)

    def __init__(
        self,
        *,
        spec: PlantSpec,
        extension: float = 3.0,
        min_green: float = 5.0,
        max_green: float = 60.0,
        recall: float = 30.0,
    ) -> None:
        if not extension > 0:
            raise ValueError(f"Actuated: extension = {extension}: must be > 0 s")
        if not 0 < min_green <= recall <= max_green:
            raise ValueError(
                f"Actuated: min_green = {min_green}, recall = {recall}, max_green = {max_green}: must rise, > 0 s"
            )
        self._crossings = crossings(spec)
        self._extension, self._min, self._max, self._recall = extension, min_green, max_green, recall
        self._least: dict[str, float] = {}

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Actuation is switched on at the first tick; later, minimum greens where detectors fail or come back."""
        actions, now = [], window.now
        if not self._least:
            for crossing in self._crossings:
                actions.append(Action(now, f"{crossing.name}.extension", self._extension, "actuation on"))
                actions += [Action(now, f"{s.name}.max_green", self._max, "actuation on") for s in crossing.stages]
        for stage in (s for crossing in self._crossings for s in crossing.stages):
            actions += self._minimum(window, stage)
        return actions

    def _minimum(self, window: Window, stage: CrossingStage) -> list[Action]:
        failed = [a for a in stage.approaches if known_failed(window, a)]
        least = self._recall if failed else self._min
        if self._least.get(stage.name) == least:
            return []
        self._least[stage.name] = least
        why = f"recall: {len(failed)} detectors failed" if failed else "all detectors work"
        return [Action(window.now, f"{stage.name}.min_green", least, why)]
