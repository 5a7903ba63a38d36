from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.contract import Message
from tests.twin.toy import TICK, ToyFleet
from twin.policies.maintenance.predictive import Predictive
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.smoothing import Persistence
from twin.twin import Twin

SMALL = {"horizons": (1, 6), "edges": (1, 3, 6, 24), "leads": (6, 24)}
Through = Callable[[list[Message], int], list[Message]]


def untouched(messages: list[Message], tick: int) -> list[Message]:
    return messages


def play(
    ticks: int,
    surrogate: Any = MLP,
    policy: Any = RunToFailure,
    seed: int = 1,
    through: Through = untouched,
    **options: Any,
) -> tuple[Twin, ToyFleet, pd.DataFrame, pd.DataFrame]:
    fleet = ToyFleet(seed)
    twin = Twin(spec=fleet.spec, surrogate=surrogate, policy=policy, seed=0, **(SMALL | options))
    forecasts, hazards = [], []
    for tick in range(1, ticks + 1):
        for message in through(fleet.advance(), tick):
            twin.observe(message)
        for action in twin.decide(fleet.now):
            fleet.apply(action)
        rows = twin.ledger.drain()
        forecasts += rows[0]
        hazards += rows[1]
    return twin, fleet, table(forecasts), table(hazards)


def table(parts: list[Any]) -> pd.DataFrame:
    names = parts[0] if parts else ()
    return pd.DataFrame({name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in names})


def test_the_same_seed_gives_the_same_forecasts_to_the_bit() -> None:
    first, second = play(120)[2], play(120)[2]
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_the_future_does_not_leak_into_earlier_forecasts() -> None:
    cut = 100

    def lie(messages: list[Message], tick: int) -> list[Message]:
        if tick <= cut:
            return messages
        return [
            Message(m.channel, m.sequence, m.sent, m.arrived, m.signals, m.times, 50.0 - m.values / 2, m.events)
            for m in messages
        ]

    honest, lied = play(130)[2], play(130, through=lie)[2]
    key = ["issued", "asset", "target", "horizon"]
    both = honest[honest["issued"] <= cut * TICK].merge(lied, on=key, suffixes=("", "_lied"))
    assert len(both) > 700  # a truth that the lie made implausible has no row
    for column in ("q05", "q50", "q95", "persistence", "ewma"):
        assert (both[column] == both[f"{column}_lied"]).all()
    assert (both["truth"] != both["truth_lied"]).sum() > 20


def test_a_forecast_is_scored_only_after_its_time_and_the_grace() -> None:
    fleet = ToyFleet(1)
    parts = {"surrogate": Persistence, "policy": RunToFailure, "window": {"grace": 2}}
    twin = Twin(spec=fleet.spec, **parts, **SMALL)  # type: ignore[arg-type]
    for _ in range(40):
        for message in fleet.advance():
            twin.observe(message)
        twin.decide(fleet.now)
        for rows in twin.ledger.drain()[0]:
            due = np.asarray(rows["issued"]) + np.asarray(rows["horizon"]) * TICK
            assert (due + 2 * TICK <= fleet.now).all()


def test_what_is_learned_beats_persistence_and_ewma_and_the_constant_rate() -> None:
    _, fleet, forecasts, hazards = play(1500)
    assert fleet.failures >= 20
    late = forecasts[(forecasts["issued"] > 1000 * TICK) & (forecasts["target"] == "vibration")]
    for _, rows in late.groupby("horizon"):
        error = (rows["q50"] - rows["truth"]).abs().mean()
        assert error < 0.9 * (rows["persistence"] - rows["truth"]).abs().mean()
        assert error < 0.9 * (rows["ewma"] - rows["truth"]).abs().mean()
    known = hazards[(hazards["issued"] > 1000 * TICK) & hazards["outcome"].notna()]
    for _, rows in known.groupby("lead"):
        brier = ((rows["probability"] - rows["outcome"]) ** 2).mean()
        assert brier < 0.6 * ((rows["constant"] - rows["outcome"]) ** 2).mean()


