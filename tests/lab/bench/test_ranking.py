"""Which plan is better, and who knows: what is told of known distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.contract import Action
from twin.lab.bench.fidelity import ranking
from twin.lab.bench.fidelity.ranking import ceiling, judged, looks, means, outcome, regret, signs, silenced, tau


def noise(seed: int, forks: int, plans: int) -> Any:
    return np.random.default_rng(seed).normal(size=(forks, plans))


def test_forks_are_doubled_until_they_are_enough() -> None:
    assert looks(256) == [8, 16, 32, 64, 128, 256]
    assert looks(100) == [8, 16, 32, 64, 100]
    assert looks(5) == [5]


def test_what_is_far_apart_is_resolved_by_few_and_what_is_the_same_is_given_up() -> None:
    luck, own, asked = noise(0, 64, 1), noise(1, 64, 4), list[tuple[int, int]]()
    mean = np.array([0.0, 0.0, 10.0, 10.6])

    def run(fork: int, plan: int) -> float:
        asked.append((fork, plan))
        return float(mean[plan] + 5 * luck[fork, 0] + (own[fork, plan] if plan > 1 else 0.0))

    values = judged(run, plans=4, forks=64)
    count = np.isfinite(values).sum(0)
    assert len(asked) == len(set(asked)) == count.sum()
    assert list(count[:2]) == [8, 8]  # far from the others, and the same as each other in every fork
    assert count[2] == count[3] > 8
    found = signs(values)
    assert np.array_equal(found, -found.T)
    assert found[0, 1] == 0
    assert np.all(found[:2, 2:] == -1)


def test_equal_plans_are_hardly_ever_told_apart() -> None:
    """99 % over all looks together, although it is looked six times."""
    wrong = trials = 0
    for seed in range(40):
        own = noise(seed, 256, 6)
        values = judged(lambda fork, plan, own=own: float(own[fork, plan]), plans=6, forks=256)  # type: ignore[misc]
        wrong += int(np.count_nonzero(np.triu(signs(values))))
        trials += 15
    assert wrong / trials <= ranking.ERROR + 3 * np.sqrt(ranking.ERROR / trials)


def test_means_take_the_forks_luck_off() -> None:
    """Exactly, where luck is all there is: plans that were dropped early do not keep the luck of the first forks."""
    luck, mean = 50 * noise(2, 32, 1), np.array([3.0, 1.0, -2.0])
    values = mean + luck
    assert means(values) == pytest.approx(mean - mean.mean())
    values[8:, 0] = np.nan
    values[16:] = np.nan
    assert means(values) == pytest.approx(mean - mean.mean())
    whole = noise(3, 20, 5)
    assert means(whole) == pytest.approx(whole.mean(0) - whole.mean())


def test_the_ceiling_is_lower_where_noise_is_what_is_seen() -> None:
    """Among equals, what a half resolves by luck, the other does not repeat."""
    found = [ceiling(noise(seed, 64, 8))[0] for seed in range(300)]
    lucky = np.array(found)[np.isfinite(found)]
    assert len(lucky) > 5
    assert abs(lucky.mean()) < 4 / np.sqrt(len(lucky))
    assert ceiling(noise(0, 64, 2) * 1e-3 + np.array([0.0, 1.0])) == (1.0, 0.0)
    assert np.isnan(ceiling(np.zeros((64, 3)))[0])
    lost = [ceiling(noise(seed, 64, 2))[1] for seed in range(300)]  # which of two alike is better is a coin's matter
    assert np.mean(lost) == pytest.approx(0.5, abs=0.1)


def test_tau_and_regret_at_their_ends() -> None:
    values = 10.0 * np.arange(5) + noise(4, 64, 5)
    truth, true = signs(values), means(values)
    assert tau(truth, true) == 1.0
    assert tau(truth, -true) == -1.0
    assert tau(truth, np.zeros(5)) == 0.0
    assert ceiling(values) == (1.0, 0.0)
    assert tau(truth, np.array([0.0, 2.0, 1.0, 3.0, 4.0])) == pytest.approx(0.8)  # one of ten pairs the wrong way
    assert np.isnan(tau(np.zeros_like(truth), true))
    assert regret(true, true) == 0.0
    assert regret(true, -true) == pytest.approx(1.0)
    assert regret(np.array([0.0, 1.0, 4.0]), np.zeros(3)) == pytest.approx((4 - 5 / 3) / 4)  # whoever is taken blindly
    assert regret(np.zeros(3), np.arange(3.0)) == 0.0


@pytest.mark.parametrize(("plant", "error"), [("line_small", 1e-9), ("microgrid", 1e-5), ("crossing", 1e-9)])
def test_a_plant_goes_on_alike_when_nobody_looks(plant: str, error: float) -> None:
    """Its figures are the same in the same future, to rounding (ageing is integrated in steps that end at samples: to
    that error); and a what-if tells the mean of the objective."""
    from twin.lab.configure.compose import compose
    from twin.lab.configure.resolve import resolved
    from twin.lab.core.build import pair

    (made, _) = pair(resolved(compose("run", [f"plant={plant}", "surrogate=ewma", "policy=run_to_failure"])), "cpu")
    tick, figure = made.spec.tick, made.spec.objective.figure or next(iter(made.kpis()))
    made.advance(30 * tick)
    before, until = made.kpis()[figure] * made.now, made.now + 30 * tick
    quiet = silenced(type(made).restore(made.snapshot()))
    order = next(a for a in made.spec.actuators if a.kind == "work_order")
    orders = [Action(made.now + 7 * tick, order.key)]
    mean = outcome(quiet, orders, until)
    seen = made.advance(orders[0].time)
    made.apply(orders[0])
    seen += made.advance(until)
    assert sum(len(message.values) for message in seen) > 0
    assert not [m for m in quiet.advance(until + 5 * tick) if len(m.values)]
    expected = made.spec.objective.sense * (made.kpis()[figure] * until - before) / (30 * tick)
    assert mean == pytest.approx(expected, rel=error)
