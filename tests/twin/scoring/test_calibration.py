from collections import deque
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import stats

from twin.forecast import QUANTILES, Floats, Forecast
from twin.scoring.calibration import Calibration, ScoredForecast

NORMAL = stats.norm.ppf(QUANTILES)
HORIZONS = (1, 6)
Truth = Callable[[np.random.Generator, int], Floats]


def issue(calibration: Calibration, raw: Floats) -> Floats:
    """[assets, targets, quantiles] of the first horizon as issued."""
    found: Floats = np.sort(raw + calibration.moves()[:, 0], axis=-1)
    return found


def live(
    truth: Truth, *, ticks: int, width: float, assets: int = 8, late: int = 2, seed: int = 0
) -> tuple[Floats, ...]:
    """Standard normal forecasts of a given width beside truths that come `late` ticks later.

    Returns truths [ticks, assets], issued and raw quantiles [ticks, assets, Q].
    """
    random = np.random.default_rng(seed)
    calibration = Calibration(assets=assets, targets=1, horizons=HORIZONS)
    raw = np.broadcast_to(width * NORMAL, (assets, 1, len(QUANTILES))).copy()
    waiting: deque[ScoredForecast] = deque()
    values, said = [], []
    for tick in range(ticks):
        issued, value = issue(calibration, raw), truth(random, tick)
        values.append(value)
        said.append(issued[:, 0])
        waiting.append(ScoredForecast(0, raw, issued, value[:, None]))
        if len(waiting) > late:
            calibration.learn([waiting.popleft()])
    return np.array(values), np.array(said), np.broadcast_to(raw[:, 0], (ticks, assets, len(QUANTILES)))


def covered(values: Floats, said: Floats) -> NDArray[np.bool_]:
    """An infinite interval counts as a miss."""
    inside: NDArray[np.bool_] = (values >= said[..., 0]) & (values <= said[..., -1]) & np.isfinite(said).all(-1)
    return inside


def interval_score(values: Floats, said: Floats) -> float:
    """Gneiting & Raftery 2007, eq. 43, at 90 %."""
    low, high = said[..., 0], said[..., -1]
    below, above = np.maximum(low - values, 0.0), np.maximum(values - high, 0.0)
    return float((high - low + 20.0 * (below + above)).mean())


def standard(random: np.random.Generator, tick: int) -> Floats:
    return random.standard_normal(8)


@pytest.mark.parametrize("width", [0.4, 1.0, 2.5])
def test_90_percent_means_90_percent_after_warm_up(width: float) -> None:
    values, said, raw = live(standard, ticks=3000, width=width)
    inside = covered(values, said)[500:]
    assert 0.89 <= inside.mean() <= 0.91
    windows = np.lib.stride_tricks.sliding_window_view(inside, 500, axis=0).mean(-1)
    assert ((windows >= 0.85) & (windows <= 0.95)).mean() >= 0.99
    assert interval_score(values[500:], said[500:]) <= 1.01 * interval_score(values[500:], raw[500:])


def test_what_is_calibrated_is_left_as_it_is() -> None:
    said = live(standard, ticks=2000, width=1.0)[1]
    moved = np.abs(said[500:] - NORMAL)
    assert moved.mean() < 0.08
    assert np.quantile(moved, 0.99) < 0.3


def test_lopsided_errors_move_one_side() -> None:
    def skewed(random: np.random.Generator, tick: int) -> Floats:
        draws: Floats = random.exponential(size=8) - np.log(2)  # the median is right
        return draws

    values, said, _ = live(skewed, ticks=3000, width=1.0)
    late_values, late = values[500:], said[500:]
    assert (late_values > late[..., -1]).mean() == pytest.approx(0.05, abs=0.01)
    assert (late_values < late[..., 0]).mean() == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize("gain", [1.5, 3.0])
