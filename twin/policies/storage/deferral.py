"""Deferral of loads that can wait for a cheaper hour."""

from __future__ import annotations

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats
from twin.layout import Layout
from twin.sensing.window import Window
from twin.units import HOUR

SMALL = 1e-6  # kW and h: smaller differences are remainders of zero


class Deferral:
    """Sets `defer`, the hours that a job may wait, of every load that comes in jobs: its maximum, or zero.

    A load waits while energy will be cheaper by more than `margin` within the time that a job may wait.
    margin: currency per kWh. Raises ValueError for margin < 0.
    """

    def __init__(self, *, spec: PlantSpec, margin: float = 0.005) -> None:
        if margin < 0:
            raise ValueError(f"Deferral: margin = {margin}: must be >= 0")
        layout, types = Layout(spec), {asset.name: asset.type for asset in spec.assets}
        self._tick, self._margin = spec.tick, margin
        slot = layout.setpoints.index("defer") if "defer" in layout.setpoints else -1
        self._loads = [
            (actuator, spec.asset_index[actuator.asset], slot)
            for actuator in spec.actuators
            if actuator.name == "defer" and types[actuator.asset] == "jobs"
        ]

    def act(self, window: Window, price: Floats) -> list[Action]:
        """Commands where they change something. price: [ticks] currency per kWh from now on, see marginal_price."""
        actions = []
        for actuator, asset, slot in self._loads:
            ahead = price[1 : 1 + int(actuator.high * HOUR / self._tick + 1e-9)]
            waits = len(ahead) > 0 and float(ahead.min()) < price[0] - self._margin
            wanted, in_force = actuator.high if waits else 0.0, window.setpoints[asset, slot]
            if abs(in_force - wanted) > SMALL:
                reason = f"{ahead.min():.3f} will be paid instead of {price[0]:.3f}" if waits else "now it is cheap"
                actions.append(Action(window.now, actuator.key, wanted, reason))
        return actions


def marginal_price(price: Floats, export_price: Floats, exported: Floats) -> Floats:
    """[ticks] cost of one more kWh under a plan: the export price while some is exported, else the import price.

    price, export_price: [ticks] currency per kWh. exported: [ticks] kW.
    """
    result: Floats = np.where(exported > SMALL, export_price, price)
    return result
