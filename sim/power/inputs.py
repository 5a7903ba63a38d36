"""What comes from outside, step by step: weather and demand, generated or recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from sim.contract import Schedule
from sim.engine.kernel import Component, Kernel
from sim.power.demand import LoadDemand
from sim.power.records import Records
from sim.power.weather import Sky, Weather
from sim.units import HOUR


class SiteInputs(Component):
    """Means over each `step` (s). What was recorded goes before what is generated; forks share it.

    profiles: of the loads that are not recorded, see sim.power.demand.LoadDemand, by name.
    """

    SHARED: ClassVar[tuple[str, ...]] = ("_records",)

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        records: Records | None,
        weather: Mapping[str, float],
        profiles: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._weather = Weather(seed=seed, **weather)
        first = self._weather.climate.first_day
        self._demands = {
            load: LoadDemand(seed=seed, name=load, first_day=first, **profile) for load, profile in profiles.items()
        }
        super().__init__(kernel, name)
        self._records = records
        self.step = records.step if records is not None else HOUR
        if HOUR % self.step:
            raise ValueError(f"inputs.step = {self.step:g}: must be a whole part of an hour")

    def sky(self, step: int) -> Sky:
        """Weather of a step."""
        sky = self._weather.at(int(step * self.step // HOUR))
        recorded = self._recorded("temperature", step)
        return sky if recorded is None else sky._replace(temperature=recorded)

    def irradiance(self, step: int) -> float | None:
        """On the panels, W/m2, where it was recorded."""
        return self._recorded("irradiance", step)

    def generation(self, step: int) -> float | None:
        """Of the panels, kW, where it was recorded."""
        return self._recorded("pv", step)

    def load(self, name: str, step: int) -> float:
        """kW that a load wants."""
        if self._records is not None and name in self._records.loads:
            series = self._records.loads[name]
            return series[step % len(series)]
        return self._demands[name].at(int(step * self.step // HOUR))

    def _recorded(self, name: str, step: int) -> float | None:
        series = getattr(self._records, name) if self._records is not None else None
        return None if series is None else float(series[step % len(series)])

    def reseed(self, seed: int) -> None:
        """Other weather and demand from the next hour on."""
        hour = math.floor(self.kernel._now / HOUR) + 1
        self._weather.reseed(seed, hour)
        for demand in self._demands.values():
            demand.reseed(seed, hour)


def schedule_of(name: str, kind: str, unit: str, series: tuple[float, ...], step: float) -> Schedule:
    """A recorded series as a schedule: its changes only."""
    changes = [i for i, value in enumerate(series) if i == 0 or value != series[i - 1]]
    return Schedule(
        name, kind, unit, tuple(i * step for i in changes), tuple(series[i] for i in changes), len(series) * step
    )
