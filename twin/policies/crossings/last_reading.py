"""The last reading of one kind of signal on every asset."""

from __future__ import annotations

import numpy as np

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.layout import Layout
from twin.sensing.window import Window
from twin.state import SavedFields


class LastReading(SavedFields):
    """The last reading of one kind of signal on every asset, `before` until there is one.

    value: [assets]. Raises ValueError for a kind that the plant does not measure.
    """

    STATE_FIELDS = ("value",)

    def __init__(self, spec: PlantSpec, kind: str, before: float = 0.0) -> None:
        layout = Layout(spec)
        if kind not in layout.slots:
            raise ValueError(f"LastReading: kind = {kind!r}: the plant measures {', '.join(layout.slots)}")
        self._slot = layout.slots.index(kind)
        self.value: Floats = np.full(len(spec.assets), before)

    def update(self, window: Window) -> Floats:
        """[assets] the last reading, that of the frame just closed included."""
        fresh = window.frame.value[:, self._slot]
        self.value = np.where(np.isfinite(fresh), fresh, self.value)
        return self.value
