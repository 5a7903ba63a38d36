"""Parts of a user's own: the smallest policy, surrogate and plant that a run takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, PlantSpec
from sim.plants.production_line import ProductionLine
from twin.forecast import Forecast, Predict
from twin.sensing.features import Inputs
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.surrogates.base import Shape, constant_hazard
from twin.surrogates.batch import Batch

CYCLE = {"law": "deterministic", "mean": 60.0}
STATIONS = {"press": {"cycle": CYCLE, "to": "oven"}, "oven": {"cycle": CYCLE}}


class EveryDay(SavedFields):
    """Orders the first asset's renewal once in so many ticks."""

    STATE_FIELDS = ("asked",)

    def __init__(self, *, spec: PlantSpec, ticks: int = 6) -> None:
        self._key = next(a.key for a in spec.actuators if a.kind == "work_order")
        self._ticks, self.asked = ticks, 0

    def act(self, window: Window, predict: Predict) -> list[Action]:
        if window.tick % self._ticks:
            return []
        self.asked += 1
        return [Action(window.now, self._key, 1.0, "it is time")]


class Flat(SavedFields):
    """Forecasts zero, whatever happens; counts what it is shown."""

    STATE_FIELDS = ("batches",)
    context = windows = 0

    def __init__(self, *, shape: Shape, level: float = 0.0, **_: Any) -> None:
        self._shape, self._level, self.batches = shape, level, 0

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        shape = self._shape
        assert shape.layout is not None
        level = np.where(shape.layout.target_table, self._level, np.nan)[None, :, None, :, None]
        size = (len(plans), shape.assets, len(shape.horizons), len(shape.targets), 5)
        return shape.forecast(np.broadcast_to(level, size).copy(), constant_hazard(shape, inputs.rate, len(plans)))

    def learn(self, batch: Batch) -> dict[str, float]:
        self.batches += 1
        return {"batches": float(self.batches)}


class TwoStations(ProductionLine):
    """A line of two stations without failures."""

    def __init__(self, *, seed: int = 0, network: Any = None) -> None:
        super().__init__(seed=seed, network=network, stations=STATIONS)
