"""What the memory's mix stands for: weighted, a sample's mean is the target distribution's, whatever the shares."""

from typing import Any

import numpy as np
import pytest

from twin.lab.running.archive import decode, encode
from twin.memory.memory import Memory
from twin.sensing.features import Inputs
from twin.sensing.lives import Life
from twin.surrogates.batch import Batch

EDGES = (0.0, 1.0, 3.0, 6.0)
ASSETS = 2
TICKS = 100
RING = 40


def filled(ticks: int = TICKS, capacity: int = RING, fail: bool = True, **shares: Any) -> Memory:
    """Feature = tick + asset / 10; channel = tick."""
    memory = Memory(
        assets=ASSETS, capacity=capacity, horizons=(1,), edges=EDGES, seed=0, **({"rare": 0.0, "span": 10} | shares)
    )
    own = np.arange(ASSETS)[:, None] / 10
    for tick in range(1, ticks + 1):
        channels = np.full((ASSETS, 1), float(tick))
        memory.enter(
            tick,
            Inputs(
                tick + own,
                np.zeros((ASSETS, 1, 3)),
                np.zeros((ASSETS, 1)),
                np.ones(ASSETS),
                np.full(ASSETS, 0.01),
                channels,
            ),
            np.zeros((ASSETS, 4), dtype=np.float32),
        )  # fmt: skip
        memory.closed = tick
        if tick > 1:
            memory.release(tick - 1, 0, np.zeros((ASSETS, 1)), np.zeros((ASSETS, 4), dtype=np.float32), np.arange(1))
    if fail:
        memory.end_life(Life(0, 0.0, (ticks - 20.5) * 600, 1), 600.0)
    return memory


def old(memory: Memory) -> np.ndarray:
    """Ticks in the reservoir."""
    return memory.tick[memory.capacity :][: min(len(memory.tick) - memory.capacity, memory._reservoir.seen)]


def expected(memory: Memory, recent: float, reservoir: float) -> float:
    """Mean tick of the target distribution, by its definition."""
    ring = np.arange(TICKS - RING + 1, TICKS)  # the newest has no label yet
    newest = np.arange(TICKS - 9, TICKS)
    gone = TICKS - RING
    part = min(reservoir, gone / (gone + len(ring))) if reservoir and len(old(memory)) else 0.0
    kept = old(memory).mean() if part else 0.0
    return float(recent * newest.mean() + (1 - recent) * (part * kept + (1 - part) * ring.mean()))


SHARES = [
    {}, {"rare": 0.5}, {"recent": 0.3}, {"reservoir": 0.4, "reserve": 8}, {"reservoir": 0.9, "reserve": 8},
    {"rare": 0.3, "recent": 0.2, "reservoir": 0.3, "reserve": 8},
]  # fmt: skip


def check(batch: Batch, ticks: np.ndarray, exact: float) -> None:
    """Weights of mean one, and the weighted mean within four standard errors of the exact one."""
    weight = batch.weight.astype(float)
    product = weight * ticks
    for values, mean in ((weight, 1.0), (product, exact)):
        assert abs(values.mean() - mean) < 4 * values.std() / np.sqrt(len(values)) + 1e-6 * abs(mean)


@pytest.mark.parametrize("shares", SHARES, ids=str)
def test_weights_make_rows_stand_for_the_target_distribution(shares: dict[str, Any]) -> None:
    memory = filled(**shares)
    batch = memory.sample(60_000)
    exact = expected(memory, shares.get("recent", 0.0), shares.get("reservoir", 0.0))
    check(batch, np.floor(batch.features[:, 0] + 0.05).astype(float), exact)


@pytest.mark.parametrize("shares", SHARES, ids=str)
def test_weights_make_moments_stand_for_the_target_distribution(shares: dict[str, Any]) -> None:
    memory = filled(context=4, **shares)
    exact = expected(memory, shares.get("recent", 0.0), shares.get("reservoir", 0.0))
    batch = memory.sample_moments(30_000)
    fields = {name: getattr(batch, name) for name in batch.__slots__}  # type: ignore[attr-defined]
    first = Batch(**fields | {"weight": batch.weight[::ASSETS]})
    check(first, batch.features[::ASSETS, 0].astype(float), exact)
    assert (batch.weight[::ASSETS] == batch.weight[1::ASSETS]).all()


