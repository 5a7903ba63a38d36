"""A quantity that is known ahead."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """A quantity known ahead (tariff, shifts, timetable): piecewise constant from each of `times`, repeating."""

    name: str
    kind: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    repeat: float = math.inf

    def __post_init__(self) -> None:
        if not self.times or len(self.times) != len(self.values) or self.times[0] != 0.0:
            raise ValueError(f"Schedule {self.name}: times must start at 0 and match values")
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)) or self.times[-1] >= self.repeat:
            raise ValueError(f"Schedule {self.name}: times must rise and stay below repeat = {self.repeat}")

    def at(self, time: float) -> float:
        """Value in force at `time` (s)."""
        phase = time % self.repeat if math.isfinite(self.repeat) else time
        return self.values[bisect_right(self.times, phase) - 1]
