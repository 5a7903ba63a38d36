"""Recorded inputs: loads, generation, price, carbon and weather from files of the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.engine.checks import number

Column = tuple[float, ...]


@dataclass(frozen=True)
class Records:
    """Series of equal length, one value per `step` (s), from time 0; after the last the first comes again.

    loads: kW by name. pv: kW of the panels. price: EUR/kWh. carbon: kg/kWh. temperature: deg C. irradiance: W/m2.
    Raises ValueError for series of different lengths, or for a step < 1 s.
    """

    step: float
    loads: Mapping[str, Column] = field(default_factory=dict)
    pv: Column | None = None
    price: Column | None = None
    carbon: Column | None = None
    temperature: Column | None = None
    irradiance: Column | None = None

    def __post_init__(self) -> None:
        number("inputs.step", self.step, low=1.0)
        lengths = {name: len(series) for name, series in self.series().items()}
        if not lengths:
            raise ValueError("inputs: must record at least one series")
        if len(set(lengths.values())) != 1 or 0 in lengths.values():
            each = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"inputs: series must have the same number of values, at least one; they have: {each}")

    def series(self) -> dict[str, Column]:
        """What was recorded, by name."""
        single: dict[str, Any] = {name: getattr(self, name) for name in SINGLE}
        loads = {f"load.{name}": series for name, series in self.loads.items()}
        return loads | {name: series for name, series in single.items() if series is not None}

    def __len__(self) -> int:
        return len(next(iter(self.series().values())))


SINGLE = ("pv", "price", "carbon", "temperature", "irradiance")
