"""The peak charge: what the highest import of a billing period costs, and how high it has been in this one."""

from __future__ import annotations

import numpy as np

from sim.contract import Action, PlantSpec
from twin.layout import Layout
from twin.sensing.window import Window
from twin.state import Kept


class PeakWatch(Kept):
    """Follows the highest import of the billing period, from the grid's own meter.

    price: currency per kW, 0 where the objective prices no peak or the plant has no grid. peak: kW so far in the period.
    """

    KEPT = ("peak", "_number")

    def __init__(self, *, spec: PlantSpec) -> None:
        grids = [asset for asset in spec.assets if asset.type == "grid"]
        layout = Layout(spec)
        self._spec, self.peak, self._number = spec, 0.0, 0
        self.price = spec.objective.prices.get("peak", 0.0) if grids and "power" in layout.slots else 0.0
        if self.price:
            grid = grids[0]
            self._place = spec.asset_index[grid.name], layout.slots.index("power")
            self._period = grid.nameplate.get("peak_period", 30 * 86_400.0)
            self._cap = f"{grid.name}.peak_cap"
            self._caps = layout.setpoints.index("peak_cap") if "peak_cap" in layout.setpoints else -1

    def update(self, window: Window) -> None:
        """Take the tick that ends now: its mean import and half its spread."""
        if not self.price:
            return
        begun = max(window.now - self._spec.tick, 0.0)
        if int(begun // self._period) != self._number:
            self._number, self.peak = int(begun // self._period), 0.0
        value, spread = window.frame.value[self._place], window.frame.spread[self._place]
        if np.isfinite(value):
            self.peak = max(self.peak, float(value + 0.5 * np.nan_to_num(spread)))

    def weight(self, now: float, ticks: int) -> float:
        """Currency per kW by which a peak within the next `ticks` counts: the share of the period that they fill."""
        if not self.price:
            return 0.0
        left = self._period - now % self._period
        return self.price * min(ticks * self._spec.tick / left, 1.0)

    def command(self, window: Window, planned: float) -> list[Action]:
        """Have the plant keep its import under what is planned or has been anyway, where that is not so already."""
        if not self.price or self._cap not in self._spec.actuator_index:
            return []
        actuator = self._spec.actuators[self._spec.actuator_index[self._cap]]
        value = float(np.clip(max(planned, self.peak), actuator.low, actuator.high))
        held = window.setpoints[self._place[0], self._caps]
        if abs(held - value) <= 0.01 * max(value, 1.0):
            return []
        return [Action(window.now, self._cap, value, f"peak so far {self.peak:.1f}, planned {planned:.1f} kW")]
