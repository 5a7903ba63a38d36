"""Delay-based actuation: a green lasts until the vehicles that were stopped on its approaches have left."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.crossings.layout import Crossing, crossings
from twin.policies.crossings.queue_estimate import QueueEstimate
from twin.policies.crossings.stage_requests import StageRequests
from twin.sensing.window import Window
from twin.state import SavedFields


class DelayBased(SavedFields):
    """Serves a stage while vehicles wait on its approaches, then the stage where most wait.

    A vehicle that arrives without being stopped does not extend the green, unlike with gap-out. The cycle is therefore
    about the shortest that clears its queues (compare SUMO's delay_based programs).

    min_green, max_green: s, counted from the request. An approach whose detector is known to have failed counts with
    the queue that the flows of the past let one expect, see QueueEstimate. cover: factor on those flows. Raises
    ValueError for bounds that do not rise, or where the plant has no signals.
    """

    STATE_FIELDS = ("_queues", "_requests")

    def __init__(self, *, spec: PlantSpec, min_green: float = 5.0, max_green: float = 60.0, cover: float = 1.2) -> None:
        if not 0 < min_green <= max_green:
            raise ValueError(f"DelayBased: min_green = {min_green}, max_green = {max_green}: must rise, > 0 s")
        self._crossings = crossings(spec)
        self._queues = QueueEstimate(spec=spec, crossings=self._crossings, cover=cover)
        self._requests = StageRequests(self._crossings)
        self._min, self._max = min_green, max_green

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """A stage request per crossing, where it changes."""
        self._queues.update(window)
        actions = []
        for index, crossing in enumerate(self._crossings):
            stage, reason = self._choose(window, index, crossing)
            actions += self._requests.ask(window, index, stage, reason)
        return actions

    def _choose(self, window: Window, index: int, crossing: Crossing) -> tuple[int, str]:
        current, green = self._requests.current[index], self._requests.green_for(window, index)
        start = crossing.stages[current].intergreen if self._requests.since[index] > 0 else 0.0
        waiting = [self._waiting(crossing, stage) for stage in range(len(crossing.stages))]
        held = waiting[current]
        if green - start < self._min or (held and green - start < self._max):
            return current, f"{held} wait"
        others = [stage for stage in range(len(crossing.stages)) if stage != current and waiting[stage]]
        if not others:
            return current, "nobody waits elsewhere"
        following = max(others, key=lambda stage: waiting[stage])
        return following, f"{waiting[following]} wait there, {held} here"

    def _waiting(self, crossing: Crossing, stage: int) -> int:
        return sum(round(float(self._queues.value[a.detector])) for a in crossing.stages[stage].approaches)
