"""The warm-up that is found, and what figures are without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.compare.compared import TICK, arms, make_arm
from twin.lab.compare import comparison
from twin.lab.compare.terms import MSER, Terms
from twin.lab.compare.warmup import Cut, mser, proposed
from twin.lab.record.history import History, histories, kind
from twin.units import DAY


def by_hand(series: list[float]) -> int:
    """MSER-5 as White, Cobb & Spratt (2000) write it: no running sums, every truncation reckoned anew."""
    means = [float(np.mean(series[at : at + 5])) for at in range(0, len(series) - len(series) % 5, 5)]
    n = len(means)
    spread = {d: sum((y - np.mean(means[d:])) ** 2 for y in means[d:]) / (n - d) ** 2 for d in range(n // 2 + 1)}
    return 5 * min(spread, key=lambda d: (spread[d], d))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(50, 173), st.floats(-20, 20))
def test_mser_is_the_published_rule(seed: int, n: int, bias: float) -> None:
    rng = np.random.default_rng(seed)
    series = rng.normal(0, 1, n) + bias * np.exp(-np.arange(n) / 15)
    assert mser(series)[0] == by_hand(list(series))


def test_mser_finds_where_a_step_ends_and_leaves_a_steady_series_alone() -> None:
    rng = np.random.default_rng(1)
    step = np.r_[np.full(60, 8.0), np.zeros(540)] + rng.normal(0, 1, 600)
    assert mser(step) == (60, True)
    assert mser(np.full(100, 3.7)) == (0, True)
    assert mser(100.0 + np.zeros(500)) == (0, True)


def test_mser_takes_half_at_most_and_says_that_the_series_had_not_settled() -> None:
    trend = np.arange(200.0)
    assert mser(trend) == (100, False)


def test_mser_takes_the_bias_out_of_the_mean() -> None:
    """An AR(1) that starts far off: on the mean over many series, the truncated mean is far nearer to the truth."""
    rng = np.random.default_rng(5)
    whole, kept = [], []
    for _ in range(60):
        noise, series, level = rng.normal(0, 1, 500), np.empty(500), 30.0
        for at in range(500):
            level = 0.9 * level + noise[at]
            series[at] = level
        whole.append(series.mean())
        kept.append(series[mser(series)[0] :].mean())
    assert abs(np.mean(kept)) < 0.25 * abs(np.mean(whole))


def test_an_average_over_time_is_told_without_its_beginning() -> None:
    """10 per hour for 5 hours, then 40 for 5: 25 in all, 40 after the warm-up; the total counts on from there."""
    time = 3600.0 * np.arange(1, 11)
    total = np.cumsum(np.r_[np.full(5, 10.0), np.full(5, 40.0)])
    rate, parts = History("good_per_hour", time, total / np.arange(1, 11)), History("good_parts", time, total)
    assert rate.after(0.0) == pytest.approx(25.0)
    assert rate.after(5 * 3600.0) == pytest.approx(40.0)
    assert parts.after(5 * 3600.0) == pytest.approx(200.0)
    assert parts.after(0.0) == 250.0
    assert rate.after(5.5 * 3600.0) == rate.after(5 * 3600.0), "the cut is at the last tick that is not after it"
    with pytest.raises(ValueError, match=r"warmup = 1: must be less than the 0.416667 days"):
        rate.after(DAY)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.data())
def test_what_is_left_and_what_is_left_out_make_up_the_whole(gains: list[float], data: st.DataObject) -> None:
    time = 600.0 * np.arange(1, len(gains) + 1)
    cut = 600.0 * data.draw(st.integers(1, len(gains) - 1))
    history = History("profit_per_hour", time, np.cumsum(gains) / time)
    before = history.value[int(cut / 600) - 1] * cut
    assert before + history.after(cut) * (time[-1] - cut) == pytest.approx(sum(gains), abs=1e-6)


@pytest.mark.parametrize("figure", ["profit_per_hour", "cost_per_day", "availability", "oee", "wip_mean"])
def test_averages_over_time_are_known(figure: str) -> None:
    assert kind(figure) == "average"


@pytest.mark.parametrize("figure", ["profit", "good_parts", "energy_kwh", "maintenance_corrective", "downtime_hours"])
def test_totals_are_known(figure: str) -> None:
    assert kind(figure) == "total"


@pytest.mark.parametrize(
    "figure", ["quality", "mtbf_hours", "energy_per_good_part", "peak_kw", "wip", "mae.vibration.h6"]
)
def test_what_is_neither_is_refused_in_one_line(figure: str) -> None:
    with pytest.raises(
        ValueError, match=rf"metric = {figure}: is no average over time and no total, .*leave warmup= out"
    ):
        kind(figure)


def test_the_second_day_of_a_real_line_is_what_its_own_counters_say() -> None:
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    from twin.lab.configure.compose import compose

    config = compose("run", ["plant=line_small"])
    plant = instantiate(OmegaConf.to_container(config.plant), _convert_="all", seed=1, network=None)
    seen = []
    for day in (1, 2):
        plant.advance(day * DAY)
        states = plant.truth()["state_seconds"].values()
        seen.append((plant.kpis(), sum(own["down"] + own["maintenance"] for own in states)))
    (first, stopped), (second, stopped_since) = seen

    def later(name: str) -> float:
        return History(name, np.array([DAY, 2 * DAY]), np.array([first[name], second[name]])).after(DAY)

    stations = len(plant.truth()["state_seconds"])
    assert later("availability") == pytest.approx(1 - (stopped_since - stopped) / (DAY * stations))
    assert later("profit_per_hour") == pytest.approx((second["profit"] - first["profit"]) / 24)
    assert later("throughput_per_hour") == pytest.approx((second["good_parts"] - first["good_parts"]) / 24)
    assert later("oee") == pytest.approx(second["oee"] / second["good_parts"] * 2 * later("good_parts"))


def test_one_cut_for_all_arms_the_largest_that_any_needs(tmp_path: Path) -> None:
    make_arm(tmp_path, "calm", ticks=500)
    make_arm(tmp_path, "late", ticks=500, start=400.0)
    found = arms(tmp_path)
    past = {arm: histories([e.path for e in own.values()], "profit_per_hour") for arm, own in found.items()}
    cut = proposed(past)
    assert cut.seconds == 100 * TICK
    assert "profit_per_hour of late" in cut.words
    told = comparison.carry_out(found, Terms(["profit_per_hour", "profit"], ["calm"], warmup=MSER))
    assert told.cut.seconds == cut.seconds
    assert told.cut.words.startswith(f"the first {100 * TICK / DAY:.4g} days of every run are left out")
    for result in told.results:
        assert result.rows(cut.seconds / DAY)[0]["warmup_days"] == pytest.approx(100 * TICK / DAY)
    by_hand = {seed: one.after(cut.seconds) for seed, one in enumerate(past["late"])}
    assert told.results[0].values["late"] == by_hand


def test_without_warmup_figures_are_those_of_the_runs(tmp_path: Path) -> None:
    make_arm(tmp_path, "calm")
    found = arms(tmp_path)
    plain = comparison.carry_out(found, Terms(["profit_per_hour"], ["calm"]))
    assert plain.cut == Cut(0.0, "whole runs from their first day: no warm-up is left out")
    for seed, entry in found["calm"].items():
        (history,) = histories([entry.path], "profit_per_hour")
        assert plain.results[0].values["calm"][seed] == pytest.approx(history.after(0.0), rel=1e-12)


def test_what_cannot_be_cut_is_said(tmp_path: Path) -> None:
    make_arm(tmp_path, "calm", ticks=40)
    found = arms(tmp_path)
    for warmup, metric, words in (
        (MSER, "profit_per_hour", "warmup = mser: needs 50 ticks or more, the runs have 40"),
        (1.0, "profit_per_hour", "warmup = 1: must be less than the 0.277778 days"),
        (0.1, "quality", "metric = quality: is no average"),
        (0.1, "cost_per_day", "metric = cost_per_day: .*calm_seed0 has recorded no history"),
    ):
        with pytest.raises(ValueError, match=words):
            comparison.carry_out(found, Terms([metric], ["calm"], warmup=warmup))
    for warmup in ("soon", -1.0, float("nan")):
        with pytest.raises(ValueError, match="must be mser or a number of days >= 0"):
            Terms(["profit_per_hour"], ["calm"], warmup=warmup)
