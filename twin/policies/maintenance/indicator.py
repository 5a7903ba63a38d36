"""A condition indicator: how far a signal has moved from its value at the beginning of the life."""

from __future__ import annotations

import numpy as np

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.layout import Layout
from twin.sensing.window import Frame
from twin.state import SavedFields


class Indicator(SavedFields):
    """Ratio of a signal's exponentially weighted mean to its mean over the first `baseline` ticks of the life.

    kind: of the signal, e.g. vibration (ISO 20816 alarms on its change from the machine's own reference). span: ticks
    of the weighted mean. baseline: ticks. Raises ValueError where no asset has such a signal or a number is below
    one.
    """

    STATE_FIELDS = ("_mean", "_base", "_seen", "_age")

    def __init__(self, *, spec: PlantSpec, kind: str, span: int, baseline: int) -> None:
        layout = Layout(spec)
        if kind not in layout.slots:
            raise ValueError(f"Indicator: kind = {kind!r}: the plant measures {', '.join(layout.slots)}")
        if span < 1 or baseline < 1:
            raise ValueError(f"Indicator: span = {span}, baseline = {baseline}: must be >= 1 tick")
        self._slot, self._weight, self._baseline = layout.slots.index(kind), 2.0 / (span + 1.0), baseline
        count = len(spec.assets)
        self._mean: Floats = np.full(count, np.nan)
        self._base: Floats = np.zeros(count)
        self._seen: Floats = np.zeros(count)
        self._age: Floats = np.zeros(count)

    def update(self, frame: Frame) -> Floats:
        """[assets] the ratio, NaN while the asset is down or its baseline is not complete."""
        renewed = (frame.age < self._age) | ~frame.up
        self._age = frame.age.copy()
        self._mean[renewed], self._base[renewed], self._seen[renewed] = np.nan, 0.0, 0.0
        value = frame.value[:, self._slot]
        use = frame.up & (frame.age >= 1.0) & np.isfinite(value)
        self._mean[use] = np.where(np.isnan(self._mean), value, self._mean + self._weight * (value - self._mean))[use]
        young = use & (self._seen < self._baseline)
        self._base[young] += value[young]
        self._seen[young] += 1.0
        ready = frame.up & (self._seen >= self._baseline) & (self._base > 0)
        return np.divide(self._mean * self._seen, self._base, out=np.full_like(self._mean, np.nan), where=ready)
