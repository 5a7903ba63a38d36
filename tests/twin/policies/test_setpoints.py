"""The search over setpoints against a plant whose response is known, under forecasts that may be wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from sim import contract
from sim.contract import Action, Event, Message
from tests.twin.toy import TICK, toy_spec
from twin.forecast import Forecast, Plan, Predict
from twin.policies.setpoints.search import SetpointSearch
from twin.policies.setpoints.trial import ADOPTED, DROPPED, GOES_ON, Trial
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

PROFIT = 3
BASE = 100.0


def forecast_gain(gain: float) -> Predict:
    """Profit per tick rises by `gain` with the sum of what the setpoints are above 1; the interval is narrow."""

    def predict(plans: list[Plan]) -> Forecast:
        quantiles = np.zeros((len(plans), 4, 1, 2, 5))
        for i, plan in enumerate(plans):
            quantiles[i, 3, 0, 1] = BASE + gain * np.nansum(plan.setpoints - 1.0) + np.linspace(-20, 20, 5)
        return Forecast((1,), ("vibration", "profit"), (0.0, 144.0), quantiles, np.zeros((len(plans), 4, 1, 1)))

    return predict  # type: ignore[return-value]


@dataclass
class Site:
    """Profit per tick truly rises by `gain`. noise: its standard deviation. slump: tick from which 60 are lost."""

    search: SetpointSearch
    gain: float
    noise: float = 1.0
    slump: int = 10**9
    seed: int = 0
    profit: float = 0.0
    speeds: np.ndarray = field(default_factory=lambda: np.ones(3))
    actions: list[Action] = field(default_factory=list)
    sent: int = 0

    def run(self, ticks: int, predict: Predict) -> None:
        spec, random = toy_spec(), np.random.default_rng(self.seed)
        window = Window(spec=spec, cleaner=Cleaner(spec=spec))
        for tick in range(1, ticks + 1):
            now, lost = tick * TICK, 60.0 if tick > self.slump else 0.0
            self.profit += BASE + self.gain * float((self.speeds - 1.0).sum()) + random.normal(0, self.noise) - lost
            window.add(self._report(now, ()))
            window.close(now)
            for action in self.search.act(window, predict, np.zeros(4)):
                self.actions.append(action)
                self.speeds[int(action.actuator[5])] = action.value
                applied = Event(
                    now, action.actuator.split(".")[0], contract.COMMAND_APPLIED, action.actuator, action.value
                )
                window.add(self._report(now, (applied,)))

    def _report(self, now: float, events: tuple[Event, ...]) -> Message:
        rows = 0 if events else 1
        signals, times = np.full(rows, PROFIT, dtype=np.int32), np.full(rows, now)
        self.sent += 1
        return Message("telemetry", self.sent, now, now, signals, times, np.full(rows, self.profit), events)


def search(**changed: Any) -> SetpointSearch:
    options: dict[str, Any] = {"every": 1, "margin": 0.01, "explore": 0.0, "rest": 1000}
    return SetpointSearch(spec=toy_spec(), **(options | changed))


@pytest.mark.parametrize(("gain", "direction"), [(80.0, 1.0), (-80.0, -1.0)])
def test_a_true_gain_is_found_tried_and_kept(gain: float, direction: float) -> None:
    site = Site(search(), gain)
    site.run(60, forecast_gain(gain))
    assert np.all(direction * (site.speeds - 1.0) > 0.35)
    assert any("adopted" in action.reason for action in site.actions)


@pytest.mark.parametrize("seed", range(8))
def test_a_gain_that_only_the_forecast_sees_is_undone(seed: int) -> None:
    """As where a surrogate extrapolates: it promises much of every move, and each of them loses."""
    site = Site(search(), gain=-80.0, seed=seed)
    site.run(80, lambda plans: forecast_gain(80.0)(plans) if len(plans) > 1 else forecast_gain(0.0)(plans))
    assert site.actions
    assert np.array_equal(site.speeds, np.ones(3))


def test_small_promises_are_not_tried() -> None:
    site = Site(search(), gain=1.0)
    site.run(40, forecast_gain(1.0))
    assert site.actions == []


def test_a_margin_counts_in_the_objectives_usual_size_also_where_it_is_forecast_at_zero() -> None:
    site = Site(search(margin=0.1), gain=0.0)

    def nearly_nothing(plans: list[Plan]) -> Forecast:
        forecast = forecast_gain(10.0)(plans)
        forecast.quantiles[...] -= BASE
        return forecast

    site.run(40, nearly_nothing)  # type: ignore[arg-type]
    assert site.actions == []


def test_exploration_leaves_nothing_behind_that_does_not_pay() -> None:
    site = Site(search(explore=1.0), gain=0.0, noise=5.0)
    site.run(4 * 25 + 1, forecast_gain(0.0))
    assert len({action.reason for action in site.actions if "by chance" in action.reason}) >= 3
    assert np.abs(site.speeds - 1.0).sum() <= 0.61  # one move at most is adopted by luck


def test_what_was_adopted_goes_back_when_the_objective_falls_below_its_forecast() -> None:
    site = Site(search(), gain=80.0)
    site.run(50, forecast_gain(80.0))
    assert np.all(site.speeds > 1.3)
    site = Site(site.search, gain=80.0, slump=0, speeds=site.speeds)
    site.run(12, forecast_gain(80.0))
    assert any("back to the defaults" in action.reason for action in site.actions)
    assert np.array_equal(site.speeds, np.ones(3))


def test_a_trial_decides_after_whole_rounds_only() -> None:
    trial = Trial(rounds=2)
    for block in (10.0, 0.0, 0.1):
        trial.blocks.append(block)
        assert trial.verdict() == GOES_ON
    trial.blocks.append(10.1)
    assert trial.verdict() == ADOPTED
    assert trial.gain()[0] == pytest.approx(10.0)
    assert trial.verdict(besides=-20.0) == DROPPED


def test_an_unsure_trial_ends() -> None:
    trial = Trial(rounds=2)
    trial.blocks.extend((10.0, 0.0, 8.0, 2.0))
    assert trial.verdict() == GOES_ON
    trial.blocks.extend((10.0, 0.0, 8.0, 2.0))
    assert trial.verdict() == DROPPED


def test_a_useless_move_is_seldom_adopted() -> None:
    """Up to four looks at one-sided 95 %: the chance that one of them is a false alarm stays below 15 %."""
    random, adopted = np.random.default_rng(0), 0
    for _ in range(400):
        trial = Trial()
        while trial.verdict() == GOES_ON:
            trial.blocks.append(float(random.normal()))
        adopted += trial.verdict() == ADOPTED
    assert adopted / 400 < 0.15


def test_a_steady_drift_is_no_gain() -> None:
    trial = Trial()
    trial.blocks.extend(float(i) for i in range(8))
    assert trial.gain()[0] == 0.0


def test_commands_tell_how_probable_their_trial_was() -> None:
    """By chance alone each free move is as probable; the move that the forecast prefers is more so; else it is sure."""
    for explore, gain, probable in ((1.0, 0.0, {1 / 8}), (0.0, 50.0, {1.0}), (0.4, 50.0, {0.6 + 0.4 / 8, 0.4 / 8})):
        first = []
        for seed in range(12):
            chosen = search(explore=explore)
            chosen._random = np.random.Generator(np.random.Philox(seed))
            site = Site(chosen, gain=0.0, noise=5.0)
            site.run(3, forecast_gain(gain))
            first.append(site.actions[0].propensity)
        assert {round(value, 9) for value in first} <= {round(value, 9) for value in probable}
        assert len(set(first)) == len(probable)


@pytest.mark.parametrize(
    "wrong",
    [{"every": 0}, {"step": 2.0}, {"margin": -1.0}, {"explore": 1.5}, {"rest": 0}, {"rounds": 0}, {"confidence": 1.0}],
)
def test_bad_searches_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SetpointSearch(spec=toy_spec(), **wrong)  # type: ignore[arg-type]
