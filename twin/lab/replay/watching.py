"""A twin that only watches: it forecasts, is scored and learns, and never acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.lab.core import build
from twin.lab.core.privileged.roles import Privileged
from twin.lab.errors import UserError
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.twin import Twin


class Watch(SavedFields):
    """A policy that never acts. What the twin says of assets left alone is asked when somebody wants to know."""

    STATE_FIELDS = ()

    def __init__(self, *, spec: PlantSpec) -> None:
        self._nothing: Floats = np.full(len(spec.assets), np.nan)
        self._ask: Callable[[], Floats] = lambda: self._nothing

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Do nothing."""
        self._ask = lambda: predict([window.hold()]).restricted_mean()[0]
        return []

    @property
    def remaining(self) -> Floats:
        """[assets] restricted mean remaining life after the newest tick, ticks; NaN before the first."""
        return self._ask()


def watching_twin(config: Mapping[str, Any], spec: PlantSpec, seed: int) -> Twin:
    """The twin of a replay's configuration, with policy Watch; sets torch's number of threads.

    Raises UserError for what a constructor refuses, and for a privileged surrogate: a recording has no plant to fork.
    """
    import torch

    torch.set_num_threads(config["threads"])
    on, own = build.device(config["device"]), {"policy": Watch}
    with build.refusals():
        twin: Twin = build.forecaster_for({**config, "seed": seed}, spec, on, own)
    if isinstance(twin.surrogate, Privileged) and twin.surrogate.privileged:
        raise UserError("surrogate: a privileged one needs the plant itself, and a recording has none")
    return twin
