"""A forecast of the wrong shape is told so by name, not by a broadcast error later on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.twin.toy import TICK, ToyFleet
from twin.checks import AnswerError
from twin.forecast import Forecast
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.base import Shape
from twin.surrogates.checked_forecast import check_forecast
from twin.surrogates.smoothing import EWMA
from twin.twin import Twin

SHAPE = Shape(
    assets=6,
    features=3,
    plan=2,
    orders=1,
    condition=(),
    targets=("vibration", "profit"),
    horizons=(1, 6, 36),
    edges=(0.0, 1.0, 6.0, 36.0, 144.0),
    modes=2,
)


class Mine(EWMA):
    """A surrogate whose forecast is changed on its way out."""

    change: Any = None

    def forecast(self, inputs: Any, plans: Any) -> Any:
        return type(self).change(super().forecast(inputs, plans))


def good(plans: int = 1) -> Forecast:
    return SHAPE.forecast(np.zeros((plans, 6, 3, 2, 5)), np.full((plans, 6, 4, 2), 0.01))


def fault(forecast: object, plans: int = 1) -> str:
    surrogate = Mine.__new__(Mine)
    with pytest.raises(AnswerError) as told:
        check_forecast(forecast, surrogate=surrogate, shape=SHAPE, plans=plans)
    return str(told.value)


def test_what_is_right_passes() -> None:
    forecast = good(3)
    assert check_forecast(forecast, surrogate=Mine.__new__(Mine), shape=SHAPE, plans=3) is forecast


def test_axes_that_changed_places_are_named() -> None:
    text = fault(replace(good(), quantiles=good().quantiles.transpose(0, 1, 3, 2, 4)))
    assert text == (
        "Mine.forecast: quantiles is (1, 6, 2, 3, 5): must be [plans, assets, horizons, targets, quantiles] = "
        "(1, 6, 3, 2, 5); horizons and targets have changed places"
    )
    assert "bins and modes have changed places" in fault(replace(good(), hazard=good().hazard.swapaxes(2, 3)))


def test_an_axis_that_is_missing_or_of_the_wrong_length_is_named() -> None:
    assert "plans missing" in fault(replace(good(), hazard=good().hazard[0]))
    assert "wrong are assets 5" in fault(replace(good(), quantiles=good().quantiles[:, :5]))
    assert "7 axes in place of 5" in fault(replace(good(), quantiles=good().quantiles[None, None]))
    assert "wrong are plans 1" in fault(good(), plans=4)


def test_what_is_no_forecast_is_named() -> None:
    assert fault(good().quantiles) == (
        "Mine.forecast: returns ndarray: must be a twin.forecast.Forecast, see Shape.forecast"
    )
    assert "hazard is list" in fault(replace(good(), hazard=[0.1]))
    assert "targets = ['profit', 'vibration']: must be" in fault(replace(good(), targets=("profit", "vibration")))


def test_values_that_are_no_distribution_are_named() -> None:
    falling = good().quantiles.copy()
    falling[0, 2, 1, 0] = [5.0, 4.0, 3.0, 2.0, 1.0]
    assert "fall along their last axis at plan 0, asset 2, horizon 1, target 0" in fault(
        replace(good(), quantiles=falling)
    )
    assert "hazard = 1.5 at plan 0, asset 0, bin 0, mode 0" in fault(replace(good(), hazard=good().hazard + 1.49))
    assert "adds up to 1.8 over the modes" in fault(replace(good(), hazard=np.full((1, 6, 4, 2), 0.9)))
    assert "hazard = nan" in fault(replace(good(), hazard=np.full((1, 6, 4, 2), np.nan)))


def test_infinite_quantiles_are_named() -> None:
    far = good().quantiles.copy()
    far[0, 2, 1, 0, 4] = np.inf
    assert "quantiles = inf at plan 0, asset 2, horizon 1, target 0, quantile 4: must be finite" in fault(
        replace(good(), quantiles=far)
    )


def test_unknown_quantiles_are_allowed() -> None:
    forecast = replace(good(), quantiles=np.full((1, 6, 3, 2, 5), np.nan))
    assert check_forecast(forecast, surrogate=Mine.__new__(Mine), shape=SHAPE, plans=1) is forecast


def test_a_twin_says_so_at_its_first_forecast() -> None:
    class Turned(Mine):
        change = staticmethod(lambda forecast: replace(forecast, quantiles=forecast.quantiles.swapaxes(1, 2)))

    fleet = ToyFleet(seed=0)
    twin = Twin(spec=fleet.spec, surrogate=Turned, policy=RunToFailure, horizons=(1, 6, 36))
    for message in fleet.advance():
        twin.observe(message)
    with pytest.raises(AnswerError, match=r"Turned.forecast: quantiles is .* assets and horizons have changed places"):
        twin.decide(TICK)
