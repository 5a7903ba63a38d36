"""A small wind turbine."""

from __future__ import annotations

from typing import Any

from sim.engine.checks import known, number
from sim.engine.kernel import Kernel
from sim.power.machine import PowerAsset
from sim.telemetry.journal import Journal
from sim.units import HOUR

NUMBERS = {"cut_in": 3.0, "rated_speed": 11.0, "cut_out": 25.0}


class Turbine(PowerAsset):
    """Power by the wind's speed: cubic from cut_in to rated_speed, then rated up to cut_out (m/s).

    rated: kW. ageing: exposure in hours at rated power. Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, seed: int, journal: Journal, wear: bool = True, **fields: Any
    ) -> None:
        known(name, fields, ("rated", "ageing", "upkeep", *NUMBERS))
        self.rated = number(f"{name}.rated", fields.get("rated", 0.0), above=0)
        values = {key: number(f"{name}.{key}", fields.get(key, value), above=0) for key, value in NUMBERS.items()}
        self._cut_in, self._full, self._cut_out = values.values()
        if not self._cut_in < self._full < self._cut_out:
            raise ValueError(f"{name}.rated_speed = {self._full}: must lie between cut_in and cut_out")
        super().__init__(
            kernel=kernel,
            name=name,
            seed=seed,
            journal=journal,
            ageing=fields.get("ageing") if wear else None,
            upkeep=fields.get("upkeep"),
        )
        self.available = self.flow = self.energy = self.curtailed = 0.0

    def see(self, wind: float) -> None:
        """The next input step: mean wind, m/s."""
        cubic = (wind**3 - self._cut_in**3) / (self._full**3 - self._cut_in**3)
        self.available = self.rated * min(max(cubic, 0.0), 1.0) if wind < self._cut_out else 0.0

    def offer(self) -> float:
        """kW that it could give now."""
        return self.available if self.up else 0.0

    def set_flow(self, flow: float) -> None:
        """Power from now on; what it could give beyond it is curtailed."""
        self.flow = flow
        self.expose(flow / self.rated / HOUR)

    def pass_time(self, hours: float) -> None:
        """Let the flow of now go on."""
        self.energy += self.flow * hours
        self.curtailed += (self.offer() - self.flow) * hours
