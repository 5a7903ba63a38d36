"""What a plan is worth: the expected objective over the horizon, from what the twin knows of each part of it.

    worth = H m(hold) + shrunk(H [m(setpoints) - m(hold)]) + sum over the plan's orders of order_gain

m is the learned mean of the objective's rate with nobody ordered, and failures are in it: an order only adds what it changes.
One plant-level number of few independent days says little of what an order does to one asset; hazards, learned from
every asset and every tick, and the economics of the contract say more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.contract import OrderCost, PlantSpec
from twin.forecast import Floats, Forecast, Plan
from twin.layout import Layout
from twin.lives import DOWN, UP, Lives
from twin.policies.base import Predict
from twin.renewal import fresh_hazard
from twin.window import Window


class Worth:
    """The expected objective of plans for one plant, the larger the better. Raises ValueError where it is not forecast."""

    def __init__(self, *, spec: PlantSpec) -> None:
        self._spec, self._layout = spec, Layout(spec)
        index = spec.signal_index.get(spec.objective.signal)
        if index is None or not spec.signals[index].forecast:
            raise ValueError("worth: the plant's objective is no signal that is forecast")
        self._orders = [(spec.asset_index[order.asset], order) for order in spec.objective.orders]

    def of(self, plans: Sequence[Plan], window: Window, predict: Predict) -> Floats:
        """[plans] objective in its own unit times its sense, over the longest horizon from now. Asks `predict` once."""
        hold = window.hold()
        held: dict[bytes, int] = {hold.setpoints.tobytes(): 0}
        which = [held.setdefault(plan.setpoints.tobytes(), len(held)) for plan in plans]
        bare = [replace(hold, setpoints=np.frombuffer(key).reshape(hold.setpoints.shape)) for key in held]
        forecast = predict(bare)
        result: Floats = self._learned(forecast, window.tick)[which]
        return result + self._ordered(plans, forecast, np.array(which), window)

    def _learned(self, forecast: Forecast, ticks: int) -> Floats:
        """[plans] of setpoints only, the first of them those in force."""
        horizon = forecast.horizons[-1]
        total = horizon * objective_mean(forecast, self._spec, self._layout)
        spread = horizon * objective_spread(forecast, self._spec, self._layout)[0]
        result: Floats = total[0] + shrunk(total - total[0], 2.0 * spread * np.sqrt(horizon / max(ticks, 1)))
        return result

    def _ordered(self, plans: Sequence[Plan], forecast: Forecast, which: NDArray[np.intp], window: Window) -> Floats:
        """[plans] what their orders add."""
        gain, horizon, tick = np.zeros(len(plans)), forecast.horizons[-1], self._spec.tick
        waits = np.stack([plan.orders for plan in plans])
        due = [(a, cost) for a, cost in self._orders if np.isfinite(waits[:, a]).any()]
        fresh = np.exp(-fresh_hazard(
            window.lives, [a for a, _ in self._orders], now=window.now, ages=tick * np.arange(horizon + 1.0),
        ))  # fmt: skip
        rows = {a: row for row, (a, _) in enumerate(self._orders)}
        alone = standing(forecast, horizon) if due else np.zeros(0)
        for asset, cost in due:
            back = ticks_until_back(window.lives, asset, cost, now=window.now, tick=tick)
            for ticks in np.unique(waits[np.isfinite(waits[:, asset]), asset]):
                here = np.flatnonzero(waits[:, asset] == ticks)
                survival = alone[which[here], asset]
                gain[here] += order_gain(cost, survival, fresh[rows[asset]], ticks=ticks, tick=tick, back=back)
        return gain


def objective_mean(forecast: Forecast, spec: PlantSpec, layout: Layout) -> Floats:
    """[plans] mean of the objective's rate over the longest horizon, the larger the better, from its quantiles.

    The quantile function is taken for piecewise linear, and flat beyond the outermost levels. Raises ValueError where
    the plant has no objective that is forecast.
    """
    levels = np.asarray(forecast.levels)
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    result: Floats = spec.objective.sense * _objective(forecast, spec, layout) @ np.diff(edges)
    return result


def objective_spread(forecast: Forecast, spec: PlantSpec, layout: Layout) -> Floats:
    """[plans] standard deviation of the same, as if it were normal between its outermost levels."""
    quantiles, levels = _objective(forecast, spec, layout), forecast.levels
    result: Floats = (quantiles[:, -1] - quantiles[:, 0]) / (
        NormalDist().inv_cdf(levels[-1]) - NormalDist().inv_cdf(levels[0])
    )
    return result


def _objective(forecast: Forecast, spec: PlantSpec, layout: Layout) -> Floats:
    """[plans, quantiles] of the longest horizon."""
    index = spec.signal_index.get(spec.objective.signal)
    if index is None or not spec.signals[index].forecast:
        raise ValueError("worth: the plant's objective is no signal that is forecast")
    asset, slot = layout.signal_asset[index], layout.signal_slot[index]
    return forecast.quantiles[:, asset, -1, layout.targets.index(int(slot))]


def shrunk(effect: Floats, error: float) -> Floats:
    """[plans] effect (1 - (error / effect)^2)+: what a noisy difference is good for (James & Stein 1961, positive part).

    error: its standard error, here 2 s sqrt(H / n): of the difference of two means of H ticks of spread s, when half of the n
    ticks that were learned from lie on either side.
    """
    ratio = np.divide(error, effect, out=np.full_like(effect, np.inf), where=effect != 0)
    result: Floats = effect * np.where(np.abs(ratio) < 1, 1 - np.minimum(np.abs(ratio), 1.0) ** 2, 0.0)
    return result


def standing(forecast: Forecast, horizon: int) -> Floats:
    """[plans, assets, horizon + 1] chance that an asset left alone still stands after 0, 1 ... ticks.

    log survival is interpolated inside a bin; beyond the last edge the last bin's hazard goes on.
    """
    edges, log = np.asarray(forecast.edges), np.log(np.maximum(forecast.survival(), 1e-12))
    ticks = np.arange(horizon + 1.0)
    right = np.clip(np.searchsorted(edges, ticks), 1, len(edges) - 1)
    share = (ticks - edges[right - 1]) / (edges[right] - edges[right - 1])
    result: Floats = np.exp(log[..., right - 1] + share * (log[..., right] - log[..., right - 1]))
    return result


def ticks_until_back(lives: Lives, asset: int, cost: OrderCost, *, now: float, tick: float) -> float:
    """0 where the asset stands; else the mean time of its job less what has passed, at least a tick."""
    if lives.state[asset] == UP:
        return 0.0
    job = cost.corrective_time if lives.state[asset] == DOWN else cost.preventive_time
    return float(max((job - (now - lives.since[asset])) / tick, 1.0))


def order_gain(
    cost: OrderCost, survival: Floats, fresh: Floats, *, ticks: float, tick: float, back: float = 0.0
) -> Floats:
    """[plans] what a work order after `ticks` adds to the objective over the horizon H, the larger the better.

    survival: [plans, H + 1] of the asset left alone, 1 first. fresh: [H + 1] survival of one just renewed. With f = -dS,
    standing at o with chance S(o), planned work costs p(o) = c_p + d min(T_p, H - o) and a failure at u costs
    q(u) = c_f + d min(T_c, H - u); either renews, and r(n) is what a fresh asset's first failure costs in n ticks:

        gain = sum_{u > o} f(u) [q(u) + r(H - u - T_c)] - S(o) [p(o) + r(H - o - T_p)] - p(o) sum_{u + T_c <= o} f(u)

    The last sum: it fails before, is repaired and then renewed for nothing. Where it is down at o, the order is refused.
    back: ticks until an asset that does not stand now is back and as new; then an order costs p and gains nothing.
    """
    horizon = len(fresh) - 1
    if not ticks < horizon:
        return np.zeros(len(survival))
    at = round(ticks)
    planned = cost.preventive_cost + cost.downtime_cost * min(cost.preventive_time, (horizon - at) * tick)
    if back > 0:
        return np.full(len(survival), -planned if at >= back else 0.0)
    when = np.arange(1, horizon + 1)
    failure = cost.corrective_cost + cost.downtime_cost * np.minimum(
        cost.corrective_time, (horizon - when + 0.5) * tick
    )
    again = _again(failure, fresh)
    fails = -np.diff(survival, axis=1)
    repair, work = cost.corrective_time / tick, cost.preventive_time / tick
    lost = failure + again[np.maximum(horizon - when - round(repair), 0)]
    avoided = fails[:, at:] @ lost[at:]
    in_vain = fails[:, : max(at - round(repair), 0)].sum(1)
    anew = again[max(horizon - at - round(work), 0)]
    result: Floats = avoided - survival[:, at] * (planned + anew) - planned * in_vain
    return result


def _again(failure: Floats, fresh: Floats) -> Floats:
    """[H + 1] expected cost of a fresh asset's first failure when n ticks are left. failure: [H] cost of one at tick 1 ... H."""
    horizon, fails = len(failure), -np.diff(fresh)
    found: Floats = np.array([0.0, *(float(fails[:n] @ failure[horizon - n :]) for n in range(1, horizon + 1))])
    return found
