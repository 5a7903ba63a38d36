"""No surrogate at all: what `surrogate=none` names. Its policy runs without a twin, see twin.unaided."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.checks import AnswerError
from twin.forecast import Forecast
from twin.sensing.features import Inputs
from twin.state import SavedFields
from twin.surrogates.batch import Batch


class NoForecast(SavedFields):
    """Refuses to forecast and learns nothing. shape, seed, device: as every surrogate is given them; not used."""

    context = 0
    windows = 0

    def __init__(self, *, shape: Any = None, seed: int = 0, device: str = "cpu") -> None:
        pass

    def learn(self, batch: Batch) -> dict[str, float]:
        """Learn nothing."""
        return {}

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """Raises AnswerError."""
        raise nobody_forecasts("of this twin")


def nobody_forecasts(policy: str) -> AnswerError:
    """What a policy that asks for forecasts is told under `surrogate=none`."""
    return AnswerError(
        f"surrogate = none: policy {policy} asks for forecasts; give it a surrogate (tandem list surrogate), or choose "
        "a policy that needs none"
    )
