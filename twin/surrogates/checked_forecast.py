"""Whether what a surrogate returns is a forecast of its shape: said by name, before anything is computed with it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from twin.checks import AnswerError
from twin.forecast import QUANTILES, Forecast
from twin.layout import Layout
from twin.surrogates.base import Shape, Surrogate

ROUNDING = 1e-6  # how far a sum of probabilities may exceed 1, or two quantiles cross, in single precision


def check_forecast(forecast: object, *, surrogate: Surrogate, shape: Shape, plans: int) -> Forecast:
    """`forecast` as it is. plans: how many were asked about.

    Raises AnswerError naming the surrogate's class, the array, and what is wrong with its axes or values.
    """
    try:
        return _checked(forecast, shape, plans)
    except AnswerError as fault:
        raise AnswerError(f"{type(surrogate).__name__}.forecast: {fault}") from None


def _checked(forecast: object, shape: Shape, plans: int) -> Forecast:
    if not isinstance(forecast, Forecast):
        raise AnswerError(f"returns {type(forecast).__name__}: must be a twin.forecast.Forecast, see Shape.forecast")
    for name, value, wanted in (
        ("horizons", forecast.horizons, shape.horizons),
        ("targets", forecast.targets, shape.targets),
        ("edges", forecast.edges, shape.edges),
        ("levels", forecast.levels, QUANTILES),
    ):
        if tuple(value) != tuple(wanted):
            raise AnswerError(f"{name} = {list(value)}: must be {list(wanted)}")
    front = {"plans": plans, "assets": shape.assets}
    levels = len(QUANTILES)
    axes = {"horizons": len(shape.horizons), "targets": len(shape.targets), "quantiles": levels}
    _check_axes("quantiles", forecast.quantiles, front | axes)
    _check_axes("hazard", forecast.hazard, front | {"bins": shape.bins, "modes": shape.modes})
    _check_quantiles(forecast)
    if shape.layout is not None:
        _check_targets(forecast, shape.layout)
    _check_hazard(forecast)
    return forecast


def _check_axes(name: str, array: object, axes: Mapping[str, int]) -> None:
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
        kind = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
        raise AnswerError(f"{name} is {kind}: must be a numpy array of floats")
    wanted = tuple(axes.values())
    if array.shape != wanted:
        raise AnswerError(
            f"{name} is {array.shape}: must be [{', '.join(axes)}] = {wanted}; {_difference(array.shape, axes)}"
        )


def _difference(shape: Sequence[int], axes: Mapping[str, int]) -> str:
    """What sets a shape apart from the axes that it must have."""
    names = list(axes)
    if len(shape) < len(axes):
        for kept in itertools.combinations(names, len(shape)):
            if tuple(axes[name] for name in kept) == tuple(shape):
                return f"{' and '.join(n for n in names if n not in kept)} missing"
    if len(shape) != len(axes):
        return f"it has {len(shape)} axes in place of {len(axes)}"
    for order in itertools.permutations(names):
        if tuple(axes[name] for name in order) == tuple(shape):
            moved = [name for name, other in zip(names, order, strict=True) if name != other]
            return f"{' and '.join(moved)} have changed places"
    wrong = [f"{name} {size}" for (name, want), size in zip(axes.items(), shape, strict=True) if size != want]
    return f"wrong are {', '.join(wrong)}"


def _check_quantiles(forecast: Forecast) -> None:
    quantiles = forecast.quantiles
    infinite = np.argwhere(np.isinf(quantiles))
    if len(infinite):
        where = _place(infinite[0], ("plan", "asset", "horizon", "target", "quantile"))
        raise AnswerError(f"quantiles = {quantiles[tuple(infinite[0])]} at {where}: must be finite, or NaN if unknown")
    steps, scale = np.diff(quantiles, axis=-1), np.abs(quantiles[..., 1:])
    crossing = np.argwhere(steps < -ROUNDING * np.maximum(scale, 1.0))  # NaN is not less
    if len(crossing):
        where = _place(crossing[0][:-1], ("plan", "asset", "horizon", "target"))
        raise AnswerError(
            f"quantiles fall along their last axis at {where}: must not; levels are {list(forecast.levels)}"
        )


def _check_targets(forecast: Forecast, layout: Layout) -> None:
    """Swapped axes of the same length show in values of targets that an asset does not have."""
    finite = np.isfinite(forecast.quantiles).any((0, 2, 4))
    unmeasured = layout.table[:, list(layout.targets)] < 0
    wrong = np.argwhere(finite & unmeasured)
    if len(wrong):
        asset, target = layout.spec.assets[wrong[0][0]].name, forecast.targets[wrong[0][1]]
        raise AnswerError(
            f"quantiles has values for {target} of {asset}, which nobody measures there: must be NaN; "
            "are the axes in the order [plans, assets, horizons, targets, quantiles]?"
        )


def _check_hazard(forecast: Forecast) -> None:
    hazard = forecast.hazard
    wrong = np.argwhere(~((hazard >= 0.0) & (hazard <= 1.0 + ROUNDING)))
    if len(wrong):
        where = _place(wrong[0], ("plan", "asset", "bin", "mode"))
        raise AnswerError(f"hazard = {hazard[tuple(wrong[0])]} at {where}: must be a probability in [0, 1]")
    total = hazard.sum(-1)
    if total.size and total.max() > 1.0 + ROUNDING:
        raise AnswerError(f"hazard adds up to {total.max():g} over the modes of a bin: must be at most 1")


def _place(index: Any, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {int(i)}" for name, i in zip(names, index, strict=True))
