"""Max pressure: serve the stage that moves most vehicles from where they queue to where they do not."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.crossings.layout import Approach, Crossing, crossings
from twin.policies.crossings.queue_estimate import QueueEstimate
from twin.policies.crossings.stage_requests import StageRequests
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR


class MaxPressure(SavedFields):
    """Each crossing takes the stage of the largest pressure every `every` seconds (Varaiya 2013).

    Pressure: sum over the stage's approaches of saturation flow x (queue - mean queue on the links ahead), veh/s.

    every: s. stay: factor on the running stage's pressure, >= 1, for the time that a change loses; without it the
    signals change at every chance and lose their capacity. min_green: s. An approach whose detector is known to have
    failed counts with the queue that the flows of the past let one expect, see QueueEstimate. cover: factor on those
    flows. Raises ValueError for values out of range or where the plant has no signals.
    """

    STATE_FIELDS = ("_queues", "_requests")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        every: float = 10.0,
        stay: float = 2.0,
        min_green: float = 10.0,
        cover: float = 1.2,
    ) -> None:
        if not stay >= 1:
            raise ValueError(f"MaxPressure: stay = {stay}: must be >= 1")
        for name, value in (("every", every), ("min_green", min_green)):
            if not value > 0:
                raise ValueError(f"MaxPressure: {name} = {value}: must be > 0 s")
        self._crossings = crossings(spec)
        self._queues = QueueEstimate(spec=spec, crossings=self._crossings, cover=cover)
        self._detector = {a.link: a.detector for c in self._crossings for s in c.stages for a in s.approaches}
        self._requests = StageRequests(self._crossings)
        self._every, self._stay, self._min = max(round(every / spec.tick), 1), stay, min_green

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """A stage request per crossing, where it changes."""
        self._queues.update(window)
        actions = []
        for index, crossing in enumerate(self._crossings):
            current = self._requests.current[index]
            stage, reason = current, "goes on"
            least = crossing.stages[current].intergreen + self._min
            if window.tick % self._every == 0 and self._requests.green_for(window, index) >= least:
                stage, reason = self._choose(index, crossing)
            actions += self._requests.ask(window, index, stage, reason)
        return actions

    def _choose(self, index: int, crossing: Crossing) -> tuple[int, str]:
        current = self._requests.current[index]
        pressures = [sum(self._pressure(a) for a in s.approaches) for s in crossing.stages]
        weighed = [p * (self._stay if s == current and p > 0 else 1.0) for s, p in enumerate(pressures)]
        best = max(range(len(weighed)), key=lambda stage: (weighed[stage], stage == current))
        return best, f"pressure {pressures[best]:.3g} against {pressures[current]:.3g} veh/s"

    def _pressure(self, approach: Approach) -> float:
        queue = self._queues.value
        ahead = [float(queue[self._detector[link]]) for link in approach.downstream if link in self._detector]
        relief = sum(ahead) / len(ahead) if ahead else 0.0
        return approach.saturation / HOUR * (float(queue[approach.detector]) - relief)
