"""The peak charge: the price of the highest import in a billing period, and that import so far."""

from __future__ import annotations

import numpy as np

from sim.contract import Action, PlantSpec
from twin.layout import Layout
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import DAY

MONTH = 30 * DAY  # s: the billing period where the grid's nameplate has none
CAP_STEP = 0.01  # share of the cap: smaller changes are not sent


class PeakWatch(SavedFields):
    """Follows the highest import of the billing period, from the grid's own meter.

    spec: of the plant. limit: kW that the site is meant never to import more
    than; 0 for none. price: currency per kW, 0 where the objective prices no peak or the plant has no grid.
    peak: kW, highest import so far in the period.
    """

    STATE_FIELDS = ("peak", "_number")

    def __init__(self, *, spec: PlantSpec, limit: float = 0.0) -> None:
        grids = [asset for asset in spec.assets if asset.type == "grid"]
        layout = Layout(spec)
        self._spec, self.peak, self._number, self._limit = spec, 0.0, 0, limit
        self.price = spec.objective.prices.get("peak", 0.0) if grids and "power" in layout.slots else 0.0
        if self.price:
            grid = grids[0]
            self._place = spec.asset_index[grid.name], layout.slots.index("power")
            self._period = grid.nameplate.get("peak_period", MONTH)
            self._cap = f"{grid.name}.peak_cap"
            self._caps = layout.setpoints.index("peak_cap") if "peak_cap" in layout.setpoints else -1

    @property
    def paid(self) -> float:
        """kW of import that cost no more than is paid already: the highest so far, or the limit."""
        return max(self.peak, self._limit)

    def update(self, window: Window) -> None:
        """Take the tick that ends now: its mean import plus half its spread, kW."""
        if not self.price:
            return
        begun = max(window.now - self._spec.tick, 0.0)
        if int(begun // self._period) != self._number:
            self._number, self.peak = int(begun // self._period), 0.0
        value, spread = window.frame.value[self._place], window.frame.spread[self._place]
        if np.isfinite(value):
            self.peak = max(self.peak, float(value + 0.5 * np.nan_to_num(spread)))

    def weight(self, now: float, ticks: int) -> float:
        """Currency per kW for a peak within the next `ticks`: the price times the share of the period's rest they fill.

        All of the price where there is a limit: an import beyond it is paid for in full, however early. now: s.
        """
        if not self.price:
            return 0.0
        left = self._period - now % self._period
        return self.price * (1.0 if self._limit else min(ticks * self._spec.tick / left, 1.0))

    def command(self, window: Window, planned: float) -> list[Action]:
        """Cap the import at the highest of `planned` and the peak so far, kW, where the cap in force differs."""
        if not self.price or self._cap not in self._spec.actuator_index:
            return []
        actuator = self._spec.actuators[self._spec.actuator_index[self._cap]]
        value = float(np.clip(max(0.0 if self._limit else planned, self.paid), actuator.low, actuator.high))
        in_force = window.setpoints[self._place[0], self._caps]
        if abs(in_force - value) <= CAP_STEP * max(value, 1.0):
            return []
        return [Action(window.now, self._cap, value, f"peak so far {self.peak:.1f}, planned {planned:.1f} kW")]
