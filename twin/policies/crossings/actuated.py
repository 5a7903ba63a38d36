"""Vehicle actuation: the controllers extend their greens; this sets their bounds and answers failed detectors."""

from __future__ import annotations

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.crossings.flow_history import FlowHistory
from twin.policies.crossings.layout import Approach, Crossing, crossings, known_failed
from twin.policies.crossings.webster import cycle_of
from twin.sensing.window import Window
from twin.state import SavedFields

STEP = 1.0  # s: smaller changes of a minimum green are not sent
HEAVIEST = 0.9  # largest sum of flow ratios that a plan is made for


class Actuated(SavedFields):
    """Vehicle actuation: a green ends when no vehicle has extended it, between a minimum and a maximum green.

    extension: s by which a detected vehicle extends the green. min_green, max_green: s. An approach whose detector is
    known to have failed extends no green. The minimum green of its stage is then the green of Webster's plan for the
    flows that the past lets one expect (see FlowHistory), as a controller falls back on its time-of-day plan (Signal
    Timing Manual, NCHRP 812). cover: factor on those flows. Raises ValueError for bounds that do not rise, or where the
    plant has no signals.
    """

    STATE_FIELDS = ("_flows", "_least")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        extension: float = 3.0,
        min_green: float = 5.0,
        max_green: float = 60.0,
        cover: float = 1.2,
    ) -> None:
        if not extension > 0:
            raise ValueError(f"Actuated: extension = {extension}: must be > 0 s")
        if not 0 < min_green <= max_green:
            raise ValueError(f"Actuated: min_green = {min_green}, max_green = {max_green}: must rise, > 0 s")
        if not cover > 0:
            raise ValueError(f"Actuated: cover = {cover}: must be > 0")
        self._crossings = crossings(spec)
        self._flows, self._cover = FlowHistory(spec=spec, crossings=self._crossings), cover
        self._extension, self._min, self._max = extension, min_green, max_green
        self._least: dict[str, float] = {}

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Actuation is switched on at the first tick; later, minimum greens where detectors fail or come back."""
        actions, now = [], window.now
        self._flows.update(window)
        if not self._least:
            for crossing in self._crossings:
                actions.append(Action(now, f"{crossing.name}.extension", self._extension, "actuation on"))
                actions += [Action(now, f"{s.name}.max_green", self._max, "actuation on") for s in crossing.stages]
        for crossing in self._crossings:
            actions += self._minima(window, crossing)
        return actions

    def _minima(self, window: Window, crossing: Crossing) -> list[Action]:
        """Minimum greens of a crossing's stages, where they change."""
        actions = []
        for stage, planned in zip(crossing.stages, self._planned(window, crossing), strict=True):
            failed = sum(known_failed(window, approach) for approach in stage.approaches)
            least = min(max(float(planned), self._min), self._max) if failed else self._min
            if abs(self._least.get(stage.name, 0.0) - least) > (STEP if failed else 0.0):
                self._least[stage.name] = least
                why = f"{failed} detectors failed: by the flows of the past" if failed else "all detectors work"
                actions.append(Action(window.now, f"{stage.name}.min_green", least, why))
        return actions

    def _planned(self, window: Window, crossing: Crossing) -> Floats:
        """[stages] greens of Webster's plan, s."""
        loads = np.array([max((self._load(window, a) for a in s.approaches), default=0.0) for s in crossing.stages])
        loads *= min(1.0, HEAVIEST / max(loads.sum(), 1e-9))
        lost = sum(stage.lost_time for stage in crossing.stages)
        effective = (cycle_of(lost, loads.sum()) - lost) * loads / max(loads.sum(), 1e-9)
        greens: Floats = effective + np.array([stage.lost_time - stage.intergreen for stage in crossing.stages])
        return greens

    def _load(self, window: Window, approach: Approach) -> float:
        """Flow ratio of an approach."""
        ratio = float(self._flows.value[approach.detector]) / approach.saturation
        return ratio * self._cover if known_failed(window, approach) else ratio
