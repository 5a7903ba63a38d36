"""Plans one step away from the setpoints in force."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Plan
from twin.layout import Layout


class Neighbours:
    """Plans that move one setpoint a step up or down, or all setpoints together.

    layout: of the plant. step: size of a move as a share of the setpoint's range, in [0, 1].
    movable: [n, 2] (asset, slot) of every setpoint that has an actuator.
    """

    def __init__(self, *, layout: Layout, step: float) -> None:
        self._layout, self._step = layout, step
        self._low, self._high, _ = layout.setpoint_bounds()
        self.movable: NDArray[np.intp] = np.argwhere(layout.setpoint_table >= 0)

    def of(self, home: Plan) -> list[Plan]:
        """The plans around `home`, each named after its move. Moves that a bound leaves without effect are left out."""
        plans = []
        for direction, word in ((-1.0, "down"), (1.0, "up")):
            together = home.setpoints.copy()
            for asset, slot in self.movable:
                target = self._target(home, asset, slot, direction)
                together[asset, slot] = target
                single = home.setpoints.copy()
                single[asset, slot] = target
                key = self._layout.spec.actuators[self._layout.setpoint_table[asset, slot]].key
                plans.append(Plan(f"{key} = {target:.4g}", home.orders, single))
            plans.append(Plan(f"all setpoints {word} a step", home.orders, together))
        return [plan for plan in plans if not np.array_equal(plan.setpoints, home.setpoints, equal_nan=True)]

    def _target(self, home: Plan, asset: int, slot: int, direction: float) -> float:
        """The setpoint's value one step in `direction` (-1 or 1), within its bounds."""
        low, high = self._low[asset, slot], self._high[asset, slot]
        return float(np.clip(home.setpoints[asset, slot] + direction * self._step * (high - low), low, high))
