"""Search over setpoints: the forecast objective proposes a move, the plant's own objective decides on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Forecast, Plan, Predict
from twin.layout import Layout
from twin.policies.setpoints.trial import ADOPTED, DROPPED, Trial
from twin.sensing.window import Window
from twin.state import Kept

ALL = ""  # what rests when every move does


class SetpointSearch(Kept):
    """Coordinate search around `home`, the setpoints that stand: one setpoint a step up or down, or all together.

    At every `every`-th tick a block of time ends. The value of a move is the forecast median of the objective over the
    longest horizon, plus what the life that it leaves in the assets is worth (restricted mean life times `life_value`
    [assets], money per tick). The best one is tried where its gain exceeds `margin` (in units of the objective's usual
    size), and a random one at a share `explore` of the reviews: a forecast is no proof, least of all where nothing was
    tried before; the commands of a trial say how probable it was that this move was tried (`propensity`). A trial alternates blocks under the move and at home; what counts is the objective less its forecast
    for staying home, so that the time of day and the state of the plant weigh little. What is not adopted is undone and
    rests for `rest` reviews. Two blocks in a row below the forecast's lowest quantile: home goes back to the plant's
    defaults, and every move rests. step: share of a setpoint's range. rounds, confidence: see Trial. Raises ValueError for values out of range.
    """

    KEPT = (
        "_random", "_home", "_move", "_trial", "_rests", "_name", "_review", "_sum", "_count", "_expected", "_floor",
        "_size", "_life_gain", "_surprises", "_sent", "_propensity",
    )  # fmt: skip

    def __init__(
        self, *, spec: PlantSpec, every: int = 36, step: float = 0.1, margin: float = 0.01, explore: float = 0.1,
        rest: int = 40, **trial: Any,
    ) -> None:  # fmt: skip
        for name, number in (("every", every), ("rest", rest)):
            if number < 1:
                raise ValueError(f"SetpointSearch: {name} = {number}: must be >= 1")
        for name, value in (("step", step), ("explore", explore)):
            if not 0 <= value <= 1:
                raise ValueError(f"SetpointSearch: {name} = {value}: must be in [0, 1]")
        if not margin >= 0:
            raise ValueError(f"SetpointSearch: margin = {margin}: must be >= 0")
        self._layout, self._sense = Layout(spec), spec.objective.sense
        self._every, self._step, self._margin, self._explore, self._rest = every, step, margin, explore, rest
        self._low, self._high, self._default = self._layout.setpoint_bounds()
        self._find_objective(spec)
        self._random = np.random.Generator(np.random.Philox(len(spec.signals)))
        self._home: Floats = self._default.copy()
        self._move: Floats = self._default.copy()
        self._sent: Floats = self._default.copy()
        self._trial, self._name = Trial(**trial), ""
        self._rests: dict[str, int] = {}
        self._review, self._surprises = 0, 0
        self._sum, self._count = 0.0, 0
        self._expected = self._floor = self._size = float("nan")
        self._life_gain = 0.0
        self._propensity = 1.0

    def _find_objective(self, spec: PlantSpec) -> None:
        signal = spec.signal_index.get(spec.objective.signal, -1)
        self._slot = int(self._layout.signal_slot[signal])
        self._asset = int(self._layout.signal_asset[signal])
        found = signal >= 0 and self._slot in self._layout.targets
        self._target = self._layout.targets.index(self._slot) if found else -1

    def act(self, window: Window, predict: Predict, life_value: Floats) -> list[Action]:
        """Setpoint commands of this tick, mostly none."""
        movable = np.argwhere(self._layout.setpoint_table >= 0)
        if self._target < 0 or not len(movable) or self._step == 0:
            return []
        value = self._sense * float(window.frame.value[self._asset, self._slot])
        if np.isfinite(value):
            self._sum, self._count = self._sum + value, self._count + 1
        if window.tick % self._every:
            return []
        reasons = [self._settle()]
        here = window.hold()
        home = Plan("home", here.orders, self._home.copy())
        moves = [] if self._name else self._moves(home, movable)
        self._propensity = self._propensity if self._name else 1.0
        forecast = predict([home, *moves])
        self._look_ahead(forecast)
        if moves:
            reasons.append(self._propose(moves, *self._values(forecast, life_value)))
        usual = f"trial of {self._name}" if self._name else "as they stand"
        return self._commands(window, here.setpoints, "; ".join(filter(None, reasons)) or usual)

    def _settle(self) -> str:
        """Close the block that ends now; returns what was concluded, or nothing."""
        self._review += 1
        mean = self._sum / self._count if self._count else float("nan")
        self._sum, self._count = 0.0, 0
        if not np.isfinite(mean):
            return ""
        self._size = abs(mean) if np.isnan(self._size) else 0.9 * self._size + 0.1 * abs(mean)
        if not np.isfinite(self._expected):
            return ""
        self._surprises = self._surprises + 1 if mean < self._floor else 0
        if self._surprises >= 2 and not np.array_equal(self._home, self._default, equal_nan=True):
            self._home, self._surprises = self._default.copy(), 0
            self._rests[ALL] = self._review + self._rest
            return self._end_trial("the objective fell below its forecast: back to the defaults")
        return self._judge(mean - self._expected) if self._name else ""

    def _judge(self, residual: float) -> str:
        self._trial.blocks.append(residual)
        verdict = self._trial.verdict(self._life_gain)
        if verdict == ADOPTED:
            self._home = self._move.copy()
            return self._end_trial(f"adopted {self._name}: {self._trial.gain()[0]:+.3g} per tick")
        if verdict == DROPPED:
            self._rests[self._name] = self._review + self._rest
            return self._end_trial(f"dropped {self._name}: {self._trial.gain()[0]:+.3g} per tick")
        return ""

    def _end_trial(self, reason: str) -> str:
        self._trial.blocks, self._name, self._propensity = [], "", 1.0
        return reason

    def _look_ahead(self, forecast: Forecast) -> None:
        """What the objective should be in the block that begins now, at home, and the least that it should be."""
        near = int(np.abs(np.array(forecast.horizons) - self._every).argmin())
        quantiles = self._sense * forecast.quantiles[0, self._asset, near, self._target]
        self._expected = float(quantiles[forecast.levels.index(0.5)])
        self._floor = float(quantiles.min())

    def _propose(self, moves: list[Plan], objective: Floats, life: Floats) -> str:
        """Begin a trial where one is worth it; objective, life: [1 + moves] of home and of each move."""
        free = [i for i, move in enumerate(moves) if self._rested(move.name) and self._rested(ALL)]
        if not free or not np.isfinite([self._size, self._expected]).all():
            return ""
        gains = (objective + life)[1:] - (objective + life)[0]
        best = max(free, key=lambda i: float(np.nan_to_num(gains[i], nan=-np.inf)))
        pays = bool(gains[best] > self._margin * self._size)
        if self._random.random() < self._explore:
            chosen, why = free[int(self._random.integers(len(free)))], "by chance"
        elif pays:
            chosen, why = best, f"forecast gain {gains[best]:+.3g} per tick"
        else:
            self._propensity = 1 - self._explore
            return ""
        self._propensity = self._explore / len(free) + (1 - self._explore) * (pays and chosen == best)
        self._move, self._name = moves[chosen].setpoints.copy(), moves[chosen].name
        self._life_gain = float(life[1 + chosen] - life[0])
        return f"trial of {self._name} {why}"

    def _rested(self, what: str) -> bool:
        return self._rests.get(what, 0) <= self._review

    def _moves(self, home: Plan, movable: NDArray[np.intp]) -> list[Plan]:
        plans = []
        for direction in (-1.0, 1.0):
            together = home.setpoints.copy()
            for asset, slot in movable:
                target = self._target_value(home, asset, slot, direction)
                together[asset, slot] = target
                single = home.setpoints.copy()
                single[asset, slot] = target
                key = self._layout.spec.actuators[self._layout.setpoint_table[asset, slot]].key
                plans.append(Plan(f"{key} = {target:.4g}", home.orders, single))
            plans.append(Plan(f"all setpoints {'up' if direction > 0 else 'down'} a step", home.orders, together))
        return [plan for plan in plans if not np.array_equal(plan.setpoints, home.setpoints, equal_nan=True)]

    def _target_value(self, home: Plan, asset: int, slot: int, direction: float) -> float:
        low, high = self._low[asset, slot], self._high[asset, slot]
        return float(np.clip(home.setpoints[asset, slot] + direction * self._step * (high - low), low, high))

    def _values(self, forecast: Forecast, life_value: Floats) -> tuple[Floats, Floats]:
        """[plans] money per tick: the forecast objective, the life that is left."""
        objective: Floats = self._sense * forecast.median[:, self._asset, -1, self._target]
        life: Floats = np.nan_to_num(forecast.restricted_mean()) @ life_value / forecast.horizons[-1]
        return objective, life

    def _commands(self, window: Window, here: Floats, reason: str) -> list[Action]:
        wanted = self._move if self._name and self._trial.moved else self._home
        commands = []
        for asset, slot in np.argwhere((wanted != here) | (wanted != self._sent)):  # what was sent may yet be confirmed
            index = self._layout.setpoint_table[asset, slot]
            if index >= 0:
                key = self._layout.spec.actuators[index].key
                commands.append(Action(window.now, key, float(wanted[asset, slot]), reason, self._propensity))
        self._sent = wanted.copy()
        return commands
