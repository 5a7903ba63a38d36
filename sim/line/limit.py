"""What limits a line so far: the stage that waits least for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.contract import Bottleneck
from sim.line.machine import BUSY, DOWN, MAINTENANCE
from sim.line.station import Station

CANDIDATES = 3  # stages
OF = "the time at work or out of service, waiting neither for parts nor for room"
RELIEF = "speed there, at the same wear per hour of work,"


def limits(stations: Mapping[str, Station], stages: Sequence[tuple[str, Sequence[str]]]) -> list[Bottleneck]:
    """The stages whose stations are longest at work or out of service, neither starved nor blocked; none at time 0.

    Roser, Nakano & Tanaka 2001, A practical bottleneck detection method: the machine with the longest active periods
    limits the line. stages: names of stages with their stations, which stand side by side.
    """
    measured = [(_shares([stations[member] for member in members]), name, members) for name, members in stages]
    measured.sort(key=lambda one: -sum(one[0].values()))
    return [
        Bottleneck(name, tuple(members), sum(parts.values()), OF, parts, RELIEF)
        for parts, name, members in measured[:CANDIDATES]
        if sum(parts.values()) > 0
    ]


def _shares(members: Sequence[Station]) -> dict[str, float]:
    """Shares of time at work and out of service, mean of the members."""
    for station in members:
        station.accrue()
    total = sum(sum(station.seconds) for station in members)
    if not total:
        return {}
    spent = {
        "at work": sum(station.seconds[BUSY] for station in members),
        "failed": sum(station.seconds[DOWN] for station in members),
        "in planned work": sum(station.seconds[MAINTENANCE] for station in members),
    }
    return {what: seconds / total for what, seconds in spent.items()}
