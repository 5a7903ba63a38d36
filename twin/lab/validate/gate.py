"""Simulated figures against computed ones: how long each is simulated, its interval, the verdict.

A check makes independent replications until the 99 % interval of each of its figures is narrow enough. Over many
figures one in a hundred misses its interval by luck alone, so what misses is simulated once more with fresh seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b

import numpy as np
from scipy import stats

from twin.lab.validate.parameters import Value
from twin.lab.workers import Workers

LEVEL = 0.99
PRECISION = 0.01
FIRST = 20  # replications before the first look: enough for Student's interval of means over long runs
STEP = 0.5  # of the way to the number that a look asks for: an early look knows the spread too badly to go all of it
GROWTH = 4  # at most so many times as many in one round
HOLDS, MISSES, WIDE = "holds", "MISSES", "TOO WIDE"

Replicate = Callable[[int], Mapping[str, float]]
Progress = Callable[[str, int, int, float], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its reference. tolerance: share of the reference by which the mean may differ, for figures that are
    not random or no more than nearly the reference's; None where the interval has to hold the reference.
    """

    figure: str
    reference: float
    tolerance: float | None = None


@dataclass(frozen=True)
class Check:
    """Figures that one simulation gives. replicate: seed → value by figure; it must pickle, as processes run it.

    precision: largest half-width of the intervals, as a share of the reference. least: replications at the least.
    note: what the figures leave out, "" for nothing.
    """

    case: str
    parameters: Mapping[str, Value]
    title: str
    targets: tuple[Target, ...]
    replicate: Replicate
    precision: float = PRECISION
    least: int = FIRST
    note: str = ""

    def seed(self, root: int, attempt: int, number: int) -> int:
        """Of a replication: every check has its own random numbers."""
        key = f"{root} {attempt} {self.case} {self.title} {sorted(self.parameters.items())} {number}"
        return int.from_bytes(blake2b(key.encode(), digest_size=6).digest(), "little")


@dataclass(frozen=True)
class Finding:
    """What came of a target. values: one a replication. first: what missed before it was repeated."""

    check: Check
    target: Target
    values: tuple[float, ...] = field(repr=False)
    first: Finding | None = None

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def half_width(self) -> float:
        """Of Student's 99 % interval; 0 for a single replication."""
        n = len(self.values)
        if n < 2:
            return 0.0
        return float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * float(np.std(self.values, ddof=1)) / math.sqrt(n)

    @property
    def narrow(self) -> bool:
        """Whether there are replications enough."""
        if self.target.tolerance is not None:
            return True
        return self.half_width <= self.check.precision * abs(self.target.reference)

    @property
    def verdict(self) -> str:
        """A wide interval that misses is a miss all the same."""
        if not abs(self.mean - self.target.reference) <= self._allowed:
            return MISSES
        return HOLDS if self.narrow else WIDE

    @property
    def _allowed(self) -> float:
        tolerance = self.target.tolerance
        return self.half_width if tolerance is None else tolerance * abs(self.target.reference)

    @property
    def wanted(self) -> int:
        """Replications to look at next: these, if they make it narrow, or some of those that would."""
        n = len(self.values)
        if self.narrow:
            return n
        wide = self.half_width / (self.check.precision * abs(self.target.reference))
        return min(n + math.ceil(STEP * n * (wide**2 - 1.0)), GROWTH * n)


class Gate:
    """Simulates checks. most: replications of one at most. progress: called with (what, done, of how many, seconds)."""

    def __init__(self, *, seed: int, most: int, workers: Workers, progress: Progress) -> None:
        self._seed, self._most, self._workers, self._progress = seed, most, workers, progress

    def judge(self, checks: Sequence[Check]) -> list[Finding]:
        """A finding for each target of each check, in their order; what missed has been repeated."""
        findings = self._simulate(checks, attempt=0)
        missed = [check for check in checks if any(f.check is check and f.verdict == MISSES for f in findings)]
        again = {(f.check.title, id(f.check), f.target.figure): f for f in self._simulate(missed, attempt=1)}
        return [
            replace(again[f.check.title, id(f.check), f.target.figure], first=f) if f.verdict == MISSES else f
            for f in findings
        ]

    def _simulate(self, checks: Sequence[Check], attempt: int) -> list[Finding]:
        """Rounds of replications, until every interval is narrow or the most are made."""
        made: list[list[Mapping[str, float]]] = [[] for _ in checks]
        wanted = [check.least for check in checks]
        number = 1
        while True:
            jobs = [
                (i, made_before)
                for i, check in enumerate(checks)
                for made_before in range(len(made[i]), min(wanted[i], max(self._most, check.least)))
            ]
            if not jobs:
                return [f for check, values in zip(checks, made, strict=True) for f in _findings(check, values)]
            what = f"repeat of {len(checks)} that missed" if attempt else f"round {number}"
            cases = [(checks[i].replicate, checks[i].seed(self._seed, attempt, k)) for i, k in jobs]
            results = self._workers.run(_replicate, cases, partial(self._progress, what))
            for (i, _), values in zip(jobs, results, strict=True):
                made[i].append(values)
            wanted = [max(f.wanted for f in _findings(c, v)) for c, v in zip(checks, made, strict=True)]
            number += 1


def _replicate(replicate: Replicate, seed: int) -> Mapping[str, float]:
    return replicate(seed)


def _findings(check: Check, made: Sequence[Mapping[str, float]]) -> list[Finding]:
    return [Finding(check, t, tuple(values[t.figure] for values in made)) for t in check.targets]
