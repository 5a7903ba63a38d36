"""Setpoints that are given once and hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats
from twin.sensing.window import Window
from twin.state import SavedFields

SAME = 1e-9  # relative: setpoints that differ by less are the same


class StandingSetpoints(SavedFields):
    """Gives each asset of a type its setpoints at the first tick, and again where a command was lost.

    values: by asset type, then by the setpoint's name, in natural units. retry: ticks after which a command that the
    plant has not confirmed is sent again. Raises ValueError for a type or setpoint that the plant does not have, or a
    value outside its bounds.
    """

    STATE_FIELDS = ("wanted", "_sent")

    def __init__(self, *, spec: PlantSpec, values: Mapping[str, Mapping[str, float]] | None, retry: int = 12) -> None:
        self._retry, self._sent = retry * spec.tick, -np.inf
        self.wanted: dict[str, float] = {}
        types = {asset.name: asset.type for asset in spec.assets}
        setpoints = [actuator for actuator in spec.actuators if actuator.kind == "setpoint"]
        for kind, of_type in (values or {}).items():
            for name, value in of_type.items():
                found = [a for a in setpoints if types[a.asset] == kind and a.name == name]
                if not found:
                    known = sorted({f"{types[a.asset]}.{a.name}" for a in setpoints})
                    raise ValueError(
                        f"setpoints.{kind}.{name}: there is no such setpoint; there are {', '.join(known)}"
                    )
                low, high = found[0].low, found[0].high
                if not low <= value <= high:
                    raise ValueError(f"setpoints.{kind}.{name} = {value}: must be >= {low:g} and <= {high:g}")
                self.wanted |= {actuator.key: float(value) for actuator in found}

    def act(self, window: Window) -> list[Action]:
        """Commands for the setpoints that are not as wanted."""
        return self.move(window, self.wanted, "standing setpoint") if self.wanted else []

    def move(self, window: Window, wanted: Mapping[str, float], reason: str) -> list[Action]:
        """Commands for those of `wanted` (by actuator key) that are not in force, unless they are on their way."""
        now = self.in_force(window)
        moved = [key for key, value in wanted.items() if abs(now[key] - value) > SAME * max(abs(value), 1.0)]
        changed = any(self.wanted.get(key) != value for key, value in wanted.items())
        if not moved or (not changed and window.now - self._sent < self._retry):
            return []
        self._sent, self.wanted = window.now, dict(wanted)
        return [Action(window.now, key, wanted[key], reason) for key in moved]

    @staticmethod
    def in_force(window: Window) -> dict[str, float]:
        """By actuator key, as far as the plant has confirmed them."""
        table, actuators = window.layout.setpoint_table, window.spec.actuators
        values: Floats = window.setpoints
        return {actuators[table[at]].key: float(values[at]) for at in map(tuple, np.argwhere(table >= 0))}
