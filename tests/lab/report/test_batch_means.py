"""Batch means: of an average and of a total, and how often their interval holds the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twin.lab.report.batch_means import batches

HOUR = 3600.0


def history(name: str, time: np.ndarray, value: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"asset": "", "name": name, "time": time, "value": value})


def test_a_mean_over_time_and_a_total_say_the_same() -> None:
    time = np.arange(1, 241) * HOUR
    made = np.cumsum(np.random.default_rng(3).poisson(50, 240)).astype(float)
    total = batches(history("good_parts", time, made), "good_parts")
    rate = batches(history("throughput_per_hour", time, made / (time / HOUR)), "throughput_per_hour")
    assert total is not None
    assert rate is not None
    assert total.daily
    assert not rate.daily
    assert total.values == pytest.approx(24 * rate.values)
    assert total.interval.value == pytest.approx(made[-1] / 10)
    assert rate.interval.value == pytest.approx(made[-1] / 240)
    assert rate.days == pytest.approx(1.0)
    assert rate.written() == (f"{rate.interval.value:.2f}", f"{(rate.interval.high - rate.interval.low) / 2:.2f}"), (
        "two digits of the half-width"
    )


def test_the_interval_holds_the_true_mean_as_often_as_it_says() -> None:
    rng, time, held, runs = np.random.default_rng(8), np.arange(1, 101) * HOUR, 0, 300
    for _ in range(runs):
        mean = np.cumsum(rng.exponential(10, 100)) / np.arange(1, 101)
        found = batches(history("profit_per_hour", time, mean), "profit_per_hour")
        assert found is not None
        held += found.interval.low <= 10 <= found.interval.high
    assert held / runs == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / runs) + 0.01)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mttr_hours", np.r_[np.nan, np.ones(99)]),
        ("wip", np.tile([3.0, 2.0], 50)),
        ("failures", np.zeros(100)),
        ("peak_kw", np.arange(100.0)),
        ("good_parts", np.arange(20.0)),
    ],
)
def test_what_has_no_mean_over_parts_has_no_interval(name: str, value: np.ndarray) -> None:
    time = np.arange(1, len(value) + 1) * HOUR
    assert batches(history(name, time, value), name) is None