def test_coverage_returns_within_500_labels_of_a_jump_in_one_sensors_gain(gain: float) -> None:
    jump = 1500

    def jumping(random: np.random.Generator, tick: int) -> Floats:
        draws: Floats = random.standard_normal(8)
        if tick >= jump:
            draws[3] *= gain
        return draws

    inside = covered(*live(jumping, ticks=jump + 1000, width=1.0)[:2])
    assert inside[jump : jump + 20, 3].mean() < 0.9
    assert 0.85 <= inside[jump + 500 :, 3].mean() <= 0.95
    others = np.delete(inside, 3, axis=1)[jump:]
    assert 0.87 <= others.mean() <= 0.93


@given(
    hnp.arrays(np.float64, (40, 2, 1), elements=st.floats(-1e6, 1e6) | st.just(np.nan)),
    st.sampled_from([0, 5, 720]),
)
def test_quantiles_stay_finite_and_in_order_whatever_comes_true(truths: Floats, window: int) -> None:
    calibration = Calibration(assets=2, targets=1, horizons=(1,), window=window)
    raw = np.tile(NORMAL, (2, 1, 1))
    for truth in truths:
        issued = issue(calibration, raw)
        assert np.isfinite(issued).all()
        assert (np.diff(issued) >= 0).all()
        calibration.learn([ScoredForecast(0, raw, issued, truth)])
    if window == 0:
        assert not calibration.moves().any()


def test_a_plant_too_large_for_every_residual_keeps_every_few_ticks() -> None:
    assets, random = 4000, np.random.default_rng(1)
    calibration = Calibration(assets=assets, targets=1, horizons=(1,), window=100)
    raw = np.tile(0.5 * NORMAL, (assets, 1, 1))
    for _ in range(40):
        calibration.learn([ScoredForecast(0, raw, issue(calibration, raw), random.standard_normal((assets, 1)))])
    inside = covered(random.standard_normal(assets), issue(calibration, raw)[:, 0])
    assert inside.mean() == pytest.approx(0.9, abs=0.03)
    assert sum(array.nbytes for array in calibration.state().values() if array.dtype == np.float32) < 2e6


def test_switched_off_it_is_not_there() -> None:
    calibration, raw = Calibration(assets=2, targets=1, horizons=(1,), window=0), np.tile(NORMAL, (2, 1, 1))
    for _ in range(30):
        calibration.learn([ScoredForecast(0, raw, raw, np.full((2, 1), 9.0))])
    forecast = Forecast((1,), ("x",), (0, 1, 6), raw[None, :, None], np.full((1, 2, 2, 1), 0.1))
    assert calibration.apply(forecast) is forecast


def test_every_plan_is_moved_alike_and_hazards_are_not() -> None:
    calibration, raw = Calibration(assets=2, targets=1, horizons=(1,)), np.tile(NORMAL, (2, 1, 1))
    random = np.random.default_rng(6)
    for _ in range(300):
        calibration.learn([ScoredForecast(0, raw, issue(calibration, raw), 3 * random.standard_normal((2, 1)))])
    plans = np.stack([raw, raw + 5.0])[:, :, None]
    forecast = Forecast((1,), ("x",), (0, 1, 6), plans, np.full((2, 2, 2, 1), 0.1))
    issued = calibration.apply(forecast)
    moved = issued.quantiles - plans
    assert moved[0] == pytest.approx(moved[1])
    assert (moved[0, ..., -1] > 0.5).all()
    assert (issued.hazard == forecast.hazard).all()


def test_a_resumed_calibration_goes_on_to_the_bit() -> None:
    first, second = (Calibration(assets=2, targets=1, horizons=(1, 6)) for _ in range(2))
    raw, random = np.tile(NORMAL, (2, 1, 1)), np.random.default_rng(7)
    for tick in range(120):
        if tick == 60:
            second.load(first.state())
        one = ScoredForecast(tick % 2, raw, issue(first, raw), random.standard_normal((2, 1)))
        for calibration in (first, second) if tick >= 60 else (first,):
            calibration.learn([one])
    assert first.moves().tobytes() == second.moves().tobytes()


@pytest.mark.parametrize(("name", "value"), [("window", -1), ("pace", 1.0), ("enough", -1.0)])
def test_bad_settings_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"Calibration: {name} = {value}"):
        Calibration(assets=1, targets=1, horizons=(1,), **{name: value})  # type: ignore[arg-type]
