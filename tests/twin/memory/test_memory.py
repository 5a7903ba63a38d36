import numpy as np
import pytest

from twin.memory.memory import Memory
from twin.sensing.features import Inputs
from twin.sensing.lives import Life

EDGES = (0.0, 1.0, 3.0, 6.0)


def filled(ticks: int = 20, rare: float = 0.0, capacity: int = 100) -> Memory:
    memory = Memory(assets=1, capacity=capacity, horizons=(1,), edges=EDGES, rare=rare, seed=0)
    for tick in range(1, ticks + 1):
        inputs = Inputs(np.full((1, 2), tick), np.zeros((1, 1, 3)), np.zeros((1, 1)), np.ones(1), np.full(1, 0.01))
        memory.enter(tick, inputs, np.zeros((1, 4), dtype=np.float32))
        memory.release(tick, 0, np.zeros((1, 1)), np.zeros((1, 4), dtype=np.float32), np.arange(1))
    memory.closed = ticks
    return memory


def labels(memory: Memory, tick: int) -> tuple[list[float], list[int]]:
    at_risk, outcome = memory._hazard_labels(np.array([tick % memory.capacity]), np.array([0]))
    return at_risk[0].tolist(), outcome[0].tolist()


def test_a_failure_marks_its_bin_and_says_nothing_of_later_ones() -> None:
    memory = filled()
    memory.end_life(Life(0, 0.0, 12.5 * 600, 1), 600.0)
    assert labels(memory, 10) == ([1, 1, 0], [0, 2, 0])  # 2.5 ticks on: the second bin, mode 1
    assert labels(memory, 12) == ([1, 0, 0], [2, 0, 0])
    assert labels(memory, 4) == ([1, 1, 1], [0, 0, 0])


def test_a_maintained_life_is_neither_failure_nor_survival_where_it_was_cut() -> None:
    memory = filled()
    memory.end_life(Life(0, 0.0, 12.5 * 600, -1), 600.0)
    assert labels(memory, 10) == ([1, 0, 0], [0, 0, 0])


def test_an_open_life_has_survived_only_as_long_as_is_known() -> None:
    assert labels(filled(), 18) == ([1, 0, 0], [0, 0, 0])
    assert labels(filled(), 20) == ([0, 0, 0], [0, 0, 0])


def test_rows_after_the_end_were_not_alive() -> None:
    memory = filled()
    memory.end_life(Life(0, 0.0, 12.5 * 600, 0), 600.0)
    assert labels(memory, 13) == ([0, 0, 0], [0, 0, 0])


def test_the_ring_forgets_the_oldest_rows() -> None:
    memory = filled(ticks=50, capacity=20)
    seen = memory.sample(2000).features[:, 0]
    assert set(seen) == set(range(31, 51))


def test_importance_weights_undo_the_preference_for_rare_rows() -> None:
    memory = filled(ticks=80, rare=0.5)
    memory.end_life(Life(0, 0.0, 40.5 * 600, 0), 600.0)
    batch = memory.sample(60_000)
    rows = batch.features[:, 0]
    assert np.mean((rows > 34) & (rows <= 40)) > 0.4
    assert np.average(rows, weights=batch.weight) == pytest.approx(40.5, abs=0.5)


@pytest.mark.parametrize("wrong", [{"rare": 1.0}, {"capacity": 5}])
def test_bad_arguments_are_refused_by_name(wrong: dict[str, float]) -> None:
    valid = {"assets": 1, "capacity": 100, "horizons": (1,), "edges": EDGES, "rare": 0.0, "seed": 0}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Memory(**(valid | wrong))  # type: ignore[arg-type]
