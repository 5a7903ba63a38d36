"""Paired statistics against closed forms, and their intervals against the coverage that they promise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from twin.lab import statistics

FAIR = math.sqrt(0.95 * 0.05)  # sd of "the 95 % interval holds the truth", one trial


def arms(rng: np.random.Generator, n: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Losses of a policy and of a reference under common luck: means 13 and 10."""
    luck = rng.normal(10, 1, n)
    return 1.3 * luck + rng.normal(0, 1, n), luck + rng.normal(0, 0.5, n)


def test_mean_of_two_is_known_by_hand() -> None:
    """Two values a apart: standard error a/2, and Student's 97.5 % point at one degree of freedom is 12.7062."""
    interval = statistics.mean([1.0, 3.0])
    assert (interval.value, interval.n) == (2.0, 2)
    assert interval.high - interval.value == pytest.approx(12.7062, rel=1e-5)
    assert interval.value - interval.low == pytest.approx(12.7062, rel=1e-5)


def test_difference_agrees_with_the_paired_t_test() -> None:
    first, second = arms(np.random.default_rng(3), 12)
    found, theirs = statistics.difference(first, second), stats.ttest_rel(first, second)
    bounds = theirs.confidence_interval(0.95)
    assert found.value == pytest.approx(first.mean() - second.mean())
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high))
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert found.effect_size == pytest.approx(theirs.statistic / math.sqrt(12))


@pytest.mark.parametrize("n", [4, 7, 10])
def test_signed_rank_of_gains_only_is_two_in_two_to_the_n(n: int) -> None:
    """Where every difference has the same sign, one of 2^n sign patterns on either side is as extreme."""
    assert statistics.difference(np.arange(1.0, n + 1), np.zeros(n)).wilcoxon_p == pytest.approx(2 / 2**n)


def test_common_luck_cancels() -> None:
    """Paired, the interval is that of the policies' own noise, however large the luck that they share."""
    rng = np.random.default_rng(0)
    luck, noise = rng.normal(0, 1000, 10), rng.normal(0, 1, 10)
    found = statistics.difference(luck + noise + 5, luck)
    assert found.high - found.low < 4
    assert found.low < 5 < found.high


def test_swapping_the_arms_changes_the_sign_only() -> None:
    first, second = arms(np.random.default_rng(5), 9)
    there, back = statistics.difference(first, second), statistics.difference(second, first)
    assert (back.value, back.low, back.high) == pytest.approx((-there.value, -there.high, -there.low))
    assert back.p_value == pytest.approx(there.p_value)


def test_differences_without_spread_have_no_width() -> None:
    same = statistics.difference([4.0, 5.0, 6.0], [4.0, 5.0, 6.0])
    assert (same.value, same.low, same.high, same.boot_low, same.boot_high) == (0.0, 0.0, 0.0, 0.0, 0.0)
    assert (same.p_value, same.wilcoxon_p, same.effect_size) == (1.0, 1.0, 0.0)
    ahead = statistics.difference([6.0, 7.0, 8.0], [4.0, 5.0, 6.0])
    assert (ahead.low, ahead.boot_low, ahead.boot_high, ahead.high) == (2.0, 2.0, 2.0, 2.0)
    assert (ahead.p_value, ahead.effect_size) == (0.0, math.inf)


def test_excess_of_losses_in_proportion_is_exact() -> None:
    """J_policy = 1.5 J_reference at every seed: the excess is one half in every resample."""
    base = np.array([8.0, 10.0, 11.0, 13.0])
    found = statistics.excess(1.5 * base, base)
    assert (found.value, found.low, found.high, found.n) == pytest.approx((0.5, 0.5, 0.5, 4))


def test_excess_is_of_means_and_not_a_mean_of_ratios() -> None:
    found = statistics.excess([10.0, 30.0, 20.0, 20.0], [10.0, 12.0, 8.0, 10.0])
    assert found.value == pytest.approx(20 / 10 - 1)
    assert found.low < found.value < found.high


def test_one_seed_of_the_bootstrap_one_interval() -> None:
    first, second = arms(np.random.default_rng(7), 10)
    assert statistics.difference(first, second, seed=1) == statistics.difference(first, second, seed=1)
    one, other = statistics.excess(first, second, seed=1), statistics.excess(first, second, seed=2)
    assert one == statistics.excess(first, second, seed=1)
    assert one != other
    assert one.low == pytest.approx(other.low, abs=0.05)


def coverage(holds: Callable[[int], bool], trials: int) -> float:
    return sum(holds(trial) for trial in range(trials)) / trials


def test_student_interval_covers_what_it_says() -> None:
    rng = np.random.default_rng(11)

    def holds(_: int) -> bool:
        interval = statistics.mean(rng.normal(3.0, 2.0, 10))
        return interval.low <= 3.0 <= interval.high

    assert coverage(holds, 4000) == pytest.approx(0.95, abs=3 * FAIR / math.sqrt(4000))


