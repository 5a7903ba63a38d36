"""What must hold of any line at the end of any instant: nothing is lost, nobody waits for what is there."""

from __future__ import annotations

from typing import Any

from sim import contract
from sim.line.buffer import Buffer
from sim.line.machine import BLOCKED, BUSY, DOWN, IDLE
from sim.line.station import Station
from sim.plants.production_line import ProductionLine


def conserved(plant: ProductionLine) -> None:
    """Parts entered = finished + scrapped + joined + in process, and those in process lie or are held somewhere."""
    figures, stations = plant.kpis(), plant._stations.values()
    joined = sum(station.joined for station in stations)
    left = figures["good_parts"] + figures["scrap_parts"] + joined
    assert figures["parts_entered"] == left + figures["wip"]
    lying = sum(buffer.level for buffer in plant.kernel.components.values() if isinstance(buffer, Buffer))
    assert figures["wip"] == sum(station.loaded for station in stations) + lying


def nobody_forgotten(plant: ProductionLine) -> None:
    """Every station works, or waits for something that is not there and will be told when it comes."""
    (dispatcher,) = [c for c in plant.kernel.components.values() if c.name == "dispatcher"]
    asked = [job.client for job in dispatcher._waiting]  # type: ignore[attr-defined]
    for station in plant._stations.values():
        assert (station._timer.armed >= 0) == (station.state == BUSY), station.name
        _waits_rightly(station)
        care = station.upkeep
        if care is None or not (care.ordered or station.state >= DOWN):
            continue
        coming = care._job.armed >= 0 or care._way.armed >= 0 or care._awaits_spare or care in asked
        assert coming or care.attended, f"{station.name}: nobody comes"
        assert station.state >= DOWN or not care.attended or station.held, f"{station.name}: is not held"
    for crew in plant._crews:
        waiting = [job for job in dispatcher._waiting if crew.can(job.skill)]  # type: ignore[attr-defined]
        assert not (crew.free > 0 and waiting), f"{crew.name}: a job waits beside somebody free"


def _waits_rightly(station: Station) -> None:
    free = station.operators is None or station.operators.free > 0
    if station.state == IDLE:
        there = station.loaded or all(source.ready for source in station.inputs)
        assert not (there and free), f"{station.name}: idle beside work"
    if station.state == BLOCKED:
        asked = [target for target in station.router.targets if station in target.putters]
        assert asked, f"{station.name}: blocked, and waits for nobody"
        assert station.loaded, f"{station.name}: blocked without a part"
        assert all(target.room <= 0 for target in asked), f"{station.name}: blocked beside room"


class Deadlocked:
    """Remembers which stations were told to be in deadlock: they must never move again."""

    def __init__(self) -> None:
        self._cycles: dict[str, int] = {}

    def watch(self, plant: ProductionLine) -> None:
        """Compare with what was told before."""
        told = any(event.kind == contract.DEADLOCK for event in plant.journal())
        assert plant.deadlock() or not told
        for name in plant.deadlock():
            self._cycles.setdefault(name, plant._stations[name].cycles)
        assert all(plant._stations[name].cycles == cycles for name, cycles in self._cycles.items())


def counts(plant: ProductionLine) -> dict[str, Any]:
    """What can be counted, by name."""
    keys = ("good_parts", "scrap_parts", "wip", "parts_entered", "maintenance_preventive", "maintenance_corrective")
    figures = plant.kpis()
    stations = {
        name: (station.cycles, station.scrapped, station.reworked, station.joined, station.state_name)
        for name, station in sorted(plant._stations.items())
    }
    refused = sorted((source.name, source.refused) for source in plant._accounts._sources)
    return {key: figures[key] for key in keys} | stations | {"refused": refused}
