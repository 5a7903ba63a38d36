import numpy as np
import pytest

from tests.twin.toy import toy_spec
from twin.sensing.cleaning import Cleaner


def clean(cleaner: Cleaner, values: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return cleaner.clean(np.zeros(len(values), dtype=np.intp), np.array(values))


def test_impossible_readings_are_dropped_and_counted() -> None:
    cleaner = Cleaner(spec=toy_spec())
    usable, _ = clean(cleaner, [1.0, -0.5, np.nan, 100.5, 2.0])
    assert usable.tolist() == [True, False, False, False, True]
    assert cleaner.out_of_range == 3


@pytest.mark.parametrize("block", [1, 3, 10])
def test_a_lively_signal_that_repeats_itself_is_stuck_however_it_is_delivered(block: int) -> None:
    cleaner = Cleaner(spec=toy_spec(), stuck=5)
    lively = list(np.random.default_rng(0).uniform(1, 2, 40))
    values = [*lively, *[7.0] * 9, 1.5]
    usable = np.concatenate([clean(cleaner, values[i : i + block])[0] for i in range(0, len(values), block)])
    assert usable[:40].all()
    assert usable[40:49].tolist() == [True] * 5 + [False] * 4
    assert usable[49]
    assert cleaner.stuck == 4


def test_a_level_that_often_stands_still_is_not_stuck() -> None:
    cleaner = Cleaner(spec=toy_spec(), stuck=5)
    usable, _ = clean(cleaner, [float(i // 4) for i in range(80)] + [3.0] * 20)
    assert usable.all()


def test_the_median_filter_removes_a_spike() -> None:
    cleaner = Cleaner(spec=toy_spec(), filter="median", width=5)
    _, values = clean(cleaner, [1.0, 1.1, 0.9, 1.0, 50.0, 1.0, 1.1])
    assert values.max() <= 1.1


def test_exponential_smoothing_is_the_textbook_recursion() -> None:
    cleaner = Cleaner(spec=toy_spec(), filter="exponential", width=3)
    _, values = clean(cleaner, [2.0, 4.0, 8.0])
    assert values.tolist() == [2.0, 3.0, 5.5]


@pytest.mark.parametrize("wrong", [{"filter": "magic"}, {"stuck": 1}, {"width": 0}])
def test_bad_arguments_are_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Cleaner(spec=toy_spec(), **wrong)  # type: ignore[arg-type]
