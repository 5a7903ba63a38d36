"""The order of what happens at one instant: phases, and turns within a phase.

A timer's `order` is its phase plus the turn of whoever acts, a number in [0, 1). At equal times the lower order goes
first, then whoever set its timer first. An event may schedule another one at the same instant: it comes in its phase,
or next where that phase is over.

What is finished is finished before anything that strikes at that time, people and spare parts are given out when
everybody who needs them at that time has asked, and who reports sees the end of the instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from simpy.events import NORMAL

ENDS: Final = float(NORMAL)  # cycles, jobs and journeys end; parts go on. SimPy's own events come in this phase
ARRIVALS: Final = 2.0  # of parts from outside, of parts on conveyors, of spare parts
STRIKES: Final = 3.0  # failures, ends of shifts, plans that fall due
COMMANDS: Final = 4.0  # from outside
SUPPLIES: Final = 5.0  # spare parts are handed out
CALLS: Final = 6.0  # technicians are sent
ATTENDS: Final = 7.0  # technicians who have come begin
STARTS: Final = 8.0  # of work that waited for the end of all this
REPORTS: Final = 9.0  # samples and counters


def turns(priorities: Mapping[str, float]) -> dict[str, float]:
    """When each acts within a phase, in [0, 1): higher priority first, then by name. priorities: by name."""
    names = sorted(priorities, key=lambda name: (-priorities[name], name))
    return {name: place / len(names) for place, name in enumerate(names)}