def test_predictive_maintenance_prevents_most_failures() -> None:
    failures = play(900, surrogate=Persistence)[1].failures  # none of what is forecast is acted upon
    fleet = play(900, policy=partial(Predictive, lead=6, setpoints={"every": 36}))[1]
    assert fleet.failures < 0.6 * failures


def test_a_lossy_network_is_survived_and_accounted_for() -> None:
    random, held = np.random.default_rng(0), []

    def lossy(messages: list[Message], tick: int) -> list[Message]:
        held.extend((tick + int(random.integers(0, 4)), m) for m in messages if random.random() > 0.3)
        due = [m for time, m in held if time <= tick]
        held[:] = [(time, m) for time, m in held if time > tick]
        return due + [m for m in due if random.random() < 0.2]

    twin, _, forecasts, _ = play(600, through=lossy, window={"grace": 3})
    counts = twin.counts()
    assert counts["messages_missing"] == pytest.approx(0.3 * 1200, rel=0.25)
    assert counts["messages_duplicate"] > 50
    assert counts["messages_reordered"] > 50
    late = forecasts[
        (forecasts["issued"] > 400 * TICK) & (forecasts["target"] == "vibration") & (forecasts["horizon"] == 6)
    ]
    assert (late["q50"] - late["truth"]).abs().mean() < 1.3 * (late["ewma"] - late["truth"]).abs().mean()


def test_maintained_assets_are_censored_in_the_scores() -> None:
    _, _, _, hazards = play(600, policy=partial(Predictive, lead=6, enough=2))
    cut = hazards[hazards["outcome"].isna()]
    assert len(cut) > 0
    assert (cut["exposure"] < cut["lead"]).all()
    assert cut["time_to_event"].isna().all()


def test_convergence_pauses_learning_and_a_rising_loss_resumes_it() -> None:
    from twin.learning.convergence import Convergence

    state = Convergence(threshold=0.1, rise=0.5, span=1)
    assert state.learning(0.5, 10)
    assert not state.learning(0.09, 20)
    assert not state.learning(0.12, 30)
    assert state.learning(0.14, 40)
    idle = Convergence(patience=100, span=1)
    assert idle.learning(1.0, 0)
    assert idle.learning(1.0, 99)
    assert not idle.learning(1.0, 100)
    assert idle.learning(1.2, 110)


@pytest.mark.parametrize("wrong", [{"horizons": (6, 1)}, {"edges": (0, 5)}, {"leads": ()}])
def test_bad_horizons_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Twin(spec=ToyFleet(0).spec, surrogate=Persistence, policy=RunToFailure, **(SMALL | wrong))


@pytest.mark.parametrize("wrong", [{"window": {"grace": 6}}, {"leads": (6, 48)}])
def test_a_memory_that_lets_go_of_a_tick_before_its_last_truth_is_refused(wrong: dict[str, Any]) -> None:
    options = {"horizons": (1, 24), "edges": (1, 6), "leads": (6,), "memory": {"capacity": 29}} | wrong
    with pytest.raises(ValueError, match=r"memory\.capacity = 29: must be at least"):
        Twin(spec=ToyFleet(0).spec, surrogate=Persistence, policy=RunToFailure, **options)


@pytest.mark.parametrize("grace", [0, 1, 5])
def test_a_truth_may_come_later_than_its_horizon_is_long(grace: int) -> None:
    fleet = ToyFleet(0)
    short = {"horizons": (1,), "edges": (1, 6), "leads": (1,), "window": {"grace": grace}}
    twin = Twin(spec=fleet.spec, surrogate=Persistence, policy=RunToFailure, **short)  # type: ignore[arg-type]
    for _ in range(20):
        for message in fleet.advance():
            twin.observe(message)
        twin.decide(fleet.now)
    assert twin.ledger.labels == 4 * (20 - grace - 1)
