"""Simulated coverage of intervals against what twin.lab.statistics says of it, and other implementations' answers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from twin.lab import statistics
from twin.lab.statistics import COVERED

Sample = NDArray[np.float64]
LAWS: dict[str, Callable[[np.random.Generator, int], Sample]] = {
    "normal": lambda rng, n: rng.normal(0, 1, n),
    "exponential": lambda rng, n: rng.exponential(1, n) - 1,  # skewness 2: one arm now and then wins by a lot
}
# The table in twin.lab.statistics, per cent.
STUDENT = {
    "normal": {5: 95, 10: 95, 20: 95, 30: 95},
    "exponential": {5: 88, 10: 90, 20: 91, 30: 92},
}
BCA = {
    "normal": {3: 75, 4: 86, 5: 91, 6: 92, 8: 93, 10: 94, 20: 94, 30: 94},
    "exponential": {3: 69, 4: 82, 5: 86, 6: 89, 8: 91, 10: 92, 20: 92, 30: 93},
}
ROUNDED = 0.01  # the table is in whole per cent, and was simulated itself


def cells(table: dict[str, dict[int, int]], least: int = 0) -> list[tuple[str, int, int]]:
    return [(law, n, told) for law, row in table.items() for n, told in row.items() if n >= least]


def error(share: float, trials: int) -> float:
    """Three standard deviations of a share of so many trials."""
    return 3 * math.sqrt(share * (1 - share) / trials)


@pytest.mark.parametrize(("law", "n", "told"), cells(STUDENT))
def test_student_intervals_cover_what_is_told_of_them(law: str, n: int, told: int) -> None:
    rng, trials = np.random.default_rng(n), 4000
    held = 0
    for _ in range(trials):
        interval = statistics.mean(LAWS[law](rng, n))
        held += interval.low <= 0 <= interval.high
    slack = 0.0 if law == "normal" else ROUNDED  # exact for normal values
    assert held / trials == pytest.approx(told / 100, abs=error(told / 100, trials) + slack)


def bca_coverage(law: str, n: int, trials: int, resamples: int) -> float:
    rng, held = np.random.default_rng([n, len(law)]), 0
    for trial in range(trials):
        gain = statistics.difference(LAWS[law](rng, n), np.zeros(n), resamples=resamples, seed=trial)
        held += gain.boot_low <= 0 <= gain.boot_high
    return held / trials


@pytest.mark.parametrize(("law", "n", "told"), [c for c in cells(BCA) if c[1] in (3, 10)])
def test_bootstrap_intervals_cover_what_is_told_of_them_roughly(law: str, n: int, told: int) -> None:
    trials = 300
    assert bca_coverage(law, n, trials, 500) == pytest.approx(told / 100, abs=error(told / 100, trials) + ROUNDED)


@pytest.mark.slow
@pytest.mark.parametrize(("law", "n", "told"), cells(BCA))
def test_bootstrap_intervals_cover_what_is_told_of_them(law: str, n: int, told: int) -> None:
    trials = 2000
    assert bca_coverage(law, n, trials, 999) == pytest.approx(told / 100, abs=error(told / 100, trials) + ROUNDED)


def test_the_warning_of_few_seeds_is_the_table() -> None:
    """Two values: the bootstrap's range is theirs, which holds the mean unless both fall on one side."""
    assert {n: BCA["normal"][n] for n in (3, 4, 5)} == {n: told for n, told in COVERED.items() if n > 2}
    assert bca_coverage("normal", 2, 600, 200) == pytest.approx(COVERED[2] / 100, abs=error(0.5, 600))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 40))
