"""Which of several plans is better: the truth by paired forks, and how well a forecast ranks the plans."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.contract import Action, Plant, Silenceable

Floats = NDArray[np.float64]
Signs = NDArray[np.int64]
FIRST = 8  # forks of every plan before any pair is judged
ERROR = 0.01  # of a pair's interval, shared by all looks at it (Bonferroni)
HOPE = 0.5  # standard errors by which a difference may be larger than it looks


def silenced(plant: Plant) -> Plant:
    """The same plant without its sensors and reports, where it can do without (see sim.contract.Silenceable)."""
    if isinstance(plant, Silenceable):
        plant.silence()
    return plant


def outcome(plant: Plant, orders: Sequence[Action], until: float) -> float:
    """Mean of the objective's figure from now until `until` (s), the larger the better.

    plant: is advanced. orders: the only actions that it gets.
    """
    objective, start = plant.spec.objective, plant.now
    before = _total(plant)
    for action in sorted(orders, key=lambda one: one.time):
        plant.advance(action.time)
        plant.apply(action)
    plant.advance(until)
    return objective.sense * (_total(plant) - before) / (until - start)


def _total(plant: Plant) -> float:
    """The figure is a rate over the whole run: times its seconds it is a total."""
    kpis = plant.kpis()
    return kpis[plant.spec.objective.figure or next(iter(kpis))] * plant.now


def judged(run: Callable[[int, int], float], *, plans: int, forks: int) -> Floats:
    """[forks, plans] of run(fork, plan), NaN where none was needed.

    Forks are doubled from FIRST until every pair of plans is resolved or dropped, or all are used up; a plan none of
    whose pairs is open gets no more.
    """
    values = np.full((forks, plans), np.nan)
    active, done = np.ones(plans, dtype=bool), 0
    for upto in looks(forks):
        for fork, plan in itertools.product(range(done, upto), np.flatnonzero(active)):
            values[fork, plan] = run(fork, int(plan))
        done = upto
        active = np.asarray(_open(values).any(1))
        if not active.any():
            break
    return values


def looks(forks: int) -> list[int]:
    """8, 16, 32 ... forks: when it is asked whether they are enough."""
    doubled = itertools.takewhile(lambda n: n < forks, (FIRST * 2**k for k in itertools.count()))
    return [*doubled, forks]


def signs(values: Floats) -> Signs:
    """[plans, plans] +1 where the row's plan is better, -1 where worse, 0 where the paired t interval covers 0."""
    gap, error, count = _gaps(values)
    result: Signs = (np.sign(gap) * (np.abs(gap) > _quantile(count, len(values)) * error)).astype(np.int64)
    return result


def _open(values: Floats) -> NDArray[np.bool_]:
    """[plans, plans] pairs that more forks may resolve.

    Left out are those that are resolved, and those whose difference, even if it is HOPE standard errors larger than it
    looks, is too small for all forks to resolve.
    """
    gap, error, count = _gaps(values)
    forks = np.full_like(count, len(values))
    needed = _quantile(forks, len(values)) * error * np.sqrt(count / forks)
    resolved = np.abs(gap) > _quantile(count, len(values)) * error
    result: NDArray[np.bool_] = ~resolved & (np.abs(gap) + HOPE * error > needed) & (count < forks)
    return result


def _quantile(count: Floats, forks: int) -> Floats:
    """Of Student's t, for an interval whose error all looks share."""
    return np.asarray(stats.t.ppf(1 - ERROR / len(looks(forks)) / 2, count - 1))


def _gaps(values: Floats) -> tuple[Floats, Floats, Floats]:
    """[plans, plans] each: mean difference over the forks that both had, its standard error, how many those are."""
    there = np.isfinite(values).astype(float)
    first, both = np.nan_to_num(values), there.T @ there
    gap = first[:, :, None] - first[:, None]
    gap *= there[:, :, None] * there[:, None]
    mean = gap.sum(0) / both
    spread = np.sqrt(np.maximum((gap**2).sum(0) / both - mean**2, 0.0) * both / (both - 1))
    return mean, spread / np.sqrt(both), both


def means(values: Floats) -> Floats:
    """[plans] by least squares of a plan's mean and a fork's luck, which all its plans share; their average is 0."""
    there = np.isfinite(values)
    there = there[there.sum(1) > 1]
    known = np.where(there, values[np.isfinite(values).sum(1) > 1], 0.0)
    count = there.sum(1, keepdims=True)
    normal = np.diag(there.sum(0).astype(float)) - (there / count).T @ there
    right = np.where(there, known - known.sum(1, keepdims=True) / count, 0.0).sum(0)
    result: Floats = np.linalg.pinv(normal) @ right
    return result


def tau(truth: Signs, values: Floats) -> float:
    """Kendall's tau of `values` [plans] over the resolved pairs; a tie counts 0. NaN without any pair."""
    pairs = np.triu(truth != 0)
    order = np.sign(np.round(values[:, None] - values[None], 12))
    return float((truth * order)[pairs].mean()) if pairs.any() else float("nan")


def regret(true: Floats, values: Floats) -> float:
    """What is lost by the plan that has the highest value, of the range [plans]; the mean over ties."""
    best = values >= values.max() - 1e-12
    spread = float(np.ptp(true))
    return float((true.max() - true[best].mean()) / spread) if spread > 0 else 0.0


def ceiling(values: Floats) -> tuple[float, float]:
    """(tau, regret) of one half of the forks (even, odd) by their means, judged by the other half.

    tau: over the pairs that the other half resolves, NaN where neither half resolves any. regret: by the other half's
    means. Each is the mean of both ways. Pairs that all forks resolve would not do: their halves agree by selection.
    """
    halves = values[::2], values[1::2]
    both = (halves, halves[::-1])
    taus = np.array([tau(signs(one), means(other)) for one, other in both])
    known = taus[np.isfinite(taus)]
    lost = float(np.mean([regret(means(one), means(other)) for one, other in both]))
    return float(known.mean()) if len(known) else float("nan"), lost
