"""Deadlock: stations that wait for each other and for nobody else, so that none of them will ever move again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.engine.kernel import Component, Kernel
from sim.line.buffer import Buffer
from sim.line.machine import BUSY
from sim.line.source import Source
from sim.line.station import Station

Waits = dict[str, tuple[str, ...]]


class Deadlocks(Component):
    """Knows who could relieve whom. A waiting station is lost when all that could relieve it are lost as well: the
    largest such set is found by striking out whoever can still be relieved (Coffman, Elphick & Shoshani 1971).
    """

    def __init__(self, *, kernel: Kernel, name: str, stations: Sequence[Station]) -> None:
        super().__init__(kernel, name)
        self._stations = tuple(stations)
        self._takers: dict[str, list[str]] = {}
        self._feeders: dict[str, list[str]] = {}
        for station in stations:
            for source in station.inputs:
                self._takers.setdefault(source.name, []).append(station.name)
            for target in (*station.router.targets, *([station.rework] if station.rework is not None else [])):
                self._feeders.setdefault(target.name, []).append(station.name)

    def find(self) -> Waits:
        """Which stations are in deadlock now, and which of these each waits for; empty where all can still move."""
        waiting = {s.name: s for s in self._stations if s.state != BUSY}
        needs = {name: self._needs(station) for name, station in waiting.items()}
        lost = dict.fromkeys(waiting)
        shrinking = True
        while shrinking:
            freed = [name for name in lost if all(any(n not in lost for n in need) for need in needs[name])]
            shrinking = bool(freed)
            for name in freed:
                del lost[name]
        return {
            name: tuple(dict.fromkeys(n for need in needs[name] if all(n in lost for n in need) for n in need))
            for name in lost
        }

    def _needs(self, station: Station) -> list[list[str]]:
        """What would let it go on: of each list, one station at least has to move. Nothing where it is about to.

        An operator comes back from any cycle, and a repair ends: what counts is what the station waits for besides.
        """
        if station.loaded:
            asked = [target for target in station.router.targets if station in target.putters]
            return [[name for target in asked for name in self._takers.get(target.name, [])]] if asked else []
        return [need for source in station.inputs if (need := self._missing(station, source)) is not None]

    def _missing(self, station: Station, source: Buffer) -> list[str] | None:
        """Who could bring a part where there is none; None where there is one, or it is on its way."""
        if source.ready or source.level or source.putters:
            return None
        if isinstance(source, Source):
            if source.cards is None or source.cards.free > 0:
                return None  # the next arrival comes by itself
            return [other.name for other in self._stations if other is not station]
        return self._feeders.get(source.name, [])


def in_words(waits: Mapping[str, Sequence[str]]) -> str:
    """In words: who waits for whom."""
    return "; ".join(f"{name} waits for {', '.join(others) or 'nobody'}" for name, others in waits.items())