def test_the_paired_t_test_is_that_of_statsmodels_and_scipy(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(3, 2, n), rng.normal(2.5, 3, n)
    found = statistics.difference(first, second, resamples=100)
    theirs = DescrStatsW(first - second)
    assert (found.low, found.high) == pytest.approx(theirs.tconfint_mean(0.05))
    assert found.p_value == pytest.approx(theirs.ttest_mean(0.0)[1])
    assert found.p_value == pytest.approx(stats.ttest_rel(first, second).pvalue)


def test_holm_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    for n in range(1, 16):
        p = np.round(rng.random(n) ** 3, 2)  # with ties
        assert statistics.holm(list(p)) == pytest.approx(tuple(multipletests(p, method="holm")[1]))


def test_holm_holds_the_family_s_error() -> None:
    """Five arms that do nothing, against one baseline: one run in twenty, at most, tells of a gain."""
    rng, trials = np.random.default_rng(2), 1500
    wrong = 0
    for _ in range(trials):
        base, others = rng.normal(0, 1, 8), rng.normal(0, 1, (5, 8))
        wrong += min(statistics.holm([*stats.ttest_rel(others, base[None], axis=1).pvalue])) < 0.05
    assert wrong / trials <= 0.05 + error(0.05, trials)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 9))
def test_wilcoxon_counts_sign_patterns(seed: int, n: int) -> None:
    """Two-sided: twice the share of the 2^n patterns of signs whose sum of positive ranks is as small or as large."""
    delta = np.random.default_rng(seed).normal(0.4, 1, n)
    ranks = stats.rankdata(np.abs(delta))
    sums = np.array([np.dot(signs, ranks) for signs in itertools.product((0, 1), repeat=n)])
    own = ranks[delta > 0].sum()
    by_hand = min(1.0, 2 * min(np.mean(sums <= own), np.mean(sums >= own)))
    found = statistics.difference(delta, np.zeros(n), resamples=100).wilcoxon_p
    assert found == pytest.approx(by_hand)
    assert found == pytest.approx(stats.wilcoxon(delta).pvalue)


def bca_by_hand(sample: Sample, level: float) -> tuple[float, float]:
    """Efron (1987) on all n^n resamples: bias z0 from the share below the mean, acceleration from the jackknife."""
    n, mean = len(sample), sample.mean()
    every = np.sort([np.mean(one) for one in itertools.product(sample, repeat=n)])
    z0 = stats.norm.ppf((np.sum(every < mean - 1e-12) + np.sum(np.abs(every - mean) <= 1e-12) / 2) / len(every))
    left_out = np.array([np.delete(sample, at).mean() for at in range(n)])
    lean = left_out.mean() - left_out
    a = np.sum(lean**3) / (6 * np.sum(lean**2) ** 1.5)
    ends = [stats.norm.ppf((1 - level) / 2), stats.norm.ppf((1 + level) / 2)]
    low, high = (np.quantile(every, stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))) for z in ends)
    return float(low), float(high)


def widened(n: int, resamples: int) -> float:
    """Hesterberg's level: whose normal quantile is Student's, times sqrt(n / (n - 1))."""
    z = stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1))
    return float(min(1 - 2 * stats.norm.sf(z), 1 - 2 / resamples))


@pytest.mark.parametrize("seed", range(4))
def test_bca_is_efron_s_formula(seed: int) -> None:
    sample = np.random.default_rng(seed).gamma(2.0, 1.0, 6)
    found = statistics.difference(sample, np.zeros(6), resamples=50_000)
    by_hand = bca_by_hand(sample, widened(6, 50_000))
    assert (found.boot_low, found.boot_high) == pytest.approx(by_hand, abs=0.04 * float(np.ptp(sample)))


@pytest.mark.parametrize("n", [10, 30, 120])
def test_bca_is_scipy_s_at_the_widened_level(n: int) -> None:
    first, second = np.random.default_rng(n).gamma(2.0, 1.0, n), np.random.default_rng(1).normal(1, 1, n)
    found = statistics.difference(first, second, resamples=20_000, seed=1)
    theirs: Any = stats.bootstrap(
        (first - second,),
        np.mean,
        method="BCa",
        confidence_level=widened(n, 20_000),
        n_resamples=20_000,
        rng=np.random.default_rng(99),
    ).confidence_interval
    width = theirs.high - theirs.low
    assert (found.boot_low, found.boot_high) == pytest.approx((theirs.low, theirs.high), abs=0.03 * width)


def test_widening_goes_away_as_seeds_come() -> None:
    assert widened(5, 10**6) > widened(10, 10**6) > widened(30, 10**6) > 0.95
    assert widened(3000, 10**6) == pytest.approx(0.95, abs=2e-4)
