"""Paired statistics over seeds: what one arm gains over another that faced the same luck.

Common random numbers pair the runs, so every interval here is of differences (or ratios) over seeds, never of two
separate samples.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 9999
COVERED = {2: 50, 3: 75, 4: 86, 5: 91}  # per cent, by n: of normal differences by a 95 % BCa interval, see `_bootstrap`
_BATCH = 1000  # resamples held at once, bounds the memory


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the interval around it, and the number of seeds that it rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean paired difference, in the unit of the data.

    low, high: Student interval, exact for normal differences; boot_low, boot_high: BCa bootstrap interval, better where
    they are skewed, too narrow below 6 (see COVERED); p_value: two-sided paired t test;
    wilcoxon_p: two-sided signed-rank test; effect_size: Cohen's d_z = mean / sd of the differences (infinite where all
    differences are equal and not zero).
    """

    value: float
    low: float
    high: float
    boot_low: float
    boot_high: float
    p_value: float
    wilcoxon_p: float
    effect_size: float
    n: int


def pair(first: Mapping[int, float], second: Mapping[int, float]) -> tuple[Floats, Floats]:
    """The values of two arms, keyed by seed, as two arrays in the order of the seeds.

    Raises ValueError where the arms do not hold the same seeds, where there are fewer than 2, or where a value is not
    finite.
    """
    lone = {"first": sorted(first.keys() - second.keys()), "second": sorted(second.keys() - first.keys())}
    parts = [f"only the {arm} has {', '.join(map(str, seeds))}" for arm, seeds in lone.items() if seeds]
    if parts:
        raise ValueError(f"unpaired seeds: {'; '.join(parts)}")
    seeds = sorted(first)
    for arm, values in (("first", first), ("second", second)):
        bad = [seed for seed in seeds if not np.isfinite(values[seed])]
        if bad:
            raise ValueError(f"the {arm} arm holds {values[bad[0]]} at seed {bad[0]}: must be finite")
    if len(seeds) < 2:
        raise ValueError(f"pairs = {len(seeds)}: at least 2 seeds are needed")
    return _array([first[seed] for seed in seeds]), _array([second[seed] for seed in seeds])


def mean(values: ArrayLike, *, level: float = LEVEL) -> Interval:
    """Mean of `values` (n,) with its Student interval. Raises ValueError for n < 2 or values that are not finite."""
    sample = _sample("values", values)
    centre = float(sample.mean())
    half = _student(len(sample), _level(level)) * _standard_error(sample)
    return Interval(centre, centre - half, centre + half, len(sample))


def half_width(spread: float, n: int, *, level: float = LEVEL) -> float:
    """Of the Student interval of the mean of `n` values with this standard deviation. Raises ValueError for n < 2."""
    if n < 2:
        raise ValueError(f"n = {n}: at least 2 values are needed")
    return _student(n, _level(level)) * spread / math.sqrt(n)