def test_bootstrap_intervals_cover_what_they_say_at_ten_seeds() -> None:
    """Widened for few seeds; unwidened, both cover about 90 %."""
    rng, trials = np.random.default_rng(13), 400
    held = np.zeros(2)
    for trial in range(trials):
        policy, reference = arms(rng, 10)
        gain = statistics.difference(policy, reference, resamples=600, seed=trial)
        over = statistics.excess(policy, reference, resamples=600, seed=trial)
        held += [gain.boot_low <= 3.0 <= gain.boot_high, over.low <= 0.3 <= over.high]
    assert held / trials == pytest.approx(0.95, abs=3 * FAIR / math.sqrt(trials))


def test_p_values_of_equal_arms_are_uniform() -> None:
    rng = np.random.default_rng(17)
    found = [statistics.difference(*rng.normal(0, 1, (2, 8)), resamples=100).p_value for _ in range(150)]
    assert stats.kstest(found, "uniform").pvalue > 0.001


def test_probability_best_of_arms_that_are_alike() -> None:
    same = [1.0, 5.0, 2.0, 4.0]
    assert statistics.probability_best([same, same, [0.0] * 4]) == pytest.approx((0.5, 0.5, 0.0))
    assert statistics.probability_best([same, [9.0] * 4], higher=False) == pytest.approx((1.0, 0.0))


def test_probability_best_is_the_share_of_resamples() -> None:
    """Three seeds have 27 resamples: count those in which the first arm's mean is ahead, ties by halves."""
    gain = np.array([3.0, -2.0, 0.5])
    sums = [sum(resample) for resample in itertools.product(gain, repeat=3)]
    share = sum((s > 0) + 0.5 * (s == 0) for s in sums) / len(sums)
    found = statistics.probability_best([gain, np.zeros(3)], resamples=20000)
    assert found[0] == pytest.approx(share, abs=3 * 0.5 / math.sqrt(20000))


def test_holm_steps_down() -> None:
    """.005 x 4, .01 x 3, .03 x 2, then .04 x 1, which may not be below the one before."""
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert statistics.holm([0.6, 0.7]) == (1.0, 1.0)
    assert statistics.holm([]) == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_the_raw_and_bonferroni(p: list[float]) -> None:
    adjusted = statistics.holm(p)
    assert all(raw <= held <= min(1.0, raw * len(p)) + 1e-12 for raw, held in zip(p, adjusted, strict=True))
    ranked = sorted(zip(p, adjusted, strict=True))
    assert [held for _, held in ranked] == sorted(adjusted)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=7), st.floats(-1e6, 1e6))
def test_bounds_are_finite_and_enclose_the_value(sample: list[float], shift: float) -> None:
    found = statistics.difference(sample, [shift] * len(sample), resamples=200)
    slack = 1e-9 * (1 + max(map(abs, [*sample, shift])))
    assert found.low - slack <= found.value <= found.high + slack
    assert min(sample) - shift - slack <= found.boot_low <= found.boot_high <= max(sample) - shift + slack
    assert 0 <= found.p_value <= 1
    assert 0 <= found.wilcoxon_p <= 1


def test_differences_too_small_to_square_still_have_a_t() -> None:
    found = statistics.difference([0.0, 1e-300, 2e-300], [0.0] * 3, resamples=200)
    same = statistics.difference([0.0, 1.0, 2.0], [0.0] * 3, resamples=200)
    assert found.p_value == pytest.approx(same.p_value)
    assert found.effect_size == pytest.approx(same.effect_size)


def test_pair_puts_seeds_in_order() -> None:
    first, second = statistics.pair({2: 20.0, 1: 10.0}, {1: 1.0, 2: 2.0})
    assert first.tolist() == [10.0, 20.0]
    assert second.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: statistics.pair({1: 1.0, 2: 2.0}, {1: 1.0, 3: 2.0}), "only the first has 2; only the second has 3"),
        (lambda: statistics.pair({1: 1.0}, {1: 1.0}), "pairs = 1: at least 2"),
        (lambda: statistics.pair({1: 1.0, 2: math.nan}, {1: 1.0, 2: 2.0}), "first arm holds nan at seed 2"),
        (lambda: statistics.mean([1.0]), "at least 2 values"),
        (lambda: statistics.mean([1.0, 2.0], level=95), r"level = 95: must lie in \(0, 1\)"),
        (lambda: statistics.difference([1.0, math.inf], [0.0, 0.0]), r"first\[1\] = inf: must be finite"),
        (lambda: statistics.difference([1.0, 2.0, 3.0], [0.0, 0.0]), "first has 3 values and second 2"),
        (lambda: statistics.difference([1.0, 2.0], [0.0, 0.0], resamples=9), "resamples = 9"),
        (lambda: statistics.excess([1.0, 2.0], [-1.0, 0.0]), "reference = -0.5: must be > 0"),
        (lambda: statistics.excess([1.0, 2.0, 3.0], [-1.0, 0.0, 4.0]), "reference = 1: not told from 0 by 3 seeds"),
        (lambda: statistics.probability_best([[1.0], [2.0]]), "arm 0: .* at least 2 values"),
        (lambda: statistics.holm([0.5, 1.5]), r"must lie in \[0, 1\]"),
    ],
)
def test_what_cannot_be_reckoned_is_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
