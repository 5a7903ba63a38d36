"""What common random numbers are worth: policies on the same lines, compared seed by seed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from sim.plants.production_line import ProductionLine

Floats = NDArray[np.float64]
# Standing plans of every station, from near to far: by true wear, by age, never.
PLANS: dict[str, dict[str, float]] = {
    "wear 0.70": {"wear": 0.70},
    "wear 0.65": {"wear": 0.65},
    "wear 0.60": {"wear": 0.60},
    "age 80,000 s": {"age": 80_000.0},
    "run to failure": {},
}


@dataclass(frozen=True, slots=True)
class Pair:
    """The difference of two plans in profit per hour.

    mean: over seeds. paired, unpaired: its standard deviation over seeds, with the same luck for both plans and with
    independent luck.
    """

    first: str
    second: str
    mean: float
    paired: float
    unpaired: float

    @property
    def reduction(self) -> float:
        """How many times smaller the standard deviation is when paired; NaN where both plans gained alike."""
        return self.unpaired / self.paired if self.paired > 0 else math.nan


def serial_line(seed: int, plan: Mapping[str, float]) -> ProductionLine:
    """The serial line without sensors or network, maintained by its standing plan."""
    fields: dict[str, Any] = yaml.safe_load((files("conf") / "plant" / "serial_line.yaml").read_text(encoding="utf-8"))
    fields.pop("_target_")
    common = fields["common"] | {"maintenance": fields["common"]["maintenance"] | {"plan": dict(plan)}}
    return ProductionLine(seed=seed, **(fields | {"common": common, "tick": 1e9, "sample": 1e9}))


def profit(seed: int, plan: Mapping[str, float], days: float) -> float:
    """Per hour, over so many days."""
    plant = serial_line(seed, plan)
    plant.advance(days * 86_400.0)
    return plant.kpis()["profit_per_hour"]


def pairs(profits: Mapping[str, Sequence[float]]) -> list[Pair]:
    """Every plan against every other. profits: [seeds] by plan, the same seeds for all."""
    by_plan = {name: np.asarray(values, dtype=float) for name, values in profits.items()}
    return [_pair(a, b, by_plan[a], by_plan[b]) for a, b in itertools.combinations(by_plan, 2)]


def _pair(first: str, second: str, a: Floats, b: Floats) -> Pair:
    difference = a - b
    unpaired = float(np.sqrt(a.var(ddof=1) + b.var(ddof=1)))
    return Pair(first, second, float(difference.mean()), float(difference.std(ddof=1)), unpaired)
