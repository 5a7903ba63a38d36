"""Plans as numbers: what a surrogate conditions its forecast on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.columns import PlanColumns
from twin.forecast import Floats, Plan
from twin.layout import Layout


class PlanEncoder:
    """Encodes planned actions, and in hindsight those carried out, in the same columns; see PlanColumns.

    A closed plan lists every action within the horizon: it is used for what-ifs and in hindsight. An open plan lists
    the actions of now, after which the policy goes on: it is used for the forecasts that are scored.
    """

    def __init__(self, *, layout: Layout, horizons: Sequence[int]) -> None:
        self.columns = PlanColumns(horizons=horizons, setpoints=layout.setpoints)
        self._layout, self._horizons = layout, np.asarray(horizons, dtype=float)
        self._has = layout.setpoint_table >= 0

    def encode(self, plans: Sequence[Plan], *, closed: bool) -> NDArray[np.float32]:
        """[plans, assets, columns]; setpoints are held over the whole horizon."""
        orders = np.stack([plan.orders for plan in plans])[:, :, None]
        setpoints = np.stack([plan.setpoints for plan in plans])[:, None]
        count = len(self._horizons)
        return self._encoded(np.repeat(orders, count, axis=2), np.repeat(setpoints, count, axis=1), closed)

    def realised(self, orders: Floats, setpoints: Floats) -> NDArray[np.float32]:
        """[assets, columns] from orders [assets, horizons] (ticks, inf = none), setpoints [horizons, assets, S]."""
        result: NDArray[np.float32] = self._encoded(orders[None], setpoints[None], True)[0]
        return result

    def decode(self, encoded: NDArray[np.float32]) -> list[Plan]:
        """The inverse of `encode`, without names and without orders beyond the longest horizon."""
        last = len(self._horizons) - 1
        within, after, moved = (encoded[..., self.columns.of(block, last)] for block in ("within", "after", "own"))
        ticks = np.round(self._horizons[-1] * (1.0 - after[..., 0].astype(float)), 3)  # of single precision
        orders = np.where(within[..., 0] > 0.5, ticks, np.inf)
        setpoints = self._layout.natural(moved.astype(float))
        return [Plan("decoded", *values) for values in zip(orders, setpoints, strict=True)]

    def _encoded(self, orders: Floats, setpoints: Floats, closed: bool) -> NDArray[np.float32]:
        """orders: [plans, assets, H]; setpoints: [plans, H, assets, S]."""
        within = (orders < self._horizons).astype(float)
        moved = np.ascontiguousarray(np.nan_to_num(self._layout.normalised(setpoints)).swapaxes(1, 2))
        mean = moved.sum(1, keepdims=True) / np.maximum(self._has.sum(0), 1)
        flat = (*orders.shape[:2], -1)
        blocks = {
            "within": within,
            "after": np.clip((self._horizons - orders) / self._horizons, 0.0, 1.0),
            "share": np.broadcast_to(within.mean(1, keepdims=True), within.shape),
            "closed": np.full((*orders.shape[:2], 1), float(closed)),
            "own": moved.reshape(flat),
            "mean": np.broadcast_to(mean, moved.shape).reshape(flat),
        }
        return self.columns.join(blocks).astype(np.float32)
