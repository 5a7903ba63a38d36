"""Seeds enough: a comparison is repeated with more of them until its paired intervals are as narrow as asked.

This is the sequential procedure of Chow & Robbins (1965), which Law, Simulation Modeling and Analysis, section 9.4.1,
sets out for replications. Whoever stops where the interval looks narrow stops a little too often where the spread was
seen too small, so the interval covers a little less than it says. Simulated with normal differences, 95 % intervals
that were begun with 5 seeds cover 92 to 94 %, begun with 10 94 to 95 %; with exponential ones, whose skew Student's
interval does not know of, 82 to 89 % (tests/lab/compare/test_enough_seeds.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from twin.lab import statistics
from twin.lab.compare.arms import Arms
from twin.lab.compare.comparison import after_warmup, paired
from twin.lab.compare.terms import Terms
from twin.lab.draw.words import number

FEWEST = 5  # seeds to begin with, at least
MOST = 100  # seeds to end with, unless max_seeds= says otherwise
GROWTH = 2  # times as many seeds in one step, at most: the spread is not well known yet


@dataclass(frozen=True, slots=True)
class Precision:
    """Half-width that is narrow enough: in the metric's unit, or, relative, as a share of the baseline's mean."""

    value: float
    relative: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.value < float("inf"):
            raise ValueError(f"precision = {self.value}: must be > 0")

    @classmethod
    def parse(cls, text: str) -> Precision:
        """`2.5` (in the metric's unit) or `1%` (of the baseline's mean). Raises ValueError for anything else."""
        match = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)", text.strip())
        if not match or not float(match[1]) > 0:
            raise ValueError(f"precision = {text}: must be a number > 0, in the metric's unit or followed by %, as 1%")
        return cls(float(match[1]) / (100 if match[2] else 1), bool(match[2]))

    def __str__(self) -> str:
        return f"{100 * self.value:g} % of the baseline's mean" if self.relative else f"{self.value:g}"

    def allowed(self, baseline: Sequence[float]) -> float:
        """The half-width asked for against a baseline of these values. Raises ValueError where its mean is zero."""
        if not self.relative:
            return self.value
        middle = abs(float(np.mean(baseline)))
        if not middle:
            raise ValueError(
                "precision: the baseline's mean is 0, of which there is no share; give it in the metric's unit"
            )
        return self.value * middle


@dataclass(frozen=True, slots=True)
class Look:
    """The difference that is furthest from narrow enough.

    pair: its two arms. half: half-width of its interval. allowed: half-width asked for. wanted: seeds that it needs, by
    its spread so far.
    """

    pair: str
    half: float
    allowed: float
    wanted: int

    @property
    def enough(self) -> bool:
        return self.half <= self.allowed


def look(by_arm: Arms, terms: Terms, precision: Precision) -> Look:
    """At the first metric's differences. Raises ValueError as a comparison does."""
    _, tables = after_warmup(by_arm, terms)
    values = tables[terms.metrics[0]]
    looks = []
    for arm, baseline in paired(by_arm, terms):
        ours, theirs = statistics.pair(values[arm], values[baseline])
        interval, allowed = statistics.mean(ours - theirs), precision.allowed(list(theirs))
        spread = float(np.std(ours - theirs, ddof=1))
        wanted = seeds_for(spread, allowed, interval.n)
        looks.append(Look(f"{arm} − {baseline}", (interval.high - interval.low) / 2, allowed, wanted))
    if not looks:
        raise ValueError("precision: there is no difference to be precise about; a study needs two arms")
    return max(looks, key=lambda one: one.half / one.allowed)


def seeds_for(spread: float, allowed: float, have: int) -> int:
    """The fewest seeds, `have` or more but at most GROWTH times as many, that this spread lets be narrow enough."""
    for count in range(have, GROWTH * have):
        if statistics.half_width(spread, count) <= allowed:
            return count
    return GROWTH * have


def until_precise(
    make: Callable[[int], Arms], terms: Terms, precision: Precision, *, begin: int, most: int = MOST
) -> tuple[Arms, str]:
    """Runs of as many seeds as it takes, and a sentence on how that went.

    make: the arms with so many seeds. begin: seeds of the first look. Raises ValueError for begin < 5 or most < begin.
    """
    if begin < FEWEST:
        raise ValueError(f"seeds = {begin}: must be >= {FEWEST} with precision=, which begins with them")
    if most < begin:
        raise ValueError(f"max_seeds = {most}: must be >= the {begin} seeds to begin with")
    count, looks = begin, 0
    while True:
        by_arm, looks = make(count), looks + 1
        seen = look(by_arm, terms, precision)
        if seen.enough or count >= most:
            return by_arm, in_words(seen, precision, terms.metrics[0], begin=begin, count=count, looks=looks)
        count = min(max(seen.wanted, count + 1), most)


def in_words(seen: Look, precision: Precision, metric: str, *, begin: int, count: int, looks: int) -> str:
    """How many seeds it took, how narrow the widest interval is, and what stopping there means for it."""
    width = f"half-width {number(seen.half)} of {seen.pair}, asked for {number(seen.allowed)}"
    asked = f"precision of {metric}, {precision}"
    if not seen.enough:
        return f"{asked}: NOT reached with {count} seeds, the most allowed (max_seeds=): {width}"
    if looks == 1:
        return f"{asked}: reached with the {count} seeds begun with: {width}"
    return (
        f"{asked}: reached with {count} seeds, begun with {begin}: {width}. Seeds were added until it was, so the "
        "intervals cover a little less than they say (normal differences: 92 to 94 % begun with 5 seeds, 94 to 95 % "
        "with 10; Chow & Robbins 1965, Law 9.4.1)"
    )
