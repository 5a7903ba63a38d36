"""Plans as numbers: what a surrogate conditions its forecast on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats, Plan
from twin.layout import Layout


class PlanEncoder:
    """Encodes planned actions, and in hindsight those carried out, in the same columns.

    Columns, with H horizons and S setpoints: first 3 H for work orders (within the horizon or not, share of the
    horizon after it, share of all assets ordered) and one that says whether the plan is *closed*, then 2 S H for
    setpoints (own, plant's mean; relative to the default, in units of the range, mean over the horizon).

    A closed plan is all that will be done within the horizon: the question of a what-if, and what hindsight knows. An
    open plan is what is done now, after which the policy goes on: the forecast of what will really happen.
    """

    def __init__(self, *, layout: Layout, horizons: Sequence[int]) -> None:
        self.horizons = np.asarray(horizons, dtype=float)
        self._low, self._high, self._default = layout.setpoint_bounds()
        self._range = np.where(self._high > self._low, self._high - self._low, 1.0)
        self._has = layout.setpoint_table >= 0
        self.order_columns = 3 * len(self.horizons) + 1
        self.columns = self.order_columns + 2 * len(layout.setpoints) * len(self.horizons)

    def encode(self, plans: Sequence[Plan], *, closed: bool) -> NDArray[np.float32]:
        """[plans, assets, columns]; setpoints are held over the whole horizon."""
        orders = np.stack([plan.orders for plan in plans])[:, :, None]
        setpoints = np.stack([plan.setpoints for plan in plans])[:, :, None, :]
        setpoints = np.repeat(setpoints, len(self.horizons), axis=2)
        return self._columns(np.repeat(orders, len(self.horizons), axis=2), setpoints, closed)

    def realised(self, orders: Floats, setpoints: Floats) -> NDArray[np.float32]:
        """[assets, columns] from orders [assets, horizons] (ticks, inf = none) and mean setpoints [assets, H, S]."""
        result: NDArray[np.float32] = self._columns(orders[None], setpoints[None], True)[0]
        return result

    def decode(self, encoded: NDArray[np.float32]) -> list[Plan]:
        """The plans that `encode` was given, but for their names and for orders beyond the longest horizon."""
        count, setpoints = len(self.horizons), self._default.shape[1]
        within, after = encoded[..., count - 1] > 0.5, encoded[..., 2 * count - 1].astype(float)
        orders = np.where(within, np.round(self.horizons[-1] * (1.0 - after), 3), np.inf)  # of single precision
        last = self.order_columns + (count - 1) * setpoints
        moved = encoded[..., last : last + setpoints].astype(float)
        values = np.clip(self._default + moved * self._range, self._low, self._high)
        return [Plan("decoded", own, held) for own, held in zip(orders, values, strict=True)]

    def _columns(self, orders: Floats, setpoints: Floats, closed: bool) -> NDArray[np.float32]:
        within = (orders < self.horizons).astype(float)
        after = np.clip((self.horizons - orders) / self.horizons, 0.0, 1.0)
        share = np.broadcast_to(within.mean(1, keepdims=True), within.shape)
        moved = np.nan_to_num((setpoints - self._default[:, None, :]) / self._range[:, None, :])
        mean = moved.sum(1, keepdims=True) / np.maximum(self._has.sum(0), 1)
        flat = (*orders.shape[:2], -1)
        flag = np.full((*orders.shape[:2], 1), float(closed))
        parts = [within, after, share, flag, moved.reshape(flat), np.broadcast_to(mean, moved.shape).reshape(flat)]
        return np.concatenate(parts, axis=-1).astype(np.float32)
