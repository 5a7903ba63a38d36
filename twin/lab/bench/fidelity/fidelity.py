"""How well surrogates rank what-ifs.

Several twins watch one plant that is run at random. Each values some random plans; forks of the plant carry them out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Message, Plant, PlantSpec
from twin.lab.bench.fidelity.exploring import Exploring
from twin.lab.bench.fidelity.plan_value import objective_mean
from twin.lab.bench.fidelity.ranking import ceiling, means, regret, signs, tau
from twin.lab.bench.fidelity.truths import REFERENCES, ForkQuestion, Point, truth
from twin.lab.core.closed_loop import take_turn
from twin.lab.core.privileged.futures import commands
from twin.lab.workers import Workers
from twin.twin import Twin

Floats = NDArray[np.float64]
ALONE = ", learned alone"  # ends the name of a row
Tell = Callable[[str], None]


@dataclass
class Shadow:
    """One surrogate's twin beside the plant.

    values: by tick, [plans] their values. alone: by tick, [plans] the learned objective alone. seconds: CPU time.
    """

    name: str
    twin: Twin
    policy: Exploring
    values: dict[int, Floats] = field(default_factory=dict)
    alone: dict[int, Floats] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Score:
    """One row over all points.

    tau, regret: [points] see ranking, NaN where no pair was resolved. learning: CPU seconds of the twin in all. whatif:
    CPU seconds of one plan. Both are NaN where the row is no twin.
    """

    name: str
    tau: Floats
    regret: Floats
    learning: float = float("nan")
    whatif: float = float("nan")


def moments(ticks: int, points: int) -> list[int]:
    """Ticks at which plans are compared: evenly over the last third."""
    first = 2 * ticks // 3 + 1
    return sorted({int(t) for t in np.linspace(first, ticks, min(points, ticks - first + 1)).round()})


def shadows(
    configs: Mapping[str, Mapping[str, Any]], spec: PlantSpec, on: str, *, ask: Sequence[int], plans: int, seed: int
) -> list[Shadow]:
    """A twin for each configuration of a run, all under one exploring policy. Raises UserError for what one refuses."""
    from twin.lab.core import build

    twins = []
    for name, config in configs.items():
        with build.refusals():
            twin = build.forecaster_for(dict(config), spec, on)
        policy = Exploring(spec=spec, seed=seed, ask=ask, plans=plans, horizon=twin.shape.horizons[-1])
        twin.policy = policy
        twins.append(Shadow(name, twin, policy))
    return twins


def watched(
    plant: Plant,
    twins: Sequence[Shadow],
    *,
    ticks: int,
    ask: Sequence[int],
    forks: int,
    seed: int,
    workers: Workers,
    tell: Tell,
    folder: Path | None = None,
) -> list[Point]:
    """Run the plant with its twins; a truth for every tick of `ask`. folder: see truths.truth."""
    spec, futures = plant.spec, list[Future[Point]]()
    for number in range(1, ticks + 1):
        messages = plant.advance(number * spec.tick)
        plant.journal()
        decided = [_decide(shadow, messages, number * spec.tick) for shadow in twins]
        if number in ask:
            plans, _ = twins[0].policy.answers[number]
            window, steps = twins[0].twin.window, twins[0].twin.shape.horizons[-1]
            orders = [list(commands(plan, window.setpoints, window.layout, window.now)) for plan in plans]
            until = (number + steps) * spec.tick
            question = ForkQuestion(type(plant), plant.snapshot(), orders, until, forks, seed, number)
            futures.append(workers.submit(truth, question, folder))
            tell(f"day {number * spec.tick / 86_400:.1f}: {len(futures)} of {len(ask)} points")
        for action in decided[0]:
            plant.apply(action)
    return [future.result() for future in futures]


def _decide(shadow: Shadow, messages: Sequence[Message], now: float) -> Sequence[Action]:
    start = time.process_time()
    actions = take_turn(shadow.twin, messages, now).actions
    shadow.seconds += time.process_time() - start
    tick = shadow.twin.window.tick
    if tick in shadow.policy.answers:
        shadow.values[tick] = shadow.policy.values[tick]
        shadow.alone[tick] = objective_mean(shadow.policy.answers[tick][1], shadow.twin.spec, shadow.twin.window.layout)
    return actions


def scored(points: Sequence[Point], twins: Sequence[Shadow], ask: Sequence[int]) -> list[Score]:
    """Two rows for each surrogate (plan values, learned objective alone), one for each of REFERENCES, the ceiling."""
    truths = [(signs(point.values), means(point.values)) for point in points]

    def score(name: str, values: Sequence[Floats], *cost: float) -> Score:
        taus = [tau(sign, value) for (sign, _), value in zip(truths, values, strict=True)]
        regrets = [regret(mean, value) for (_, mean), value in zip(truths, values, strict=True)]
        return Score(name, np.array(taus), np.array(regrets), *cost)

    plans = points[0].values.shape[1]
    rows = [
        score(s.name, [s.values[tick] for tick in ask], s.seconds, s.policy.seconds / len(ask) / plans) for s in twins
    ]
    rows += [score(f"{s.name}{ALONE}", [s.alone[tick] for tick in ask]) for s in twins]
    rows += [score(f"forks {n}", [point.few[:n].mean(0) for point in points]) for n in REFERENCES]
    halves, lost = np.array([ceiling(point.values) for point in points]).T
    return [*rows, Score("half of the forks", halves, lost)]


def joined(several: Sequence[Sequence[Score]]) -> list[Score]:
    """The rows of several seeds as those of one."""
    return [
        Score(
            rows[0].name,
            np.concatenate([row.tau for row in rows]),
            np.concatenate([row.regret for row in rows]),
            sum(row.learning for row in rows),
            float(np.mean([row.whatif for row in rows])),
        )
        for rows in zip(*several, strict=True)
    ]


def worth(row: Score, rows: Sequence[Score]) -> float:
    """How few forks of each plan rank as well as this row, between those of REFERENCES; 0 and inf beyond them."""
    curve = np.maximum.accumulate([known_mean(one.tau) for one in rows if one.name.startswith("forks ")])
    mean = known_mean(row.tau)
    at = int(np.searchsorted(curve, mean))
    if not np.isfinite(mean) or at == len(curve):
        return float("inf") if np.isfinite(mean) else mean
    if at == 0:
        return 0.0 if mean < curve[0] else 1.0 * REFERENCES[0]
    share = (mean - curve[at - 1]) / (curve[at] - curve[at - 1])
    return float(REFERENCES[at - 1] * (REFERENCES[at] / REFERENCES[at - 1]) ** share)


def known_mean(values: Floats) -> float:
    """Of what is not NaN; NaN where all is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
