"""`what_if`: what the twin expects of named plans, as a table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from twin.forecast import Plan
from twin.lab.errors import UserError
from twin.surrogates.no_forecast import NoForecast

if TYPE_CHECKING:
    import pandas as pd

    from twin.forecast import Forecast
    from twin.twin import Twin

HOUR = 3600.0  # s
Changes = Mapping[str, float]


def what_if(twin: Twin, plans: Mapping[str, Changes] | Sequence[Plan]) -> pd.DataFrame:
    """What the twin expects if each plan is all that is done, as of its last tick.

    plans: by name, what to do by actuator key: for a work order the ticks until it starts (0: now), for a setpoint its
    value; what is not named stays as it is. Or Plan objects.

    One row for each plan, asset, target and horizon: `ticks` and `hours` ahead, quantiles `q05` to `q95` in the
    target's unit (a counter's is its mean rate per tick), and `failure`, the probability that the asset fails by then
    if it is left alone. Asking changes neither twin nor plant: no later forecast or decision depends on it.
    Raises UserError before the first tick, for an unknown actuator and for a value out of its range.

    >>> from twin.lab import make, step, what_if
    >>> plant, twin = make(surrogate="linear"); turn = step(plant, twin)
    >>> sorted(set(what_if(twin, {"go on": {}, "renew": {"saw_1.maintain": 0}}).plan))
    ['go on', 'renew']
    """
    if isinstance(twin.surrogate, NoForecast):
        raise UserError("what_if: surrogate = none: there is nobody to ask; make the twin with another surrogate")
    if twin.latest is None:
        raise UserError("what_if: the twin has seen no tick yet; step plant and twin first")
    _readable(plans)
    asked = [_plan(twin, *item) for item in plans.items()] if isinstance(plans, Mapping) else list(plans)
    if not asked:
        raise UserError("what_if: no plans; ask at least one, {'go on': {}}")
    return table(twin, asked, twin.predict(twin.latest, asked))


def _readable(plans: Any) -> None:
    """Whether plans are what `what_if` takes, told by name before any is read."""
    if isinstance(plans, Mapping):
        for name, changes in plans.items():
            if not isinstance(changes, Mapping):
                raise UserError(f"what_if: {name} = {changes!r}: must be values by actuator, {{'saw_1.maintain': 0}}")
    elif isinstance(plans, str) or not isinstance(plans, Sequence) or not all(isinstance(p, Plan) for p in plans):
        raise UserError(f"what_if: plans = {plans!r}: must be plans by name, {{'go on': {{}}}}, or Plan objects")


def _plan(twin: Twin, name: str, changes: Changes) -> Plan:
    """The plan that goes on as now but for the changes."""
    spec, layout, now = twin.spec, twin.window.layout, twin.window.hold()
    orders, setpoints = now.orders, now.setpoints
    for key, value in changes.items():
        if key not in spec.actuator_index:
            raise UserError(f"what_if: {name}: {key} is no actuator; there are {', '.join(spec.actuator_index)}")
        actuator = spec.actuators[spec.actuator_index[key]]
        asset = spec.asset_index[actuator.asset]
        if actuator.kind == "work_order":
            _within(name, key, value, 0.0, math.inf)
            orders[asset] = value
        else:
            _within(name, key, value, actuator.low, actuator.high)
            setpoints[asset, layout.setpoints.index(actuator.name)] = value
    return Plan(name, orders, setpoints)


def _within(name: str, key: str, value: object, low: float, high: float) -> None:
    if not isinstance(value, Real) or not low <= float(value) <= high:
        allowed = f"in [{low:g}, {high:g}]" if high < math.inf else "a number of ticks >= 0"
        raise UserError(f"what_if: {name}: {key} = {value!r}: must be {allowed}")


def table(twin: Twin, plans: Sequence[Plan], forecast: Forecast) -> pd.DataFrame:
    """A forecast of plans as rows."""
    import pandas as pd

    wanted = np.array(twin.window.layout.target_table)
    wanted[~wanted.any(1), :1] = True  # an asset without a target has one row, for its failure
    failure = np.stack([forecast.failure_within(ticks) for ticks in forecast.horizons], axis=-1)
    rows = []
    for (asset, target), (number, plan), (place, ticks) in itertools.product(
        np.argwhere(wanted), enumerate(plans), enumerate(forecast.horizons)
    ):
        where = plan.name, twin.spec.assets[asset].name, forecast.targets[target], ticks, ticks * twin.spec.tick / HOUR
        rows.append((*where, *forecast.quantiles[number, asset, place, target], failure[number, asset, place]))
    levels = [f"q{round(100 * level):02d}" for level in forecast.levels]
    return pd.DataFrame(rows, columns=["plan", "asset", "target", "ticks", "hours", *levels, "failure"])
