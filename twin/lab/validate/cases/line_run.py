"""One replication of a line: warm up, observe, measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from sim.line.source import Source
from twin.lab.configure.located import located

PLANNED = 32  # replications that a run is made long enough for
Z2 = 2.5758**2  # of the 99 % interval
WARMUP = 0.1  # share of a run
FOREVER = 1e12  # s: a cycle that no run ends, and whose rest still has digits to spare


@dataclass(frozen=True, slots=True)
class LineWindow:
    """What happened on a line within some seconds: counts, or seconds summed over stations or parts.

    left: parts that went out of it, whatever way; sojourn: their times in the line; area: part-seconds in process.
    refused: arrivals turned away. busy, stopped: station-seconds at work, and down or in maintenance.
    """

    seconds: float
    entered: float
    refused: float
    good: float
    left: float
    sojourn: float
    area: float
    busy: float
    stopped: float
    failed: float
    maintained: float
    stations: int

    @property
    def throughput(self) -> float:
        return self.good / self.seconds

    @property
    def blocking(self) -> float:
        """Share of the arrivals turned away."""
        return self.refused / max(self.refused + self.entered, 1.0)

    @property
    def number(self) -> float:
        """Mean parts in the line."""
        return self.area / self.seconds

    @property
    def wait(self) -> float:
        """Mean time in the line less mean time at work."""
        return self.sojourn / max(self.left, 1.0) - self.busy / max(self.good, 1.0)

    @property
    def availability(self) -> float:
        return 1.0 - self.unavailability

    @property
    def unavailability(self) -> float:
        return self.stopped / (self.seconds * self.stations)

    @property
    def failures_per_second(self) -> float:
        return self.failed / self.seconds

    @property
    def renewals_per_second(self) -> float:
        """Of planned work."""
        return self.maintained / self.seconds


@lru_cache
def configuration(name: str) -> dict[str, Any]:
    """conf/validation/NAME.yaml."""
    fields: dict[str, Any] = yaml.safe_load((files("conf") / "validation" / f"{name}.yaml").read_text())
    return fields


def make(plant: Mapping[str, Any], seed: int) -> Any:
    """The line of conf/validation/line.yaml with `plant` laid over it. Raises ValueError as its constructor does."""
    fields = configuration("line") | dict(plant)
    kind = located(fields.pop("_target_"), "plant", (), "_target_")
    return kind(seed=seed, **fields)


def observe(plant: Any) -> dict[str, float]:
    """Everything so far, see Window."""
    kpis, now = plant.kpis(), plant.now
    left = kpis["parts_entered"] - kpis["wip"]
    sources = [component for component in plant.kernel.components.values() if isinstance(component, Source)]
    return {
        "seconds": now,
        "entered": kpis["parts_entered"],
        "refused": float(sum(source.refused for source in sources)),
        "good": kpis["good_parts"],
        "left": left,
        "sojourn": kpis["lead_time_minutes"] * 60.0 * left,
        "area": kpis["wip_mean"] * now,
        "busy": kpis["busy_hours"] * 3600.0,
        "stopped": kpis["downtime_hours"] * 3600.0,
        "failed": kpis["maintenance_corrective"],
        "maintained": kpis["maintenance_preventive"],
    }


@dataclass(frozen=True)
class LineRun:
    """Makes one replication. plant: fields of the line. horizon: seconds, of which WARMUP is thrown away.

    measures: value by figure, of the Window after the warm-up.
    """

    plant: Mapping[str, Any]
    horizon: float
    measures: Mapping[str, Callable[[LineWindow], float]]

    def window(self, seed: int) -> LineWindow:
        """What a replication shows after its warm-up."""
        plant = make(self.plant, seed)
        plant.advance(WARMUP * self.horizon)
        before = observe(plant)
        plant.advance(self.horizon)
        after = observe(plant)
        return LineWindow(**{key: after[key] - before[key] for key in after}, stations=len(self.plant["stations"]))

    def __call__(self, seed: int) -> dict[str, float]:
        window = self.window(seed)
        return {figure: float(measure(window)) for figure, measure in self.measures.items()}


def horizon(*, spread: float, precision: float, least: float) -> float:
    """Seconds of a run, such that about PLANNED of them are narrow enough.

    spread: variance x seconds of a run's mean, as a share of the mean squared: how noisy the figure is. least: seconds
    over which a run has to go whatever the precision, so that its start is forgotten.
    """
    return max(Z2 * spread / precision**2 / PLANNED / (1.0 - WARMUP), least)


def exponential(rate: float) -> dict[str, Any]:
    """Times at a rate."""
    return {"law": "exponential", "mean": 1.0 / rate}


def serial(cycles: list[Any], buffer: int) -> dict[str, dict[str, Any]]:
    """Stations s1, s2, ... in a row."""
    stations: dict[str, dict[str, Any]] = {}
    for i, cycle in enumerate(cycles, 1):
        stations[f"s{i}"] = {"cycle": cycle, "buffer": buffer} | ({"to": f"s{i + 1}"} if i < len(cycles) else {})
    return stations
