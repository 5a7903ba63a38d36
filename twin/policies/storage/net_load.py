"""Forecasts of the net load: what loads will draw beyond what sun and wind give."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from twin.forecast import Floats, Predict
from twin.policies.storage.site import StorageSite
from twin.sensing.window import Window
from twin.state import SavedFields, Stateful
from twin.units import DAY


class NetForecast(Stateful, Protocol):
    """A forecast of the net load of the next ticks."""

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """[steps] kW, or None while nothing has been measured. window, predict: as of Policy.act."""
        ...


class DayPersistence(SavedFields):
    """The net load of the same tick a day ago, corrected by the last tick's deviation from its own day before.

    site: whose net load. memory: ticks after which that correction has faded to 1/e, 0 for none. Raises ValueError
    where it is negative.
    """

    STATE_FIELDS = ("_past",)

    def __init__(self, *, site: StorageSite, memory: float = 0.0) -> None:
        if memory < 0:
            raise ValueError(f"DayPersistence: memory = {memory}: must be >= 0 ticks")
        self._site, self._memory = site, memory
        self._day = max(round(DAY / site.spec.tick), 1)
        self._past: list[float] = []

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """See NetForecast."""
        seen = self._site.net(window)
        past = self._past
        if not np.isfinite(seen) and past:
            seen = past[-self._day] if len(past) >= self._day else past[-1]
        if np.isfinite(seen):
            past.append(seen)
        del past[: -2 * self._day]
        if not past:
            return None
        day = np.array(past[-self._day :] if len(past) >= self._day else [past[-1]] * self._day)
        ahead: Floats = np.resize(day, steps)
        if self._memory > 0 and len(past) > self._day:
            gap = past[-1] - past[-1 - self._day]
            ahead = ahead + gap * np.exp(-np.arange(1, steps + 1) / self._memory)
        return ahead


class TwinForecast(SavedFields):
    """The surrogate's medians of the powers that make up the net load, on the shape of yesterday.

    At the horizons that the twin forecasts it is the twin's forecast. Between them its difference from DayPersistence
    is interpolated. site, memory: see DayPersistence, which is taken alone while the surrogate forecasts no power.
    """

    STATE_FIELDS = ("_shape",)

    def __init__(self, *, site: StorageSite, memory: float = 0.0) -> None:
        self._site, self._shape = site, DayPersistence(site=site, memory=memory)

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """See NetForecast."""
        shape = self._shape.next(window, predict, steps)
        forecast = predict([window.hold()])
        if shape is None or "power" not in forecast.targets:
            return shape
        sign, power = self._site.balance, forecast.median[0, :, :, forecast.targets.index("power")]
        net = (sign[:, None] * np.where(sign[:, None] != 0, power, 0.0)).sum(0)
        near = [
            (h, value) for h, value in zip(forecast.horizons, net, strict=True) if h <= steps and np.isfinite(value)
        ]
        if not near:
            return shape
        at, value = (np.array(column, dtype=float) for column in zip(*near, strict=True))
        gap = value - shape[at.astype(int) - 1]
        corrected: Floats = shape + np.interp(np.arange(1, steps + 1), at, gap)
        return corrected
