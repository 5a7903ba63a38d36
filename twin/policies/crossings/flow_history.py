"""Flows of all approaches: as measured, or as the past lets one expect where a detector is known to have failed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.layout import Masks
from twin.policies.crossings.last_reading import LastReading
from twin.policies.crossings.layout import Crossing
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR, MINUTE

LEARNT = 10 * MINUTE  # for which a detector must have worked before its own counts are a history
ASSUMED = 0.6  # sum of a crossing's flow ratios where no detector has ever counted


class FlowHistory(SavedFields):
    """Flow of each approach, smoothed over `span` seconds; from its history where its detector has failed.

    The history of a failed detector: its counts over those of the detectors that work now, from all ticks in which both
    worked, times what these measure now. So it follows the time of day. One that never worked takes the flow ratio of
    its stages' other approaches, else of roads of the same saturation flow, else of all; the first that has a detector
    that works. Where none works, flows stay as they were.

    value: [assets] veh/h at each detector, 0 elsewhere. Raises ValueError for span <= 0.
    """

    STATE_FIELDS = ("value", "weight", "_counts", "_worked", "_together")

    def __init__(self, *, spec: PlantSpec, crossings: Sequence[Crossing], span: float = 900.0) -> None:
        if not span > 0:
            raise ValueError(f"FlowHistory: span = {span}: must be > 0 s")
        self._counts, self._tick, self._span = LastReading(spec, "count", before=np.nan), spec.tick, span / spec.tick
        stages = [stage.approaches for crossing in crossings for stage in crossing.stages]
        self._saturation = {a.detector: a.saturation for approaches in stages for a in approaches}
        self._at = np.array(list(self._saturation), dtype=np.intp)
        self._full = np.array(list(self._saturation.values()))
        self._beside = _beside(self._at, [[a.detector for a in approaches] for approaches in stages])
        self.value: Floats = np.zeros(len(spec.assets))
        for crossing in crossings:
            for approach in (a for stage in crossing.stages for a in stage.approaches):
                self.value[approach.detector] = approach.saturation * ASSUMED / len(crossing.stages)
        self.weight = 0.0  # share of `span` that has been measured
        self._worked: Floats = np.zeros(len(self._at))  # s
        self._together: Floats = np.zeros((len(self._at), len(self._at)))  # veh of the row's while the column's worked

    def update(self, window: Window) -> Floats:
        """[assets] flows, that of the frame just closed included."""
        counted = self._counts.update(window)[self._at]
        works = (window.lives.state[self._at] == UP) & np.isfinite(counted)
        if not works.any():
            return self.value
        self.weight = min(self.weight + 1.0 / self._span, 1.0)
        step = 1.0 / max(self._span * self.weight, 1.0)
        flow = self.value[self._at]
        flow[works] += step * (counted[works] * HOUR / self._tick - flow[works])
        self._worked[works] += self._tick
        self._together[np.ix_(works, works)] += counted[works][:, None]
        for failed in np.flatnonzero(~works):
            flow[failed] = self._expected(int(failed), flow, works)
        self.value[self._at] = flow
        return self.value

    def _expected(self, failed: int, flow: Floats, works: Masks) -> float:
        """Flow past a failed detector, by position in `_at`."""
        own, others = self._together[failed, works].sum(), self._together[works, failed].sum()
        if self._worked[failed] >= LEARNT and others > 0:
            return float(flow[works].mean() * own / others)
        for peers in (self._beside[failed], self._full == self._full[failed], np.ones_like(works)):
            if (peers & works).any():
                return float(self._full[failed] * np.mean((flow / self._full)[peers & works]))
        raise AssertionError("no detector works")


def _beside(detectors: NDArray[np.intp], stages: Sequence[Sequence[int]]) -> Masks:
    """[detectors, detectors] whether the second is on another approach of a stage of the first."""
    together = [np.isin(detectors, stage) for stage in stages]
    result: Masks = np.any([np.outer(one, one) for one in together], axis=0)
    return result & ~np.eye(len(detectors), dtype=bool)
