"""Means of arms, paired differences and chances of being the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twin.lab import statistics
from twin.lab.compare.metric import Values
from twin.lab.statistics import Floats


def means(values: Values, metric: str) -> list[dict[str, Any]]:
    """A row per arm: mean over seeds with its Student interval (none for a single seed)."""
    rows = []
    for arm, by_seed in values.items():
        row: dict[str, Any] = {"metric": metric, "policy": arm, "n": len(by_seed)}
        if len(by_seed) > 1:
            interval = statistics.mean(list(by_seed.values()))
            row |= {"mean": interval.value, "low": interval.low, "high": interval.high}
        else:
            row |= {"mean": next(iter(by_seed.values())), "low": None, "high": None}
        rows.append(row)
    return rows


def chances(values: Values, groups: Sequence[Sequence[str]], way: int) -> dict[str, float]:
    """By arm, the share of paired bootstrap resamples in which it is the best of its group; alone in one it has none.

    way: 1 where more is better, -1 where less is. Raises ValueError for arms of other seeds.
    """
    shares: dict[str, float] = {}
    for group in groups:
        if len(group) < 2:
            continue
        table = [pair(values, group[0], group[1])[0], *(pair(values, other, group[0])[0] for other in group[1:])]
        shares |= dict(zip(group, statistics.probability_best(table, higher=way > 0), strict=True))
    return shares


def pairs(names: Sequence[str], baselines: Sequence[str], leave: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(arm, baseline) of every difference, each pair once. Raises ValueError for an unknown baseline."""
    chosen: list[tuple[str, str]] = []
    for place, baseline in enumerate(baselines):
        if baseline not in names:
            raise ValueError(f"baseline = {baseline}: there is no such arm; arms are {', '.join(names)}")
        chosen += [(arm, baseline) for arm in names if arm not in (*leave, baseline, *baselines[:place])]
    return chosen


def differences(values: Values, metric: str, between: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """A row per (arm, baseline) of `between`: mean paired difference, its intervals and tests, p as adjusted by Holm.

    The family of Holm's adjustment is all rows returned: every difference of this metric that is printed. Raises
    ValueError for arms of other seeds.
    """
    rows: list[dict[str, Any]] = []
    for arm, baseline in between:
        both = pair(values, arm, baseline)
        d, (higher, _) = statistics.difference(*both), statistics.probability_best(both)
        rows.append(
            {
                "metric": metric,
                "policy": arm,
                "baseline": baseline,
                "difference": d.value,
                "low": d.low,
                "high": d.high,
                "n": d.n,
                "boot_low": d.boot_low,
                "boot_high": d.boot_high,
                "p": d.p_value,
                "wilcoxon_p": d.wilcoxon_p,
                "effect_size": d.effect_size,
                "probability_higher": higher,
            }
        )
    adjusted = statistics.holm([float(row["p"]) for row in rows])
    reached = {row["policy"]: row for row in means(values, metric)}
    for row, p in zip(rows, adjusted, strict=True):
        of_arm = reached[row["policy"]]
        row |= {"holm_p": p, "mean": of_arm["mean"], "mean_low": of_arm["low"], "mean_high": of_arm["high"]}
        row["baseline_mean"] = reached[row["baseline"]]["mean"]
    return rows


def pair(values: Values, first: str, second: str) -> tuple[Floats, Floats]:
    try:
        return statistics.pair(values[first], values[second])
    except ValueError as error:
        raise ValueError(f"{first} and {second}: {error}") from None
