"""Queues at all stop lines: as the cameras see them, or estimated where a detector is known to have failed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.policies.crossings.flow_history import FlowHistory
from twin.policies.crossings.last_reading import LastReading
from twin.policies.crossings.layout import Crossing
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR


class QueueEstimate(SavedFields):
    """Queue of each approach. Where the detector has failed it grows by the expected flow, and in green it discharges.

    The expected flow is that of FlowHistory; the green is that which the signal reports, less its starting loss. cover:
    factor on the expected flow, since arrivals come in bunches that an estimate does not see. value: [assets] vehicles
    at each detector, 0 elsewhere. Raises ValueError for cover <= 0.
    """

    STATE_FIELDS = ("value", "flows", "_seen", "_green")

    def __init__(self, *, spec: PlantSpec, crossings: Sequence[Crossing], cover: float = 1.2) -> None:
        if not cover > 0:
            raise ValueError(f"QueueEstimate: cover = {cover}: must be > 0")
        self.flows = FlowHistory(spec=spec, crossings=crossings)
        self._seen, self._green = LastReading(spec, "queue"), LastReading(spec, "state")
        self._stages = [stage for crossing in crossings for stage in crossing.stages]
        self._detectors = list(dict.fromkeys(a.detector for stage in self._stages for a in stage.approaches))
        self._tick, self._cover = spec.tick, cover
        self.value: Floats = np.zeros(len(spec.assets))

    def update(self, window: Window) -> Floats:
        """[assets] queues at the end of the frame just closed."""
        seen, before = self._seen.update(window), self._green.value
        green = self._green.update(window)
        joined, served = self.flows.update(window) * (self._cover * self._tick / HOUR), np.zeros_like(seen)
        for stage in self._stages:
            onset = green[stage.asset] > 0 and before[stage.asset] == 0
            used = green[stage.asset] * self._tick - (stage.lost_time - stage.intergreen if onset else 0.0)
            for approach in stage.approaches:
                served[approach.detector] += max(used, 0.0) * approach.saturation / HOUR
        estimate = np.maximum(self.value + joined - served, 0.0)
        at = self._detectors
        self.value[at] = np.where(window.lives.state[at] == UP, seen[at], estimate[at])
        return self.value
