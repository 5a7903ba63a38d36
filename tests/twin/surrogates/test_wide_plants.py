"""Plants with many signals: weights grow with their number, not with its square; hazards that nobody uses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from sim.contract import Actuator, Asset, Objective, PlantSpec, Signal
from tests.lab.replay.test_replay import make
from twin.lab.replay.fleet import Fleet, Unit
from twin.lab.replay.replay import Tables, prequential, replay
from twin.surrogates.base import Shape
from twin.surrogates.gradient.linear import OwnSignals
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.gradient.optimizer import Optimizer
from twin.twin import Twin


def spec(signals: int, **changes: Any) -> PlantSpec:
    names = [f"s{number}" for number in range(signals)]
    common: dict[str, Any] = {"assets": (Asset("a", "pump"),), "links": (), "actuators": ()}
    common |= {"objective": Objective("", ""), "tick": 60.0}
    return PlantSpec(**(common | changes), signals=tuple(Signal("a", n, n, "", 60.0, forecast=True) for n in names))


def shape(signals: int, **changes: Any) -> Shape:
    twin: Twin = make(spec(signals, **changes))
    return twin.shape


def weights(signals: int, **options: Any) -> int:
    net = MLP(shape=shape(signals), seed=0, **options).net
    return sum(each.numel() for each in net.parameters())


def test_weights_grow_with_the_signals_and_not_with_their_square() -> None:
    """From 20 to 40 signals a full map has nearly four times the weights."""
    assert weights(40) < 2.1 * weights(20)
    assert weights(40, wide=1000) > 2.5 * weights(20, wide=1000)


def test_a_plant_of_few_signals_has_a_full_map() -> None:
    net = MLP(shape=shape(16), seed=0).net
    assert not [part for part in net.modules() if isinstance(part, OwnSignals)]


def test_a_target_sees_all_of_its_own_signal_and_what_is_newest_of_the_others() -> None:
    """Outputs of one target move with its own signal's means; of all with any newest value and the asset's state."""
    wanted = shape(20)
    quantiles = 20 * 2 * 5
    generator = torch.Generator().manual_seed(0)
    net = OwnSignals(shape=wanted, quantiles=quantiles, generator=generator)
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(torch.rand(weight.shape, generator=generator))
    row = torch.zeros(1, wanted.features + wanted.plan)
    flat = net(row)
    row[0, 7 * wanted.per_slot + 2] = 1.0
    moved = (net(row) != flat).reshape(2, 20, 5)
    assert moved[:, 7].all()
    assert int(moved.sum()) == 10
    for place in (20 * wanted.per_slot, 7 * wanted.per_slot + wanted.newest[0]):
        row = torch.zeros(1, wanted.features + wanted.plan)
        row[0, place] = 1.0
        assert (net(row) != flat).all()


def test_a_wide_plant_is_forecast() -> None:
    """Six waves of different pace: three ticks ahead the twin errs less than half as much as persistence."""
    ticks = np.arange(260)[:, None]
    waves = np.sin(ticks / (4 + np.arange(6))) + np.random.default_rng(0).normal(size=(260, 6)) * 0.02
    fleet = Fleet([f"s{number}" for number in range(6)], [Unit("only", waves, failed=False)], 1)
    learned = partial(MLP, width=16, wide=4, optimizer=Optimizer(lr=1e-2, weight_decay=0.0), ema=0.9)
    tables = Tables()
    replay(fleet, make(fleet.spec, surrogate=learned, learner={"batch": 64, "updates": 2}), tables)
    scores = prequential(tables, 200.0)
    assert np.mean([scores[f"skill_persistence.s{number}.h3"] for number in range(6)]) > 0.5


def test_a_hazard_that_nobody_uses_is_not_learned() -> None:
    """Without failure modes nobody scores it, without actuators nobody acts on it."""
    assert not shape(2).heeds_hazard
    assert shape(2, modes=("wear",)).heeds_hazard
    assert shape(2, actuators=(Actuator("a", "repair", "work_order", "", 0.0, 1.0, 0.0),)).heeds_hazard
    learner = MLP(shape=shape(2), seed=0)
    before = [weight.detach().clone() for weight in learner.net.hazard.parameters()]  # type: ignore[union-attr]
    twin = make(spec(2, tick=1.0), surrogate=lambda **_: learner, learner={"start": 1})
    values = np.random.default_rng(1).normal(size=(60, 2))
    fleet = Fleet(["s0", "s1"], [Unit("only", values, failed=False)], 1)
    for messages in fleet.play():
        for message in messages:
            twin.observe(message)
        twin.decide(float(fleet.now))
    after = list(learner.net.hazard.parameters())  # type: ignore[union-attr]
    assert twin.learner.updates > 30
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_weights_in_one_call_are_as_weight_by_weight() -> None:
    """The optimiser takes all weights at once; the arithmetic must be that of one after the other, to the bit."""
    ends = []
    for together in (True, False):
        generator = torch.Generator().manual_seed(0)
        weights = [torch.rand(size, generator=generator).requires_grad_() for size in ((30, 7), (7,), (64, 30))]
        optimizer = Optimizer(weight_decay=0.5).build(weights)
        for group in optimizer.param_groups:
            assert group["foreach"]
            group["foreach"] = together
        for _ in range(50):
            for weight in weights:
                weight.grad = torch.randn(weight.shape, generator=generator)
            optimizer.step()
        ends.append(torch.cat([weight.detach().flatten() for weight in weights]))
    assert torch.equal(*ends)
