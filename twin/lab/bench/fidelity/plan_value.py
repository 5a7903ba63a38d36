"""What a plan is worth: the expected objective over the horizon, from what the twin knows of each part of it.

    worth = H m(hold) + setpoints + sum over the plan's orders of order_gain
    setpoints = a + shrunk(H [m(setpoints) - m(hold)] - a),  a = sum over assets of L(hold) - L(setpoints)

m is the learned mean of the objective's rate with nobody ordered, and failures are in it: an order only adds what it
changes. L is what an asset's failures cost within H, when it ages as its setpoints have it age (Ageing). The learned
difference counts as far as it differs from a by more than the error that so few moves leave in it (Moves). One
plant-level number of few independent days says little of what is done to one asset; hazards and lives, learned from
every asset and every tick, and the economics of the contract say more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.contract import OrderCost, PlantSpec
from twin.forecast import Floats, Forecast, Plan, Predict
from twin.lab.bench.fidelity.accelerated_life import AcceleratedLife
from twin.lab.bench.fidelity.fresh_hazard import fresh_hazard
from twin.lab.bench.fidelity.setpoint_history import SetpointHistory
from twin.layout import Layout
from twin.sensing.lives import DOWN, UP, Lives
from twin.sensing.window import Window
from twin.state import SavedFields


class PlanValue(SavedFields):
    """The expected objective of plans for one plant, the larger the better.

    Raises ValueError where the objective is not forecast.
    """

    STATE_FIELDS = ("_ageing", "_moves")

    def __init__(self, *, spec: PlantSpec) -> None:
        self._spec, self._layout, self._ageing = spec, Layout(spec), AcceleratedLife(spec=spec)
        self._moves = SetpointHistory(assets=len(spec.assets), slots=len(self._layout.setpoints))
        index = spec.signal_index.get(spec.objective.signal)
        if index is None or not spec.signals[index].forecast:
            raise ValueError("worth: the plant's objective is no signal that is forecast")
        self._orders = [(spec.asset_index[order.asset], order) for order in spec.objective.orders]

    def observe(self, window: Window) -> None:
        """Take a tick that has been closed; once for every tick."""
        self._ageing.observe(window)
        self._moves.observe(self._ageing.moved(window.setpoints))

    def of(self, plans: Sequence[Plan], window: Window, predict: Predict) -> Floats:
        """[plans] objective in its unit times its sense, over the longest horizon from now. Asks `predict` once."""
        hold = window.hold()
        held: dict[bytes, int] = {hold.setpoints.tobytes(): 0}
        which = np.array([held.setdefault(plan.setpoints.tobytes(), len(held)) for plan in plans])
        setpoints = np.stack([np.frombuffer(key).reshape(hold.setpoints.shape) for key in held])
        forecast = predict([replace(hold, setpoints=one) for one in setpoints])
        failing, ordered = self._assets(np.stack([plan.orders for plan in plans]), which, setpoints, forecast, window)
        result: Floats = self._learned(forecast, self._ageing.moved(setpoints), failing)[which] + ordered
        return result

    def _learned(self, forecast: Forecast, moved: Floats, failing: Floats) -> Floats:
        """[setpoints], the first of them those in force. moved: [setpoints, assets, slots] from the default, in ranges.
        failing: [setpoints] what failures cost by ageing.
        """
        horizon, known = forecast.horizons[-1], failing[0] - failing
        total = horizon * objective_mean(forecast, self._spec, self._layout)
        spread = horizon * objective_spread(forecast, self._spec, self._layout)[0]
        leverage = self._moves.leverage(moved - moved[0], horizon)
        error = np.where(np.isinf(leverage), np.inf, spread * np.where(np.isinf(leverage), 0.0, leverage))
        result: Floats = total[0] + known + shrunk(total - total[0] - known, error)
        return result

    def _assets(
        self, waits: Floats, which: NDArray[np.intp], setpoints: Floats, forecast: Forecast, window: Window
    ) -> tuple[Floats, Floats]:
        """([setpoints] what failures cost, [plans] what orders add). waits: [plans, assets] ticks. which: [plans]."""
        lives, tick, horizon = window.lives, self._spec.tick, forecast.horizons[-1]
        failing, gain = np.zeros(len(setpoints)), np.zeros(len(waits))
        moved = self._ageing.moved(setpoints) @ self._ageing.slopes(window)
        pace, faster = np.exp(moved), np.exp(moved - moved[:1])  # than at the default, than now
        alone = forecast.survival_at(np.arange(horizon + 1.0))[0]
        ages = tick * np.arange(horizon + 1.0)
        hazard = fresh_hazard(lives, [a for a, _ in self._orders], now=window.now, ages=ages)
        for (asset, cost), ahead in zip(self._orders, hazard, strict=True):
            survival = np.exp(_stretched(np.log(alone[asset]), faster[:, asset]))
            fresh = np.exp(-_stretched(ahead, pace[:, asset]))
            back = ticks_until_back(lives, asset, cost, now=window.now, tick=tick)
            failing += failure_loss(cost, survival, fresh, tick=tick, back=back)
            for ticks in np.unique(waits[np.isfinite(waits[:, asset]), asset]):
                here = np.flatnonzero(waits[:, asset] == ticks)
                rows = which[here]
                gain[here] += order_gain(cost, survival[rows], fresh[rows], ticks=ticks, tick=tick, back=back)
        return failing, gain


def _stretched(cumulative: Floats, pace: Floats) -> Floats:
    """[plans, H + 1] a curve by tick [H + 1], run through `pace` [plans] as fast; its last slope goes on."""
    horizon = len(cumulative) - 1
    when = pace[:, None] * np.arange(horizon + 1.0)
    beyond = np.maximum(when - horizon, 0.0) * (cumulative[-1] - cumulative[-2])
    return np.asarray(np.interp(when, np.arange(horizon + 1.0), cumulative) + beyond)


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


def shrunk(effect: Floats, error: Floats) -> Floats:
    """[plans] effect (1 - (error / effect)^2)+: a noisy difference, shrunk (James & Stein 1961, positive part).

    error: [plans] its standard error.
    """
    ratio = np.divide(error, np.abs(effect), out=np.full_like(effect, np.inf), where=effect != 0)
    result: Floats = effect * (1 - np.minimum(ratio, 1.0) ** 2)
    return result


def ticks_until_back(lives: Lives, asset: int, cost: OrderCost, *, now: float, tick: float) -> float:
    """Ticks until the asset is up: 0 if it is, else the mean time of its job less the time passed, at least one."""
    if lives.state[asset] == UP:
        return 0.0
    job = cost.corrective_time if lives.state[asset] == DOWN else cost.preventive_time
    return float(max((job - (now - lives.since[asset])) / tick, 1.0))


def order_gain(
    cost: OrderCost, survival: Floats, fresh: Floats, *, ticks: float, tick: float, back: float = 0.0
) -> Floats:
    """[plans] what a work order after `ticks` adds to the objective over the horizon H, the larger the better.

    survival: [plans, H + 1] of the asset left alone, 1 first. fresh: [plans, H + 1] of one just renewed. With f = -dS,
    standing at o with chance S(o), planned work costs p(o) = c_p + d min(T_p, H - o) and a failure at u costs
    q(u) = c_f + d min(T_c, H - u); either renews, and r(n) is what a fresh asset's first failure costs in n ticks:

        gain = sum_{u > o} f(u) [q(u) + r(H - u - T_c)] - S(o) [p(o) + r(H - o - T_p)] - p(o) sum_{u + T_c <= o} f(u)

    The last sum: it fails before, is repaired and then renewed for nothing. Where it is down at o, the order is
    refused. back: ticks until an asset that does not stand now is back and as new; then an order costs p and gains
    nothing.
    """
    horizon = survival.shape[1] - 1
    if not ticks < horizon:
        return np.zeros(len(survival))
    at = round(ticks)
    planned = cost.preventive_cost + cost.downtime_cost * min(cost.preventive_time, (horizon - at) * tick)
    if back > 0:
        return np.full(len(survival), -planned if at >= back else 0.0)
    again, fails = renewed_loss(cost, fresh, tick), -np.diff(survival, axis=1)
    repair, work = round(cost.corrective_time / tick), round(cost.preventive_time / tick)
    avoided = (fails * _each_loss(cost, again, tick))[:, at:].sum(1)
    in_vain = fails[:, : max(at - repair, 0)].sum(1)
    anew = again[:, max(horizon - at - work, 0)]
    result: Floats = avoided - survival[:, at] * (planned + anew) - planned * in_vain
    return result


def failure_loss(cost: OrderCost, survival: Floats, fresh: Floats, *, tick: float, back: float = 0.0) -> Floats:
    """[plans] what an asset's failures cost within the horizon if it is left alone; arguments as of order_gain."""
    again, horizon = renewed_loss(cost, fresh, tick), survival.shape[1] - 1
    if back > 0:
        return again[:, max(horizon - round(back), 0)]
    result: Floats = (-np.diff(survival, axis=1) * _each_loss(cost, again, tick)).sum(1)
    return result


