"""Who serves: a better candidate takes over, a worse one does not, and a restart is tested before it serves."""

import pickle
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import torch

from tests.twin.test_state import play
from tests.twin.toy import ToyFleet
from twin.lab.running.archive import decode, encode
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.ensemble import Ensemble
from twin.surrogates.gradient.linear import Linear
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.smoothing import EWMA
from twin.twin import Twin

SMALL = {"horizons": (1, 6), "edges": (1, 3, 6, 24), "leads": (6, 24)}


def make(surrogate: Any = Linear, **options: Any) -> Twin:
    return Twin(spec=ToyFleet(0).spec, surrogate=surrogate, policy=RunToFailure, seed=0, **(SMALL | options))


def learned(twin: Twin, ticks: int) -> ToyFleet:
    fleet = ToyFleet(0)
    play(twin, fleet, ticks)
    return fleet


@cache
def _early(every: int) -> tuple[bytes, bytes]:
    """A twin and its fleet after 300 ticks, as they are saved."""
    twin = make(promotion={"every": every, "free": 100})
    fleet = learned(twin, 300)
    return encode(twin.state()), pickle.dumps(fleet)


def early(every: int) -> tuple[Twin, ToyFleet]:
    """A twin that has learned for 300 ticks and is put to the test every so many."""
    state, fleet = _early(every)
    twin = make(promotion={"every": every, "free": 100})
    twin.load(decode(state))
    return twin, pickle.loads(fleet)


def weights(net: torch.nn.Module) -> list[torch.Tensor]:
    return [parameter.clone() for parameter in net.parameters()]


def spoil(net: torch.nn.Module, size: float) -> None:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=size)


@pytest.mark.parametrize("size", [0.1, 0.3])
def test_a_worse_candidate_is_refused_and_a_better_one_accepted(size: float) -> None:
    twin, fleet = early(36)
    model, contest = twin.surrogate, twin.learner.promotion
    assert isinstance(model, Linear)
    champion = model._weights
    champion.promote()  # champion and candidate are the same now, but for what follows
    good = weights(champion.served)
    contest.hasten(36, 300)
    for frozen, served in zip(champion.frozen.parameters(), good, strict=True):  # type: ignore[union-attr]
        frozen.copy_(served)
    spoil(champion.frozen, size)  # type: ignore[arg-type]
    refused, promoted = contest.refused, contest.promoted
    play(twin, fleet, 36)
    assert (contest.refused, contest.promoted) == (refused + 1, promoted)
    assert all(map(torch.equal, weights(champion.served), good))
    spoil(champion.served, size)
    play(twin, fleet, 36)
    assert (contest.refused, contest.promoted) == (refused + 1, promoted + 1)


def test_a_candidate_is_judged_only_by_what_was_not_known_when_it_was_frozen() -> None:
    """The losses of a test are those of the truths released since: older targets may be anything."""
    outcomes = []
    for lie in (False, True):
        twin, fleet = early(24)
        memory, contest = twin.memory, twin.learner.promotion
        since = memory.closed
        contest.hasten(24, 300)
        spoil(twin.surrogate._weights.frozen, 0.1)  # type: ignore[attr-defined]
        twin.learner.convergence.paused = True
        play(twin, fleet, 23)
        if lie:
            for index, horizon in enumerate(SMALL["horizons"]):
                memory._store["target"][memory.tick[: memory.capacity] + horizon <= since, :, index] = 1e3
        outcomes.append(contest._differences(twin.surrogate))  # type: ignore[arg-type]
    assert len(outcomes[0]) == 6
    assert np.array_equal(*outcomes)


def test_what_serves_is_the_average_while_promotion_is_free_or_off() -> None:
    for options in ({"every": 0}, {"free": 10_000}):
        twin = make(promotion=options)
        learned(twin, 200)
        assert twin.surrogate._weights.served is twin.surrogate._weights.averaged  # type: ignore[attr-defined]
        assert twin.counts()["promotions"] == twin.counts()["promotions_refused"] == 0


def test_doubt_makes_promotion_rarer() -> None:
    won = []
    for doubt in (-3.0, 0.0, 6.0):
        twin = make(promotion={"every": 12, "free": 50, "doubt": doubt})
        learned(twin, 200)
        won.append(twin.counts()["promotions"])
        assert won[-1] + twin.counts()["promotions_refused"] > 5
    assert won[0] >= won[1] > won[2]


def test_a_restart_does_not_serve_before_it_has_won() -> None:
    twin = make(
        partial(MLP, width=8),
        promotion={"every": 36, "free": 10_000},
        recovery={"ticks": 60, "every": 12, "shrink": 0.0},
    )
    fleet = learned(twin, 200)
    model, learner = twin.surrogate, twin.learner
    assert isinstance(model, MLP)
    until = learner.recovery.begin(200)
    assert (until, twin.memory.recent, learner.promotion.every) == (260, 0.5, 12)
    served = weights(model.served)
    play(twin, fleet, 11)
    assert all(map(torch.equal, weights(model.served), served))
    assert model._optimizer.param_groups[0]["lr"] == pytest.approx(2 * 2e-3 * 11 / 50)
    play(twin, fleet, 50)
    assert (twin.memory.recent, learner.promotion.every, model._boost) == (0.0, 36, 1.0)


MODELS = {"mlp": partial(MLP, width=8, dropout=0.1), "ensemble": partial(Ensemble, member=partial(Linear), size=2)}


@pytest.mark.parametrize("model", MODELS)
def test_a_test_and_a_recovery_under_way_are_taken_up_to_the_bit(model: str) -> None:
    options = {
        "promotion": {"every": 12, "free": 60}, "memory": {"capacity": 100, "reserve": 20, "reservoir": 0.3},
        "drift": {"start": 50, "block": 2, "warm": 5, "threshold": 3.0}, "recovery": {"ticks": 30},
    }  # fmt: skip
    first, second = (make(MODELS[model], **options) for _ in range(2))
    fleet = learned(first, 205)
    assert first.counts()["drift_alarms"] > 0
    other = pickle.loads(pickle.dumps(fleet))
    data = encode(first.state())
    second.load(decode(data))
    assert encode(second.state()) == data
    assert pickle.dumps(play(second, other, 60)) == pickle.dumps(play(first, fleet, 60))
    assert encode(second.state()) == encode(first.state())


def test_an_ensemble_without_weights_is_not_put_to_the_test() -> None:
    twin = make(
        partial(Ensemble, member=EWMA, size=2), promotion={"every": 6, "free": 10}, learner={"start": 20},
        drift={"start": 20, "block": 1, "warm": 2, "threshold": 1.0},
    )  # fmt: skip
    learned(twin, 80)
    counts = twin.counts()
    assert counts["drift_alarms"] > 0
    assert counts["promotions"] == counts["promotions_refused"] == 0


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("promotion", {"every": -1}), ("promotion", {"free": -1}), ("promotion", {"moments": 1}),
        ("promotion", {"doubt": float("nan")}), ("recovery", {"ticks": 0}), ("recovery", {"rate": 0.0}),
        ("recovery", {"recent": 1.0}), ("recovery", {"shrink": 1.5}), ("recovery", {"every": 0}),
        ("drift", {"block": 0}), ("drift", {"warm": 1}), ("drift", {"threshold": 0.0}), ("drift", {"start": -1}),
    ],
)  # fmt: skip
def test_bad_numbers_are_refused_by_name(part: str, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{part.capitalize()}: {next(iter(wrong))}"):
        make(**{part: wrong})
