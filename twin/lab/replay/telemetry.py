"""Recorded readings, played tick by tick; made from a file by twin.lab.replay.reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.contract import Event, Message, PlantSpec

Floats = NDArray[np.float64]


@dataclass
class Telemetry:
    """Readings in order of time, and the failures among them, played tick by tick.

    time: [readings] s, the first tick ends at spec.tick. signal: [readings] index into spec.signals. value: [readings];
    an empty cell is no reading. understood: (what, how the file was read) rows for people, printed before the
    replay begins.
    """

    spec: PlantSpec
    time: Floats
    signal: NDArray[np.int32]
    value: Floats
    events: Sequence[Event] = ()
    understood: Sequence[tuple[str, str]] = ()
    now: int = field(default=0, init=False)

    @property
    def ticks(self) -> int:
        """How many ticks there are to play."""
        return int(np.ceil(self.time[-1] / self.spec.tick - 1e-9))

    def play(self) -> Iterator[list[Message]]:
        """One message a tick with all that was read in it; a tick without readings has none."""
        tick, events = self.spec.tick, list(self.events)
        ends = np.searchsorted(self.time, (np.arange(self.ticks + 1) + 1e-9) * tick, side="right")
        done = 0
        for number in range(1, self.ticks + 1):
            self.now, rows = number, slice(ends[number - 1], ends[number])
            if number == 1:
                rows = slice(0, ends[1])
            first = done
            while done < len(events) and events[done].time <= number * tick:
                done += 1
            news = tuple(events[first:done])
            if rows.stop == rows.start and not news:
                yield []
                continue
            yield [
                Message(
                    "telemetry",
                    number,
                    (number - 1) * tick,
                    number * tick,
                    self.signal[rows],
                    self.time[rows],
                    self.value[rows],
                    news,
                )
            ]
