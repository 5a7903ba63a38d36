"""Machines that wear in discrete states and are renewed at failure or, planned, at a threshold.

One alone by renewal reward; two with a buffer between them and a crew that they share by their exact Markov chain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from twin.lab.validate.theory.markov import stationary

# What goes on at a machine: nothing; planned work is ordered and waits for a technician; one is there and waits for the
# end of the cycle; down without and with a technician; planned work.
RUNS, ORDERED, ATTENDED, DOWN, REPAIR, PLANNED = range(6)


def availability(*, states: int, step: float, threshold: int | None, repair: float, preventive: float) -> float:
    """Share of the time that one machine with cycles of 1 works. threshold: state of planned work, None for never.

    States 0 .. states - 1, where it fails; each cycle leads to the next with chance `step`.
    """
    reached, takes = (states - 1, repair) if threshold is None else (threshold, preventive)
    work = reached / step
    return work / (work + takes)


class MachineState(NamedTuple):
    """wear: 0 where it plays no part, since the machine will be as new."""

    wear: int
    care: int


class LineState(NamedTuple):
    """parts: that the first has finished and the second has not; the last may still be held by the blocked first."""

    parts: int
    machines: tuple[MachineState, MachineState]


NEW = MachineState(0, RUNS)


@dataclass(frozen=True, slots=True)
class MaintainedLine:
    """Two machines, exponential cycles (rates mu), blocking after service, `places` between them.

    After a cycle a machine's wear grows by one with chance `step`; in the last of `states` it fails. With `threshold`
    it asks for planned work as soon as a cycle ends there. Repairs and planned work take exponential times with means
    `repair` and `preventive` and one of `technicians` each. Planned work that has to wait for a technician lets the
    machine go on, which may fail meanwhile; a technician who comes during a cycle waits for its end. A machine has no
    part while it stands, but for one that it was blocked with. All of it is as in sim.line.station and
    sim.line.station_upkeep.
    """

    mu: tuple[float, float]
    places: int
    states: int
    step: float
    repair: float
    preventive: float
    threshold: int | None
    technicians: int

    def solve(self) -> tuple[float, float]:
        """(parts per unit of time, mean share of the time that a machine is neither down nor in maintenance)."""
        shares = stationary(LineState(0, (NEW, NEW)), self._moves)
        output = self.mu[1] * sum(share for line, share in shares.items() if self._works(line, 1))
        down = sum(share * (m.care >= DOWN) for line, share in shares.items() for m in line.machines)
        return output, 1.0 - down / 2.0

    def _works(self, line: LineState, i: int) -> bool:
        in_service = line.machines[1].care < DOWN
        if i == 1:
            return in_service and line.parts > 0
        return line.machines[0].care < DOWN and line.parts < self.places + 1 + in_service

    def _moves(self, line: LineState) -> Iterator[tuple[LineState, float]]:
        for i in (0, 1):
            machine = line.machines[i]
            if machine.care in (REPAIR, PLANNED):
                yield self._end_of_job(line, i), 1.0 / (self.repair if machine.care == REPAIR else self.preventive)
            elif self._works(line, i):
                yield self._end_of_cycle(line, i, machine.wear + 1), self.mu[i] * self.step
                yield self._end_of_cycle(line, i, machine.wear), self.mu[i] * (1.0 - self.step)

    def _end_of_cycle(self, line: LineState, i: int, wear: int) -> LineState:
        """The part moves on; then the machine fails, or planned work on it begins or is ordered."""
        care, free = line.machines[i].care, self._free(line)
        after = MachineState(wear, care)
        if wear == self.states - 1:
            after = MachineState(0, REPAIR if care == ATTENDED or free else DOWN)
        elif care == ATTENDED:
            after = MachineState(0, PLANNED)
        elif care == RUNS and wear >= (math.inf if self.threshold is None else self.threshold):
            after = MachineState(0, PLANNED) if free else MachineState(wear, ORDERED)
        return _with(line._replace(parts=line.parts + (1 if i == 0 else -1)), i, after)

    def _end_of_job(self, line: LineState, i: int) -> LineState:
        """The technician goes to the other machine, if it waits, before this one takes its next part."""
        other = line.machines[1 - i]
        if other.care == DOWN:
            line = _with(line, 1 - i, MachineState(0, REPAIR))
        elif other.care == ORDERED:
            comes = MachineState(other.wear, ATTENDED) if self._works(line, 1 - i) else MachineState(0, PLANNED)
            line = _with(line, 1 - i, comes)
        return _with(line, i, NEW)

    def _free(self, line: LineState) -> bool:
        """Whether a technician has no job."""
        return sum(m.care in (ATTENDED, REPAIR, PLANNED) for m in line.machines) < self.technicians


def _with(line: LineState, i: int, machine: MachineState) -> LineState:
    return line._replace(machines=(machine, line.machines[1]) if i == 0 else (line.machines[0], machine))
