import numpy as np
import pytest
from scipy import stats

from twin.memory.index_pool import IndexPool
from twin.memory.reservoir import Reservoir


def test_every_one_of_a_stream_is_held_with_the_same_chance() -> None:
    """Chi-square over many streams: of 40, the 8 held are uniform."""
    random, held = np.random.Generator(np.random.Philox(0)), np.zeros(40)
    for _ in range(4000):
        reservoir, slots = Reservoir(8), np.full(8, -1)
        for item in range(40):
            slot = reservoir.offer(random)
            if slot is not None:
                slots[slot] = item
        held[slots] += 1
    assert held.sum() == 4000 * 8
    # Drawn without replacement: the statistic is (1 - 8/40) 40/39 times a chi-square with 39 degrees of freedom.
    assert 0.001 < stats.chi2.sf(stats.chisquare(held).statistic / (0.8 * 40 / 39), 39) < 0.999


def test_what_fits_is_held_whole_and_nothing_where_there_is_no_room() -> None:
    random = np.random.Generator(np.random.Philox(0))
    roomy, none = Reservoir(5), Reservoir(0)
    assert [roomy.offer(random) for _ in range(3)] == [0, 1, 2]
    assert len(roomy) == 3
    assert [none.offer(random) for _ in range(3)] == [None] * 3
    assert len(none) == 0
    with pytest.raises(ValueError, match="size = -1"):
        Reservoir(-1)


def test_a_pool_holds_what_a_set_holds() -> None:
    random, pool, known = np.random.default_rng(0), IndexPool(20), set[int]()
    for _ in range(2000):
        item = int(random.integers(20))
        if random.random() < 0.5:
            pool.add(item)
            known.add(item)
        else:
            pool.discard(item)
            known.discard(item)
        assert set(pool.items.tolist()) == known
        assert len(pool) == len(known)
    other = IndexPool(20)
    other.load(pool.state())
    assert other.items.tolist() == pool.items.tolist()
    assert pool.holds(np.arange(20)).tolist() == [item in known for item in range(20)]
