"""What every surrogate must hold to, see twin.surrogates.base.Surrogate."""

from __future__ import annotations

from typing import Any

import numpy as np

from twin.lab.check.finding import ContractCheck, FaultError
from twin.lab.check.short_runs import turns_of
from twin.lab.check.subject import CheckedChoice
from twin.lab.check.twin_checks import check_members, is_a_value, is_repeatable
from twin.surrogates.checked_forecast import check_forecast

TICKS = 24  # enough for labels to come true and be learned from
EVERY = 4  # ticks between two looks at a forecast
MEMBERS = ("context", "windows", "forecast", "learn")


def _has_the_methods(subject: CheckedChoice) -> None:
    check_members(subject.pair()[1].surrogate, MEMBERS, "twin.surrogates.base.Surrogate")


def _forecasts_distributions(subject: CheckedChoice) -> None:
    _watched(subject, _look_no_further)


def _changes_no_inputs(subject: CheckedChoice) -> None:
    """Inputs and plans are the same bytes after a forecast."""
    plant, twin = subject.pair()
    forecast = twin.surrogate.forecast

    def watched(inputs: Any, plans: Any) -> Any:
        before = inputs.features.copy(), inputs.levels.copy(), plans.copy()
        answer = forecast(inputs, plans)
        for name, old, new in zip(
            ("inputs.features", "inputs.levels", "plans"), before, (inputs.features, inputs.levels, plans), strict=True
        ):
            if not np.array_equal(old, new, equal_nan=True):
                raise FaultError(f"forecast changes {name}: must copy what it changes")
        return answer

    twin.surrogate.forecast = watched
    turns_of(plant, twin, EVERY)


def _asking_changes_nothing(subject: CheckedChoice) -> None:
    """The same question twice in a tick has the same answer."""

    def ask_again(twin: Any, inputs: Any, plans: Any, forecast: Any) -> None:
        again = twin.surrogate.forecast(inputs, plans)
        same = np.array_equal(forecast.quantiles, again.quantiles, equal_nan=True)
        if not same or not np.array_equal(forecast.hazard, again.hazard):
            raise FaultError("the same question twice in a tick has two answers: asking must change nothing")

    _watched(subject, ask_again)


def _learns(subject: CheckedChoice) -> None:
    plant, twin = subject.pair()
    losses = [turn[3] for turn in turns_of(plant, twin, TICKS)]
    for row in losses:
        wrong = [name for name, value in row.items() if not isinstance(value, int | float)]
        if wrong:
            raise FaultError(f"learn() returns {wrong[0]} = {row[wrong[0]]!r}: must be losses by name, numbers")


def _watched(subject: CheckedChoice, look: Any) -> None:
    """Run a twin on a plant and check every answer to one and to three plans."""
    plant, twin = subject.pair()
    for _ in range(TICKS // EVERY):
        turns_of(plant, twin, EVERY)
        if twin.latest is None:
            raise FaultError("the twin was asked for no forecast")
        hold = twin.window.hold()
        for plans in ([hold], [hold, *(_order(hold, asset) for asset in (0, 1))]):
            encoded = twin.encoder.encode(plans, closed=True)
            forecast = twin.surrogate.forecast(twin.latest, encoded)
            check_forecast(forecast, surrogate=twin.surrogate, shape=twin.shape, plans=len(plans))
            if np.any(forecast.failure_within(36) < forecast.failure_within(6) - 1e-9):
                raise FaultError("the chance of failing falls with the horizon")
            look(twin, twin.latest, encoded, forecast)


def _look_no_further(*_: Any) -> None:
    """The shape is checked for every answer."""


def _order(plan: Any, asset: int) -> Any:
    return plan.with_order(min(asset, len(plan.orders) - 1))


def _is_a_value(subject: CheckedChoice) -> None:
    is_a_value(subject)


CHECKS = (
    ContractCheck("it is built, and has the methods of a surrogate", _has_the_methods, vital=True),
    ContractCheck("forecasts are distributions of the right shape", _forecasts_distributions, vital=True),
    ContractCheck("asking changes nothing", _asking_changes_nothing),
    ContractCheck("inputs are left as they are", _changes_no_inputs),
    ContractCheck("losses are numbers by name", _learns),
    ContractCheck("the same seed forecasts the same", is_repeatable),
    ContractCheck("saved and taken up, it goes on the same", _is_a_value),
)
