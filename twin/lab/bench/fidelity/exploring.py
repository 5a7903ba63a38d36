"""A policy that acts at random, with known propensities; and what-ifs drawn at random, to be ranked."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Forecast, Plan, Predict
from twin.lab.bench.fidelity.plan_value import PlanValue
from twin.layout import Layout
from twin.sensing.window import Window
from twin.state import SavedFields

ORDER = 1 / 576  # chance of a work order, per asset and tick: one in four days of ten-minute ticks
MOVE = 1 / 288  # chance of a move, per setpoint and tick
RESET = 0.5  # of moves: back to the default; the others are uniform within the bounds
MOST = 3  # assets ordered in one plan, setpoints moved in one plan


class Choices:
    """What can be done to a plant. orders: [n] assets that take work orders. moves: (asset, setpoint slot) pairs."""

    def __init__(self, spec: PlantSpec) -> None:
        self.spec, self.layout = spec, Layout(spec)
        self.low, self.high, self.default = self.layout.setpoint_bounds()
        ordered = {a.asset: a.key for a in spec.actuators if a.kind == "work_order"}
        self.keys = list(ordered.values())
        self.orders = [spec.asset_index[name] for name in ordered]
        self.moves = [(int(a), int(s)) for a, s in np.argwhere(self.high > self.low)]
        if not self.orders and not self.moves:
            raise ValueError("exploring: the plant takes neither work orders nor setpoints: there is nothing to rank")

    def value(self, random: np.random.Generator, asset: int, slot: int) -> float:
        """A setpoint: its default with chance RESET, else uniform within its bounds."""
        if random.random() < RESET:
            return float(self.default[asset, slot])
        return float(random.uniform(self.low[asset, slot], self.high[asset, slot]))


def draw_plans(choices: Choices, now: Plan, *, count: int, horizon: int, seed: int, tick: int) -> list[Plan]:
    """`now` itself, and count - 1 drawn at random.

    A third of them are work orders, a third moves of setpoints, a third both (all of one kind where the plant has no
    other). Orders: 1 to MOST assets, each at once or, as often, after a whole number of ticks from 1 to horizon - 1.
    Moves: 1 to MOST setpoints, see Choices.value.
    """
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, tick, 1])))
    return [now, *(_draw(choices, now, random, horizon, number) for number in range(1, count))]


def _draw(choices: Choices, now: Plan, random: np.random.Generator, horizon: int, number: int) -> Plan:
    kind = int(random.integers(3))
    plan = replace(now, name=f"plan {number}")
    if choices.orders and (kind != 1 or not choices.moves):
        some = min(int(random.integers(1, MOST + 1)), len(choices.orders))
        for which in random.choice(len(choices.orders), some, replace=False):
            wait = 0 if random.random() < 0.5 or horizon < 2 else int(random.integers(1, horizon))
            plan = plan.with_order(choices.orders[which], wait)
    if choices.moves and (kind != 0 or not choices.orders):
        some = min(int(random.integers(1, MOST + 1)), len(choices.moves))
        for which in random.choice(len(choices.moves), some, replace=False):
            asset, slot = choices.moves[which]
            plan = plan.with_setpoint(asset, slot, choices.value(random, asset, slot))
    return plan


class Exploring(SavedFields):
    """Acts at random, whatever it sees.

    In every tick each asset is ordered with chance ORDER and each setpoint is moved with chance MOVE, all
    independently. The draws belong to (seed, tick), so that several twins that watch one plant act alike.

    ask: ticks at which the twin values `plans` random plans over `horizon` ticks. values: by tick, [plans] see
    PlanValue. answers: by tick, (plans, forecast). seconds: CPU time spent on values.
    """

    def __init__(
        self, *, spec: PlantSpec, seed: int, ask: Collection[int] = (), plans: int = 16, horizon: int = 144
    ) -> None:
        self._choices, self._seed, self._ask = Choices(spec), seed, frozenset(ask)
        self._plans, self._horizon = plans, horizon
        self._worth = PlanValue(spec=spec) if self._ask else None
        self.values: dict[int, Floats] = {}
        self.answers: dict[int, tuple[list[Plan], Forecast]] = {}
        self.seconds = 0.0

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """The tick's random actions, each with its propensity as its reason."""
        if self._worth is not None:
            self._worth.observe(window)
        if self._worth is not None and window.tick in self._ask:
            plans = draw_plans(
                self._choices,
                window.hold(),
                count=self._plans,
                horizon=self._horizon,
                seed=self._seed,
                tick=window.tick,
            )
            start = time.process_time()
            self.values[window.tick] = self._worth.of(plans, window, predict)
            self.seconds += time.process_time() - start
            self.answers[window.tick] = plans, predict(plans)
        return self._actions(window)

    def _actions(self, window: Window) -> list[Action]:
        choices, spec = self._choices, self._choices.spec
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence([self._seed, window.tick, 0])))
        ordered = random.random(len(choices.orders)) < ORDER
        moved = random.random(len(choices.moves)) < MOVE
        actions = [
            Action(window.now, choices.keys[i], 1.0, f"explores: p = {ORDER:.5f}", ORDER)
            for i in np.flatnonzero(ordered)
        ]
        for i in np.flatnonzero(moved):
            asset, slot = choices.moves[i]
            key = spec.actuators[choices.layout.setpoint_table[asset, slot]].key
            value = choices.value(random, asset, slot)
            actions.append(Action(window.now, key, value, f"explores: p = {MOVE:.5f}", MOVE))
        return actions
