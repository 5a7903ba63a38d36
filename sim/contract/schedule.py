"""A quantity that is known ahead."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """A quantity known ahead (tariff, shifts, timetable): piecewise constant from each of `times`, repeating.

    From `until` (s) on it is what `then` says, at the same phases of the clock. Raises ValueError for times that do not
    rise from 0 or pass `repeat`, and for one of `until` and `then` without the other.
    """

    name: str
    kind: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    repeat: float = math.inf
    until: float = math.inf
    then: Schedule | None = None

    def __post_init__(self) -> None:
        if not self.times or len(self.times) != len(self.values) or self.times[0] != 0.0:
            raise ValueError(f"Schedule {self.name}: times must start at 0 and match values")
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)) or self.times[-1] >= self.repeat:
            raise ValueError(f"Schedule {self.name}: times must rise and stay below repeat = {self.repeat}")
        if (self.then is None) != (self.until == math.inf):
            raise ValueError(f"Schedule {self.name}: until = {self.until}: goes with `then`, what comes after")

    def at(self, time: float) -> float:
        """Value in force at `time` (s)."""
        if self.then is not None and time >= self.until:
            return self.then.at(time)
        phase = time % self.repeat if math.isfinite(self.repeat) else time
        return self.values[bisect_right(self.times, phase) - 1]

    def until_change(self, time: float) -> float:
        """Seconds from `time` to the next step, long enough to move the clock; inf for none."""
        if self.then is not None and time >= self.until:
            return self.then.until_change(time)
        phase = time % self.repeat if self.repeat < math.inf else time
        wait = min((step - phase for step in (*self.times, self.repeat) if step > phase), default=math.inf)
        return max(min(wait, self.until - time), math.ulp(time))