def renewed_loss(cost: OrderCost, fresh: Floats, tick: float) -> Floats:
    """[plans, H + 1] r(n): expected cost of a fresh asset's first failure when n ticks are left."""
    horizon, failure = fresh.shape[1] - 1, _failure(cost, fresh.shape[1] - 1, tick)
    left, age = np.arange(horizon + 1)[:, None], np.arange(horizon)[None]
    each = np.where(age < left, failure[np.clip(horizon - left + age, 0, horizon - 1)], 0.0)
    result: Floats = -np.diff(fresh, axis=1) @ each.T
    return result


def _failure(cost: OrderCost, horizon: int, tick: float) -> Floats:
    """[H] cost of a failure in tick 1 ... H, its standstill within the horizon."""
    left = horizon - np.arange(1, horizon + 1) + 0.5
    return np.asarray(cost.corrective_cost + cost.downtime_cost * np.minimum(cost.corrective_time, left * tick))


def _each_loss(cost: OrderCost, again: Floats, tick: float) -> Floats:
    """[plans, H] cost of a failure in tick 1 ... H and of the one that may follow."""
    horizon = again.shape[1] - 1
    after = np.maximum(horizon - np.arange(1, horizon + 1) - round(cost.corrective_time / tick), 0)
    result: Floats = _failure(cost, horizon, tick) + again[:, after]
    return result
