"""What relieving a plant's bottleneck is worth, by forks of the plant itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from sim.contract import Bottleneck, Plant, Relievable, Silenceable
from twin.lab import statistics
from twin.lab.core.held import Held
from twin.lab.core.privileged.futures import reseeds
from twin.lab.statistics import Interval
from twin.units import DAY, HOUR

BY = 0.1  # more capacity
SHORTEST = 1.0  # days of a run whose plant is forked
LEAST, MOST = 1 / 3, 3.0  # days that a fork runs, a tenth of the run where that lies between
FEWEST, MANY_PAIRS = 4, 12  # forks of each kind
EVENTS = 800_000  # of the plant in all forks together, if they had as many a day as the run had
TIMES = 2.5  # times as long as the run, all forks together, at most


@dataclass(frozen=True, slots=True)
class Relief:
    """Gain of the objective by a larger capacity of a bottleneck, money per hour; above 0 is better.

    bottleneck: that is relieved. by: share of more capacity. gain: mean over pairs of forks that face the same luck,
    and its Student interval. days: that each ran.
    """

    bottleneck: Bottleneck
    by: float
    gain: Interval
    pairs: int
    days: float

    @property
    def distinguishable(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.gain.low > 0 or self.gain.high < 0


def reliefs(plant: Plant, candidates: Sequence[Bottleneck], held: Held, *, seed: int, events: int) -> list[Relief]:
    """What relieving each of the candidates is worth from where the plant stands.

    Each pair of forks is reseeded; one runs as it is and one relieved, under the same luck. The intervals hold at 95 %
    for all candidates together (Bonferroni). held: the commands that all run under. events: that the plant has
    processed so far. Empty for a run that is too short. Raises ValueError where the plant cannot be copied.
    """
    ran, arms = plant.now / DAY, 1 + len(candidates)
    if ran < SHORTEST or not candidates:
        return []
    budget = min(EVENTS * ran / max(events, 1), TIMES * ran)
    days = max(min(ran / 10, MOST, budget / (arms * MANY_PAIRS)), LEAST)
    pairs = int(min(max(budget / (arms * days), FEWEST), MANY_PAIRS))
    seeds = reseeds(seed, round(plant.now), pairs)
    without = np.array([_total(plant, held, fork, days) for fork in seeds])
    found = []
    for one in candidates:
        gains = np.array([_total(plant, held, fork, days, one) for fork in seeds]) - without
        rates = plant.spec.objective.sense * gains * HOUR / (days * DAY)
        interval = statistics.mean(rates, level=1.0 - 0.05 / len(candidates))
        found.append(Relief(one, BY, interval, pairs, days))
    return found


def _total(plant: Plant, held: Held, seed: int, days: float, relieved: Bottleneck | None = None) -> float:
    """The objective's total at a fork's end."""
    fork = plant.fork(seed)
    if isinstance(fork, Silenceable):
        fork.silence()
    if relieved is not None:
        cast(Relievable, fork).relieve(relieved.assets, BY)
    held.carry_on(fork, plant.now + days * DAY)
    return objective_total(fork.spec.objective.figure, fork.kpis(), fork.now)


def objective_total(figure: str, kpis: dict[str, float], now: float) -> float:
    """What a figure that is a rate (profit_per_hour, cost_per_day) has come to by `now` (s)."""
    name = figure or next(iter(kpis))
    unit: Any = next((s for word, s in (("_per_hour", HOUR), ("_per_day", DAY)) if name.endswith(word)), None)
    return kpis[name] if unit is None else kpis[name] * now / unit
