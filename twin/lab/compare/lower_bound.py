"""The least that any policy could have cost at each seed of a storage study: what losses are counted from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twin.lab.compare.arms import ComparedRun
from twin.lab.core.build import plant_of
from twin.lab.core.privileged import bound
from twin.lab.record.saved_run import SavedRun
from twin.units import DAY

FIGURE = "cost_per_day"


def lower_bounds(by_seed: Mapping[int, ComparedRun], trust: Sequence[str] = ()) -> dict[int, float]:
    """EUR a day, for the plant of each run; see `lower_bound`."""
    return {seed: lower_bound(run.path, trust) for seed, run in by_seed.items()}


def lower_bound(run: Path, trust: Sequence[str] = ()) -> float:
    """EUR a day of the programme for the plant of a run, without wear.

    trust: modules whose classes the run's config.yaml may name. Raises ValueError where that plant has no battery.
    """
    config: dict[str, Any] = {**SavedRun(run).run_config, "trust": trust}
    if "wear" in config["plant"]:
        config["plant"] = {**config["plant"], "wear": False}
    plant, days = plant_of(config), float(config["days"])
    return bound.lower_bound(plant, round(days * DAY / plant.spec.tick)) / days
