"""Search over setpoints: the forecast objective proposes a move, the plant's own objective decides on it."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Forecast, Plan, Predict
from twin.layout import Layout
from twin.policies.setpoints.neighbours import Neighbours
from twin.policies.setpoints.objective_blocks import ObjectiveBlocks
from twin.policies.setpoints.trial import ADOPTED, DROPPED, Trial
from twin.sensing.window import Window
from twin.state import SavedFields

ALL = ""  # the name under which every move rests
SURPRISES = 2  # blocks in a row below the forecast's lowest quantile that send home back to the defaults


class SetpointSearch(SavedFields):
    """Coordinate search around `home`, the setpoints adopted so far: one setpoint a step up or down, or all together.

    A block of time ends at every `every`-th tick. Then each move is valued: the forecast median of the objective over
    the longest horizon, plus the value of the life that it leaves in the assets (restricted mean life x
    `life_value`). The best move is tried where its gain exceeds `margin`. A random move is tried at a share `explore`
    of the reviews, since a forecast of what was never tried proves little. The commands of a trial carry the
    probability with which this move was chosen (`propensity`).

    A trial alternates blocks under the move and blocks at home. Its measure is the objective less its forecast for
    staying home, which takes out the time of day and the state of the plant. A move that is not adopted is undone and
    rests for `rest` reviews. After two blocks in a row below the forecast's lowest quantile, home returns to the
    plant's defaults and every move rests.

    every: ticks of a block. step: share of a setpoint's range. margin: in units of the objective's usual size.
    explore: share in [0, 1]. rest: reviews. rounds, confidence: see Trial. Raises ValueError for values out of range.
    """

    STATE_FIELDS = (
        "_random",
        "_objective",
        "_home",
        "_tried",
        "_sent",
        "_trial",
        "_name",
        "_rests",
        "_review",
        "_life_gain",
        "_propensity",
    )

    def __init__(
        self,
        *,
        spec: PlantSpec,
        every: int = 36,
        step: float = 0.1,
        margin: float = 0.01,
        explore: float = 0.1,
        rest: int = 40,
        **trial: Any,
    ) -> None:
        _check(every=every, step=step, margin=margin, explore=explore, rest=rest)
        self._layout = Layout(spec)
        self._every, self._step, self._margin, self._explore, self._rest = every, step, margin, explore, rest
        self._objective = ObjectiveBlocks(spec=spec, layout=self._layout, block=every)
        self._neighbours = Neighbours(layout=self._layout, step=step)
        self._random = np.random.Generator(np.random.Philox(len(spec.signals)))
        _, _, self._default = self._layout.setpoint_bounds()
        self._home: Floats = self._default.copy()
        self._tried: Floats = self._default.copy()
        self._sent: Floats = self._default.copy()
        self._trial, self._name = Trial(**trial), ""
        self._rests: dict[str, int] = {}
        self._review = 0
        self._life_gain = 0.0
        self._propensity = 1.0

    def act(self, window: Window, predict: Predict, life_value: Floats) -> list[Action]:
        """Setpoint commands of this tick, mostly none. life_value: [assets] money per tick of remaining life."""
        if not self._objective.measured or not len(self._neighbours.movable) or self._step == 0:
            return []
        self._objective.update(window)
        if window.tick % self._every:
            return []
        reasons = [self._close_block()]
        in_force = window.hold()
        home = Plan("home", in_force.orders, self._home.copy())
        moves = [] if self._name else self._neighbours.of(home)
        self._propensity = self._propensity if self._name else 1.0
        forecast = predict([home, *moves])
        self._objective.expect(forecast)
        if moves:
            reasons.append(self._propose(moves, forecast, life_value))
        usual = f"trial of {self._name}" if self._name else "as they stand"
        return self._commands(window, in_force.setpoints, "; ".join(filter(None, reasons)) or usual)

    def _close_block(self) -> str:
        """End the block; returns what was concluded, or nothing."""
        self._review += 1
        residual = self._objective.close()
        if not np.isfinite(residual):
            return ""
        moved = not np.array_equal(self._home, self._default, equal_nan=True)
        if self._objective.surprises >= SURPRISES and moved:
            self._home, self._objective.surprises = self._default.copy(), 0
            self._rests[ALL] = self._review + self._rest
            return self._end_trial("the objective fell below its forecast: back to the defaults")
        return self._judge(residual) if self._name else ""

    def _judge(self, residual: float) -> str:
        """Add a block to the trial; returns how it ended, or nothing while it goes on."""
        self._trial.blocks.append(residual)
        verdict = self._trial.verdict(self._life_gain)
        if verdict == ADOPTED:
            self._home = self._tried.copy()
            return self._end_trial(f"adopted {self._name}: {self._trial.gain()[0]:+.3g} per tick")
        if verdict == DROPPED:
            self._rests[self._name] = self._review + self._rest
            return self._end_trial(f"dropped {self._name}: {self._trial.gain()[0]:+.3g} per tick")
        return ""

    def _end_trial(self, reason: str) -> str:
        self._trial.blocks, self._name, self._propensity = [], "", 1.0
        return reason

    def _propose(self, moves: list[Plan], forecast: Forecast, life_value: Floats) -> str:
        """Begin a trial where one pays or chance asks for one. forecast: of home and then of each move."""
        free = [i for i, move in enumerate(moves) if self._rested(move.name) and self._rested(ALL)]
        if not free or not self._objective.comparable:
            return ""
        life: Floats = np.nan_to_num(forecast.restricted_mean()) @ life_value / forecast.horizons[-1]
        value = self._objective.medians(forecast) + life
        gains = value[1:] - value[0]
        best = max(free, key=lambda i: float(np.nan_to_num(gains[i], nan=-np.inf)))
        pays = bool(gains[best] > self._margin * self._objective.size)
        if self._random.random() < self._explore:
            chosen, why = free[int(self._random.integers(len(free)))], "by chance"
        elif pays:
            chosen, why = best, f"forecast gain {gains[best]:+.3g} per tick"
        else:
            self._propensity = 1 - self._explore
            return ""
        self._propensity = self._explore / len(free) + (1 - self._explore) * (pays and chosen == best)
        self._tried, self._name = moves[chosen].setpoints.copy(), moves[chosen].name
        self._life_gain = float(life[1 + chosen] - life[0])
        return f"trial of {self._name} {why}"

    def _rested(self, name: str) -> bool:
        return self._rests.get(name, 0) <= self._review

    def _commands(self, window: Window, in_force: Floats, reason: str) -> list[Action]:
        """Where the wanted setpoints are not those in force, or not those sent last (which may yet be confirmed)."""
        wanted = self._tried if self._name and self._trial.moved else self._home
        commands = []
        for asset, slot in np.argwhere((wanted != in_force) | (wanted != self._sent)):
            index = self._layout.setpoint_table[asset, slot]
            if index >= 0:
                key = self._layout.spec.actuators[index].key
                commands.append(Action(window.now, key, float(wanted[asset, slot]), reason, self._propensity))
        self._sent = wanted.copy()
        return commands


def _check(*, every: int, step: float, margin: float, explore: float, rest: int) -> None:
    for name, number in (("every", every), ("rest", rest)):
        if number < 1:
            raise ValueError(f"SetpointSearch: {name} = {number}: must be >= 1")
    for name, value in (("step", step), ("explore", explore)):
        if not 0 <= value <= 1:
            raise ValueError(f"SetpointSearch: {name} = {value}: must be in [0, 1]")
    if not margin >= 0:
        raise ValueError(f"SetpointSearch: margin = {margin}: must be >= 0")