def difference(
    first: ArrayLike, second: ArrayLike, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> Difference:
    """Mean of first − second, (n,) each and paired by position.

    Raises ValueError for unequal lengths, n < 2 or values that are not finite.
    """
    delta = np.subtract(*_paired("first", first, "second", second))
    student = mean(delta, level=level)
    boot_low, boot_high = _bootstrap((delta,), _average, level=level, resamples=resamples, seed=seed)
    p_value, wilcoxon_p, effect = _tests(delta)
    return Difference(
        student.value, student.low, student.high, boot_low, boot_high, p_value, wilcoxon_p, effect, student.n
    )


def excess(
    policy: ArrayLike, reference: ArrayLike, *, level: float = LEVEL, resamples: int = RESAMPLES, seed: int = 0
) -> Interval:
    """(J_policy − J_reference) / J_reference, the ratio of mean losses over seeds, with a paired BCa interval.

    policy, reference: losses (n,) of the same seeds, positive where something is lost. Raises ValueError for unequal
    lengths, n < 2, values that are not finite, or where the Student interval of the reference's mean loss reaches zero,
    since the ratio then has no bounded interval (Fieller 1954).
    """
    losses, base = _paired("policy", policy, "reference", reference)
    if not base.mean() > 0:
        raise ValueError(f"mean loss of the reference = {base.mean():.6g}: must be > 0 for a ratio")
    if mean(base, level=level).low <= 0:
        raise ValueError(
            f"mean loss of the reference = {base.mean():.6g}: not told from 0 by {len(base)} seeds, "
            "so the ratio has no bounds"
        )
    low, high = _bootstrap((losses, base), _excess, level=level, resamples=resamples, seed=seed)
    return Interval(float(_excess(losses, base)), low, high, len(losses))


def probability_best(
    values: ArrayLike, *, higher: bool = True, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, ...]:
    """For each arm, the share of paired bootstrap resamples in which its mean is the best; ties are split evenly.

    values: (arms, n), columns are seeds. higher: whether more is better. Raises ValueError for n < 2 or values that
    are not finite.
    """
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    for arm, row in enumerate(table):
        _sample(f"arm {arm}", row)
    rng = np.random.default_rng(seed)
    # Multinomial weights are resampling with replacement, for all arms alike.
    n = table.shape[1]
    means = rng.multinomial(n, np.full(n, 1 / n), size=_count(resamples)) @ table.T / n
    means = means if higher else -means
    best = np.isclose(means, means.max(axis=1, keepdims=True), rtol=1e-12, atol=0.0)
    return tuple(float(p) for p in (best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that hold the family-wise error (Holm 1979), in the same order.

    Raises ValueError for a p-value outside 0 to 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p_values = {list(p_values)}: must lie in [0, 1]")
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return tuple(float(value) for value in adjusted)


def _tests(delta: Floats) -> tuple[float, float, float]:
    """p of the t test, p of the signed-rank test, d_z. Equal differences have no spread, so their t has no value."""
    if not np.any(delta):
        return 1.0, 1.0, 0.0
    delta = delta / np.max(np.abs(delta))  # changes none of the three, and no square underflows
    wilcoxon_p = float(stats.wilcoxon(delta).pvalue)
    spread, centre = float(delta.std(ddof=1)), float(delta.mean())
    if _constant(delta):
        return 0.0, wilcoxon_p, float(np.copysign(np.inf, centre))
    t = centre / _standard_error(delta)
    return float(2 * stats.t.sf(abs(t), len(delta) - 1)), wilcoxon_p, centre / spread


def _bootstrap(
    data: tuple[Floats, ...], statistic: Any, *, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Paired BCa interval (Efron 1987), its level widened for few seeds; percentiles where BCa is not defined.

    A bootstrap underestimates the variance by the factor (n - 1)/n and has no Student tails, so its plain 95 %
    interval covers about 90 % at n = 10. Hesterberg (2015, "What teachers should know about the bootstrap") widens the
    nominal level until a mean's percentile interval is as wide as Student's. Simulated coverage of 95 % intervals
    (tests/lab/compare/test_coverage.py) beside Student's, in per cent:

        n                        3    4    5    6    8   10   20   30
        normal       BCa        75   86   91   92   93   94   94   94
                     Student    95   95   95   95   95   95   95   95
        exponential  BCa        69   82   86   89   91   92   92   93
                     Student    88   88   88   88   90   90   91   92

    No level helps below 5 seeds, since an interval cannot leave the range of the data.
    """
    n = len(data[0])
    z = _student(n, _level(level)) * np.sqrt(n / (n - 1))
    wide = min(float(1 - 2 * stats.norm.sf(z)), 1 - 2 / _count(resamples))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of data without spread, which is handled below
        result = stats.bootstrap(
            data,
            statistic,
            paired=True,
            vectorized=True,
            method="BCa",
            batch=_BATCH,
            n_resamples=resamples,
            confidence_level=wide,
            rng=np.random.default_rng(seed),
        )
    low, high = (float(bound) for bound in result.confidence_interval)
    if np.isnan(low) or np.isnan(high):
        low, high = (float(q) for q in np.quantile(result.bootstrap_distribution, [(1 - wide) / 2, (1 + wide) / 2]))
    return low, high


def _average(sample: Floats, axis: int = -1) -> Any:
    return np.mean(sample, axis=axis)


def _excess(losses: Floats, base: Floats, axis: int = -1) -> Any:
    return np.mean(losses, axis=axis) / np.mean(base, axis=axis) - 1.0


def _standard_error(sample: Floats) -> float:
    return float(sample.std(ddof=1) / np.sqrt(len(sample)))


@cache
def _student(n: int, level: float) -> float:
    return float(stats.t.ppf(0.5 + level / 2, n - 1))


def _constant(sample: Floats) -> bool:
    """Whether the spread is no more than rounding."""
    return bool(np.ptp(sample) <= 1e-12 * np.max(np.abs(sample)))


def _array(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _sample(name: str, values: ArrayLike) -> Floats:
    sample = _array(values)
    if sample.ndim != 1 or len(sample) < 2:
        raise ValueError(f"{name}: shape {sample.shape}: at least 2 values in one row are needed")
    if not np.all(np.isfinite(sample)):
        at = int(np.flatnonzero(~np.isfinite(sample))[0])
        raise ValueError(f"{name}[{at}] = {sample[at]}: must be finite")
    return sample


def _paired(name: str, first: ArrayLike, other: str, second: ArrayLike) -> tuple[Floats, Floats]:
    a, b = _sample(name, first), _sample(other, second)
    if len(a) != len(b):
        raise ValueError(f"{name} has {len(a)} values and {other} {len(b)}: must be paired")
    return a, b


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level = {level}: must lie in (0, 1)")
    return level


def _count(resamples: int) -> int:
    if resamples < 100:
        raise ValueError(f"resamples = {resamples}: must be ≥ 100")
    return resamples
