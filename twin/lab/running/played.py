"""A policy played on a plant without a record: only the figure that the plant is run for is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.contract import Objective
from twin.lab.core import build
from twin.lab.core.closed_loop import step
from twin.lab.record.history import History
from twin.units import DAY


def play(config: dict[str, Any], watch: Callable[[], None] = lambda: None) -> History:
    """The objective's figure at every tick of the run that `config` (resolved) asks for, to the bit.

    It can be called in a process of its own. watch: called between ticks. Sets torch's number of threads. Raises what
    a run raises.
    """
    import torch

    torch.set_num_threads(config["threads"])
    plant, twin = build.pair(config, "cpu")
    tick, times, values = plant.spec.tick, list[float](), list[float]()
    figure = figure_of(plant.spec.objective, plant.kpis())
    for number in range(1, round(config["days"] * DAY / tick) + 1):
        step(plant, twin, number * tick)
        times.append(number * tick)
        values.append(plant.kpis()[figure])
        watch()
    return History(figure, np.array(times), np.array(values))


def figure_of(objective: Objective, kpis: dict[str, float]) -> str:
    """The key figure that tells a plant's objective: the one that it names, or its first."""
    return objective.figure or next(iter(kpis))
