"""What a surrogate says about the future under a plan: distributions, never point values or networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
FLOOR = 1e-12  # probability, so that its logarithm is finite


@dataclass(frozen=True, slots=True)
class Plan:
    """What the twin intends to do from now on.

    orders: [assets] ticks until each asset's work order starts, inf where none is planned.
    setpoints: [assets, setpoints] values in natural units, held over the horizon (NaN where an asset has none).
    """

    name: str
    orders: Floats
    setpoints: Floats

    def with_order(self, asset: int, ticks: float = 0.0) -> Self:
        """The same plan, with one more work order."""
        orders = self.orders.copy()
        orders[asset] = ticks
        return replace(self, name=f"{self.name}+order[{asset}]", orders=orders)

    def with_setpoint(self, asset: int, slot: int, value: float) -> Self:
        """The same plan, with one setpoint moved."""
        setpoints = self.setpoints.copy()
        setpoints[asset, slot] = value
        return replace(self, name=f"{self.name}+setpoint[{asset},{slot}]={value:g}", setpoints=setpoints)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Distributions for every plan.

    quantiles: [plans, assets, horizons, targets, quantiles], natural units (a counter's value is its mean rate per
    tick over the horizon), non-decreasing along the last axis, NaN where an asset has no such target.
    hazard: [plans, assets, bins, modes], probability that the asset fails in that mode within the bin, given that it
    stood at the bin's start and is left alone until then. edges: [bins + 1] ticks, edges[0] = 0.
    members: of a forecast pooled from several, what each of them says at least of the first plan; empty for others.
    """

    horizons: tuple[int, ...]
    targets: tuple[str, ...]
    edges: tuple[float, ...]
    quantiles: Floats
    hazard: Floats
    levels: tuple[float, ...] = QUANTILES
    members: tuple[Forecast, ...] = ()

    @property
    def median(self) -> Floats:
        """[plans, assets, horizons, targets]."""
        return self.quantiles[..., self.levels.index(0.5)]

    def survival(self) -> Floats:
        """[plans, assets, bins + 1] probability of standing at each edge; 1 at the first."""
        stay = np.clip(1.0 - self.hazard.sum(-1), 0.0, 1.0)
        return np.concatenate([np.ones((*stay.shape[:-1], 1)), np.cumprod(stay, -1)], -1)

    def survival_at(self, ticks: Floats) -> Floats:
        """[plans, assets, ticks] probability of standing after each of `ticks`, left alone; see failure_within."""
        result: Floats = np.exp(self._log_survival_at(ticks))
        return result

    def failure_within(self, ticks: float) -> Floats:
        """[plans, assets] probability of failing within `ticks`, left alone.

        Log survival is interpolated inside a bin; beyond the last edge the last bin's hazard goes on.
        """
        result: Floats = -np.expm1(self._log_survival_at(np.array([ticks]))[..., 0])
        return result

    def _log_survival_at(self, ticks: Floats) -> Floats:
        log_survival = np.log(np.maximum(self.survival(), FLOOR))
        edges = np.asarray(self.edges)
        right = np.clip(np.searchsorted(edges, ticks), 1, len(edges) - 1)
        share = (ticks - edges[right - 1]) / (edges[right] - edges[right - 1])
        low, high = log_survival[..., right - 1], log_survival[..., right]
        result: Floats = low + share * (high - low)
        return result

    def restricted_mean(self) -> Floats:
        """[plans, assets] mean remaining life restricted to the last edge, ticks: ∫ S (trapezoids).

        Source: Royston & Parmar 2013, restricted mean survival time.
        """
        result: Floats = np.trapezoid(self.survival(), np.asarray(self.edges), axis=-1)
        return result


Predict = Callable[[Sequence[Plan]], Forecast]  # what each of several plans would lead to
