"""Search over setpoints by the forecast objective."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Forecast, Plan
from twin.layout import Layout
from twin.policies.base import Predict
from twin.state import Kept
from twin.window import Window


class SetpointSearch(Kept):
    """Coordinate search: at every `every`-th tick, each setpoint a step up or down, and all of them together.

    The value of a plan is the forecast median of the objective over the longest horizon, plus what the life that it
    leaves in the assets is worth (restricted mean life times `life_value` [assets], money per tick). A move is made
    only where it gains more than `margin` (relative to the objective's own size). step: share of a setpoint's range.
    explore: share of the reviews at which a random move is made instead, so that responses can be learned at all; its
    draws come from a stream of its own. Raises ValueError for values out of range.
    """

    KEPT = ("_random",)

    def __init__(
        self, *, spec: PlantSpec, every: int = 36, step: float = 0.1, margin: float = 0.01, explore: float = 0.1
    ) -> None:
        if every < 1:
            raise ValueError(f"SetpointSearch: every = {every}: must be >= 1 tick")
        for name, value in (("step", step), ("explore", explore)):
            if not 0 <= value <= 1:
                raise ValueError(f"SetpointSearch: {name} = {value}: must be in [0, 1]")
        if not margin >= 0:
            raise ValueError(f"SetpointSearch: margin = {margin}: must be >= 0")
        self._layout, self._sense = Layout(spec), spec.objective.sense
        self._every, self._step, self._margin, self._explore = every, step, margin, explore
        self._low, self._high, _ = self._layout.setpoint_bounds()
        signal = spec.signal_index.get(spec.objective.signal, -1)
        slot = int(self._layout.signal_slot[signal])
        self._asset = int(self._layout.signal_asset[signal])
        self._target = self._layout.targets.index(slot) if signal >= 0 and slot in self._layout.targets else -1
        self._random = np.random.Generator(np.random.Philox(len(spec.signals)))

    def act(self, window: Window, predict: Predict, life_value: Floats) -> list[Action]:
        """Setpoint commands of this tick, mostly none."""
        movable = np.argwhere(self._layout.setpoint_table >= 0)
        if window.tick % self._every or self._target < 0 or not len(movable) or self._step == 0:
            return []
        here = window.hold()
        moves = self._moves(here, movable)
        if self._random.random() < self._explore:
            chosen = moves[int(self._random.integers(len(moves)))]
            return self._commands(window, here, chosen, "exploration")
        values = self._values(predict([here, *moves]), life_value)
        best = int(values[1:].argmax())
        gain = float(values[1 + best] - values[0])
        if not gain > self._margin * abs(float(values[0])):
            return []
        return self._commands(window, here, moves[best], f"forecast objective +{gain:.3g} per tick")

    def _moves(self, here: Plan, movable: NDArray[np.intp]) -> list[Plan]:
        plans = []
        for direction in (-1.0, 1.0):
            together = here
            for asset, slot in movable:
                target = self._target_value(here, asset, slot, direction)
                plans.append(here.with_setpoint(asset, slot, target))
                together = together.with_setpoint(asset, slot, target)
            plans.append(together)
        return plans

    def _target_value(self, here: Plan, asset: int, slot: int, direction: float) -> float:
        low, high = self._low[asset, slot], self._high[asset, slot]
        return float(np.clip(here.setpoints[asset, slot] + direction * self._step * (high - low), low, high))

    def _values(self, forecast: Forecast, life_value: Floats) -> Floats:
        """[plans] money per tick."""
        objective = self._sense * forecast.median[:, self._asset, -1, self._target]
        left = np.nan_to_num(forecast.restricted_mean()) @ life_value / forecast.horizons[-1]
        values: Floats = objective + left
        return values

    def _commands(self, window: Window, here: Plan, plan: Plan, reason: str) -> list[Action]:
        commands = []
        for asset, slot in np.argwhere(plan.setpoints != here.setpoints):
            index = self._layout.setpoint_table[asset, slot]
            if index >= 0:
                key = self._layout.spec.actuators[index].key
                commands.append(Action(window.now, key, float(plan.setpoints[asset, slot]), reason))
        return commands