def test_small_batches_hold_the_shares_on_average() -> None:
    memory = filled(recent=0.3, reservoir=0.2, reserve=8, context=4)
    ticks = np.concatenate([memory.sample_moments(4).features[::ASSETS, 0] for _ in range(4000)])
    assert np.mean(ticks <= TICKS - RING) == pytest.approx(0.7 * 0.2, abs=0.01)


def test_a_moment_from_the_reservoir_has_its_whole_history_and_its_labels() -> None:
    memory = filled(reservoir=0.9, reserve=8, context=6)
    batch = memory.sample_moments(200)
    assert batch.history is not None
    ticks = batch.features[::ASSETS, 0]
    assert (ticks <= TICKS - RING).any()
    due = ticks[:, None] + np.arange(-5, 1)
    seen = np.where(due >= 1, due, np.nan)
    assert np.array_equal(batch.history[:, :, 0, 0], seen.astype(np.float32), equal_nan=True)
    assert np.isfinite(batch.target).all()
    assert batch.at_risk[np.repeat(ticks <= TICKS - RING, ASSETS)].all()  # survived the longest bin before it left


def test_what_left_the_ring_learns_nothing_more() -> None:
    """Its life ends long after: the labels that it left with stand."""
    memory = filled(reservoir=0.9, reserve=60, fail=False)
    before = memory._hazard_labels(np.arange(RING, RING + 50), np.zeros(50, dtype=np.intp))
    memory.end_life(Life(0, 0.0, 99.5 * 600, 1), 600.0)
    after = memory._hazard_labels(np.arange(RING, RING + 50), np.zeros(50, dtype=np.intp))
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_ring_that_has_not_overflowed_is_sampled_uniformly() -> None:
    memory = filled(ticks=30, capacity=RING, fail=False, reservoir=0.5, reserve=8)
    batch = memory.sample(30_000)
    found = np.unique(batch.features[:, 0], return_counts=True)[1]
    assert len(found) == 29 * ASSETS
    assert found.std() < 1.3 * np.sqrt(30_000 / len(found))
    assert (batch.weight == 1).all()


@pytest.mark.parametrize("context", [0, 4])
def test_a_memory_taken_up_draws_the_same(context: int) -> None:
    shares = {"rare": 0.3, "recent": 0.2, "reservoir": 0.3, "reserve": 8, "context": context}
    first, second = filled(**shares), filled(ticks=0, fail=False, **shares)
    data = encode(first.state())
    second.load(decode(data))
    assert encode(second.state()) == data
    for draw in ("sample", *(["sample_moments"] if context else [])):
        one, other = (getattr(memory, draw)(64) for memory in (first, second))
        for name in one.__slots__:
            a, b = getattr(one, name), getattr(other, name)
            assert a is b is None or np.array_equal(a, b, equal_nan=True)


def test_moments_say_when_each_outcome_came_true() -> None:
    memory = filled()
    batch, when = memory.moments(np.array([75, 78]))  # asset 0 failed at 79.5
    assert when[0].tolist() == [76.0, 78.0, 79.5]
    assert when[2].tolist() == [79.0, 79.5, np.inf]
    assert when[3].tolist() == [79.0, 81.0, 84.0]
    assert batch.outcome[2].tolist() == [0, 2, 0]


@pytest.mark.parametrize("wrong", [{"recent": 1.0}, {"reservoir": -0.1}, {"span": 0}, {"reserve": -1}])
def test_bad_shares_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        filled(ticks=0, fail=False, **wrong)


def test_a_failure_that_was_reported_before_its_tick_closed_is_no_failure_in_the_reservoir() -> None:
    memory = filled(ticks=8, capacity=8, fail=False, reservoir=0.5, reserve=1)
    memory.closed = 5  # late readings are waited for; events are not
    memory.end_life(Life(0, 0.0, 6.5 * 600, 1), 600.0)
    memory._let_go(1)
    assert (memory.end[8, 0], memory.mode[8, 0]) == (4.0, -1)
    at_risk, outcome = memory._hazard_labels(np.array([8]), np.array([0]))
    assert at_risk.tolist() == [[1.0, 1.0, 0.0]]  # seen for 4 ticks only
    assert not outcome.any()
