import numpy as np
import pytest

from twin.sensing.scaling import LIMIT, Scaler


def test_running_statistics_equal_those_of_all_rows_at_once() -> None:
    rows = np.random.default_rng(0).normal(3.0, 2.0, (500, 4))
    rows[::7, 2] = np.nan
    scaler = Scaler(4)
    for block in np.array_split(rows, 13):
        scaler.update(block)
    expected = (rows - np.nanmean(rows, 0)) / np.nanstd(rows, 0)
    np.testing.assert_allclose(scaler.scale(rows), np.nan_to_num(expected).clip(-LIMIT, LIMIT), atol=1e-9)


def test_what_is_missing_becomes_the_mean_and_nothing_explodes() -> None:
    scaler = Scaler(2)
    scaler.update(np.array([[1.0, 5.0], [3.0, 5.0]]))
    scaled = scaler.scale(np.array([[np.nan, 1e12], [2.0, 5.0]]))
    assert scaled[0, 0] == 0.0
    assert scaled[0, 1] == LIMIT
    assert scaled[1] == pytest.approx([0.0, 0.0])
