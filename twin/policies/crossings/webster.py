"""Webster's fixed-time plan, recomputed from the flows that the detectors measure."""

from __future__ import annotations

import math

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.crossings.flow_history import FlowHistory
from twin.policies.crossings.layout import Approach, Crossing, any_failed, crossings
from twin.sensing.window import Window
from twin.state import SavedFields

ENOUGH = 0.2  # share of `span` that must have been measured before the first plan
CYCLE_STEP = 1.0  # s: smaller changes of a cycle are not sent
SPLIT_STEP = 0.01  # smaller changes of a split are not sent


def cycle_of(lost: float, load: float) -> float:
    """Webster's optimum cycle in s: (1.5 L + 5) / (1 - Y) (Webster 1958).

    lost: L, s per cycle. load: Y, sum of the stages' flow ratios. Raises ValueError for a load outside [0, 1).
    """
    if not 0 <= load < 1:
        raise ValueError(f"cycle_of: load = {load}: must be in [0, 1)")
    return (1.5 * lost + 5.0) / (1.0 - load)


class Webster(SavedFields):
    """Webster's cycle and splits, every `every` seconds, from flows smoothed over `span` seconds.

    A stage gets effective green in proportion to the largest flow ratio of its approaches. An approach whose detector
    is known to have failed counts with the flow that the past lets one expect, see FlowHistory, and its stage gets at
    least `recall` seconds of effective green.

    common: all crossings take the longest cycle, so that offsets hold. least, most: bounds of the cycle, s. green:
    least effective green, s. heaviest: upper bound of Y. Raises ValueError for values out of range or where the plant
    has no signals.
    """

    STATE_FIELDS = ("_flows", "_sent")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        every: float = 300.0,
        span: float = 900.0,
        common: bool = True,
        least: float = 40.0,
        most: float = 130.0,
        green: float = 6.0,
        recall: float = 15.0,
        heaviest: float = 0.9,
    ) -> None:
        for name, value in (("every", every), ("span", span), ("green", green), ("recall", recall)):
            if not value > 0:
                raise ValueError(f"Webster: {name} = {value}: must be > 0 s")
        if not 0 < least <= most:
            raise ValueError(f"Webster: least = {least}, most = {most}: must be rising and > 0 s")
        self._crossings = crossings(spec)
        self._flows = FlowHistory(spec=spec, crossings=self._crossings, span=span)
        self._every, self._common = max(round(every / spec.tick), 1), common
        self._least, self._most, self._heaviest = least, most, heaviest
        self._green, self._recall = green, recall
        self._sent: dict[str, float] = {}

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """New plans, where they differ from the last ones by more than CYCLE_STEP or SPLIT_STEP."""
        self._flows.update(window)
        if window.tick % self._every or self._flows.weight < ENOUGH:
            return []
        cycles = {crossing.name: self._cycle(crossing) for crossing in self._crossings}
        actions = []
        for crossing in self._crossings:
            cycle = max(cycles.values()) if self._common else cycles[crossing.name]
            actions += self._command(window, f"{crossing.name}.cycle", cycle, CYCLE_STEP)
            greens = self._greens(window, crossing, cycle)
            for stage, share in zip(crossing.stages, greens / greens.sum(), strict=True):
                actions += self._command(window, f"{stage.name}.split", float(share), SPLIT_STEP)
        return actions

    def _loads(self, crossing: Crossing) -> Floats:
        """[stages] largest flow ratio of each stage's approaches; the mean of the others where none is known."""
        loads = [max((self._load(a) for a in s.approaches), default=0.0) for s in crossing.stages]
        known = [load for load in loads if load > 0]
        return np.array([load or (sum(known) / len(known) if known else 0.0) for load in loads])

    def _load(self, approach: Approach) -> float:
        return float(self._flows.value[approach.detector]) / approach.saturation

    def _cycle(self, crossing: Crossing) -> float:
        lost = sum(stage.lost_time for stage in crossing.stages)
        load = min(float(self._loads(crossing).sum()), self._heaviest)
        return min(max(cycle_of(lost, load), self._least), self._most)

    def _greens(self, window: Window, crossing: Crossing, cycle: float) -> Floats:
        """[stages] seconds of displayed green."""
        lost = np.array([stage.lost_time for stage in crossing.stages])
        between = np.array([stage.intergreen for stage in crossing.stages])
        least = np.array([self._recall if any_failed(window, s.approaches) else self._green for s in crossing.stages])
        load = np.maximum(self._loads(crossing), 1e-6)
        effective = (cycle - lost.sum()) * load / load.sum()
        greens: Floats = np.maximum(effective, least) + lost - between
        return greens

    def _command(self, window: Window, actuator: str, value: float, least: float) -> list[Action]:
        if abs(value - self._sent.get(actuator, math.inf)) <= least:
            return []
        self._sent[actuator] = value
        return [Action(window.now, actuator, value, "Webster, from measured flows")]
