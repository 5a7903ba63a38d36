"""When vehicles pass a stop line, under many plans of its greens at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twin.forecast import Floats

Greens = Sequence[tuple[Floats, Floats]]
STOPPED = 2.0  # s of delay from which a vehicle counts as having stopped


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Vehicles that come to lanes with a common signal indication.

    ready: [vehicles] when each could be at the stop line, s, rising. to: the link that each wants next, "" for out;
    those beyond its end are not here yet. headway: s between two. last: when one passed last. startup: s from the onset
    of green to the first. yellow: s after the end of green for which vehicles still pass, on average.
    """

    ready: Floats
    to: list[str]
    headway: float
    last: float
    startup: float
    yellow: float

    def passing(self, greens: Greens, now: float) -> Floats:
        """[vehicles, plans] when each vehicle passes, s: first come, first served.

        greens: (onset, end), each [plans], in order of time; the last one is taken to be without end.
        """
        opens = [onset + self.startup for onset, _ in greens]
        closes = [end + self.yellow for _, end in greens[:-1]]
        before = np.full(len(opens[0]), self.last)
        times = np.empty((len(self.ready), len(before)))
        for vehicle, ready in enumerate(self.ready.tolist()):
            time = np.maximum(np.maximum(before + self.headway, max(ready, now)), opens[0])
            for close, following in zip(closes, opens[1:], strict=True):
                time = np.where(time <= close, time, np.maximum(time, following))
            times[vehicle] = before = time
        return times

    def loss(self, times: Floats, stop: float) -> Floats:
        """[plans] seconds of delay of all of them, each stop counted as `stop` s. times: see passing."""
        delay = times - self.ready[:, None]
        result: Floats = (delay + stop * (delay > STOPPED)).sum(0)
        return result
