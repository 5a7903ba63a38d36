"""Seeds are added until intervals are narrow enough, no further than allowed, and what that does to them is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.lab import statistics
from twin.lab.compare.arms import Arms, ComparedRun
from twin.lab.compare.enough_seeds import FEWEST, Precision, look, seeds_for, until_precise
from twin.lab.compare.terms import Terms

Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]
TERMS = Terms(["profit_per_hour"], ["lazy"])
FAIR = math.sqrt(0.95 * 0.05)


def maker(gains: NDArray[np.float64], asked: list[int] | None = None, base: float = 100.0) -> Callable[[int], Arms]:
    """Two arms that differ by `gains` at each seed, however many seeds are asked for."""

    def entry(arm: str, seed: int, value: float) -> ComparedRun:
        return ComparedRun(Path(f"{arm}_seed{seed}"), seed, {"profit_per_hour": value}, {"policy": arm}, {}, "c")

    def make(count: int) -> Arms:
        if asked is not None:
            asked.append(count)
        return {
            "lazy": {seed: entry("lazy", seed, base) for seed in range(count)},
            "wise": {seed: entry("wise", seed, base + gains[seed]) for seed in range(count)},
        }

    return make


def test_seeds_are_added_until_the_interval_is_narrow_enough() -> None:
    gains, asked = np.random.default_rng(3).normal(5.0, 4.0, 200), list[int]()
    found, told = until_precise(maker(gains, asked), TERMS, Precision(1.0), begin=5)
    count = len(found["lazy"])
    interval = statistics.mean(gains[:count])
    assert (interval.high - interval.low) / 2 <= 1.0
    assert asked[0] == 5
    assert asked[-1] == count
    assert all(a < b <= 2 * a for a, b in pairwise(asked))
    assert f"reached with {count} seeds, begun with 5" in told
    assert "cover a little less than they say" in told
    for before in asked[:-1]:
        interval = statistics.mean(gains[:before])
        assert (interval.high - interval.low) / 2 > 1.0, "it stops at the first look that is narrow enough"


def test_a_share_is_of_the_baseline_s_mean() -> None:
    gains = np.random.default_rng(4).normal(5.0, 4.0, 400)
    one, _ = until_precise(maker(gains, base=50.0), TERMS, Precision.parse("2%"), begin=5)
    other, _ = until_precise(maker(gains, base=50.0), TERMS, Precision.parse("1"), begin=5)
    assert len(one["lazy"]) == len(other["lazy"])
    with pytest.raises(ValueError, match="the baseline's mean is 0"):
        until_precise(maker(gains, base=0.0), TERMS, Precision.parse("2%"), begin=5)


def test_what_is_narrow_at_once_costs_no_more_seeds() -> None:
    found, told = until_precise(maker(np.linspace(5, 5.1, 10)), TERMS, Precision(1.0), begin=5)
    assert len(found["lazy"]) == 5
    assert "reached with the 5 seeds begun with" in told
    assert "cover" not in told


def test_it_ends_at_the_most_seeds_allowed_and_says_that_it_fell_short() -> None:
    gains = np.random.default_rng(5).normal(0.0, 50.0, 30)
    found, told = until_precise(maker(gains), TERMS, Precision(1.0), begin=5, most=12)
    assert len(found["lazy"]) == 12
    assert "NOT reached with 12 seeds" in told


def test_the_widest_difference_decides() -> None:
    make = maker(np.random.default_rng(6).normal(5.0, 4.0, 40))
    found = make(10)
    third = {
        seed: ComparedRun(Path("x"), seed, {"profit_per_hour": 100.0 + 9 * (-1) ** seed}, {}, {}, "c")
        for seed in range(10)
    }
    seen = look({**found, "wild": third}, TERMS, Precision(1.0))
    assert seen.pair == "wild − lazy"
    assert not seen.enough
    with pytest.raises(ValueError, match="a study needs two arms"):
        look({"lazy": found["lazy"]}, TERMS, Precision(1.0))


def test_seeds_wanted_are_the_fewest_by_the_spread_seen() -> None:
    for spread, allowed in ((4.0, 1.0), (4.0, 2.0), (1.0, 2.0)):
        count = seeds_for(spread, allowed, 50)
        if count < 100:
            assert statistics.half_width(spread, count) <= allowed
        assert count == 50 or statistics.half_width(spread, count - 1) > allowed
    assert seeds_for(1e9, 1.0, 5) == 10, "the spread of five seeds is not to be trusted with more than a doubling"


@pytest.mark.parametrize("text", ["", "0", "-1", "1%%", "a", "1e400", "nan", "%", "0%"])
def test_what_is_no_precision_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"precision = .*: must be a number > 0"):
        Precision.parse(text)


@pytest.mark.parametrize(
    ("text", "value", "relative"), [("1%", 0.01, True), ("2.5", 2.5, False), (".5 %", 0.005, True)]
)
def test_precisions_are_read(text: str, value: float, relative: bool) -> None:
    found = Precision.parse(text)
    assert (found.value, found.relative) == (pytest.approx(value), relative)


def test_too_few_seeds_to_begin_with_are_refused() -> None:
    make = maker(np.zeros(9))
    with pytest.raises(ValueError, match=rf"seeds = 3: must be >= {FEWEST} with precision="):
        until_precise(make, TERMS, Precision(1.0), begin=3)
    with pytest.raises(ValueError, match="max_seeds = 6: must be >= the 8 seeds"):
        until_precise(make, TERMS, Precision(1.0), begin=8, most=6)


def sequential_coverage(draw: Draw, *, begin: int, allowed: float, trials: int, seed: int) -> float:
    """How often the interval at which the procedure stops holds the true mean, 0."""
    rng, held = np.random.default_rng(seed), 0
    for _ in range(trials):
        sample, count = draw(rng, 400), begin
        while True:
            half = statistics.half_width(float(sample[:count].std(ddof=1)), count)
            if half <= allowed or count >= 400:
                break
            count = min(max(seeds_for(float(sample[:count].std(ddof=1)), allowed, count), count + 1), 400)
        held += abs(sample[:count].mean()) <= half
    return held / trials


def normal(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.normal(0, 1, n)


def exponential(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return rng.exponential(1, n) - 1


@pytest.mark.parametrize(("begin", "least", "most"), [(5, 0.92, 0.95), (10, 0.935, 0.955)])
def test_stopping_costs_the_coverage_that_is_told(begin: int, least: float, most: float) -> None:
    found = sequential_coverage(normal, begin=begin, allowed=0.5, trials=1500, seed=begin)
    error = 3 * FAIR / math.sqrt(1500)
    assert least - error <= found <= most + error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "begin", "least", "most"),
    [(normal, 5, 0.92, 0.945), (normal, 10, 0.935, 0.955), (exponential, 5, 0.82, 0.89), (exponential, 10, 0.85, 0.90)],
)
def test_stopping_costs_the_coverage_that_is_told_at_any_width(
    draw: Draw, begin: int, least: float, most: float
) -> None:
    trials = 4000
    error = 3 * FAIR / math.sqrt(trials)
    for allowed in (1.0, 0.7, 0.5, 0.3, 0.2):
        found = sequential_coverage(draw, begin=begin, allowed=allowed, trials=trials, seed=7)
        assert least - error <= found <= most + error, allowed
