"""A run's own commands, held on to without a twin: what a copy of the plant is run under."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.contract import MAINTAINED, REPAIRED, Action, Plant, PlantSpec
from twin.sensing.lives import Lives
from twin.units import DAY, HOUR

AGAIN = 2 * HOUR  # after which an order without effect is repeated


@dataclass(frozen=True, slots=True)
class Held:
    """The commands of a run's last day, to be repeated day by day, and the ages at which it renewed its assets.

    setpoints: (s after the run's end, actuator, value), rising, all within a day. ages: seconds between renewal and
    planned work, by the order's actuator, where the run ordered any. renewed: s at which the asset was renewed last.
    assets: of each order's actuator.
    """

    setpoints: tuple[tuple[float, str, float], ...]
    ages: dict[str, float]
    renewed: dict[str, float]
    assets: dict[str, str]

    def carry_on(self, plant: Plant, until: float) -> None:
        """Run a plant, a copy as it was at the run's end, to `until` (s) under these commands."""
        renewed, sent = dict(self.renewed), dict.fromkeys(self.ages, -np.inf)
        moves, hour = self._moves(plant.now, until), plant.now
        while plant.now < until:
            hour = hour + HOUR if hour <= plant.now else hour
            now = min(hour, until, moves[0].time if moves else np.inf)
            plant.advance(now)
            renewed |= {event.asset: event.time for event in plant.journal() if event.kind in (MAINTAINED, REPAIRED)}
            for actuator, age in self.ages.items():
                if now - renewed[self.assets[actuator]] >= age and now - sent[actuator] >= AGAIN:
                    sent[actuator] = now
                    plant.apply(Action(now, actuator))
            while moves and moves[0].time <= now:
                plant.apply(moves.popleft())

    def _moves(self, begin: float, until: float) -> deque[Action]:
        days = range(int(np.ceil((until - begin) / DAY)))
        every = (Action(begin + day * DAY + when, key, value) for day in days for when, key, value in self.setpoints)
        return deque(action for action in every if action.time <= until)


def held(spec: PlantSpec, lives: Lives, decisions: pd.DataFrame, end: float) -> Held:
    """From the lives that the twin saw and the decisions of a run that ended at `end` (s).

    An asset is renewed at the mean age at which it was; where it never was, at that of its type; else never.
    """
    orders = {a.key: a.asset for a in spec.actuators if a.kind == "work_order"}
    types = {asset.name: asset.type for asset in spec.assets}
    planned = [(spec.assets[life.asset].name, life.duration) for life in lives.finished if not life.failed]
    ages: dict[str, float] = {}
    for actuator, asset in orders.items():
        own = [age for name, age in planned if name == asset]
        alike = own or [age for name, age in planned if types[name] == types[asset]]
        if alike:
            ages[actuator] = float(np.mean(alike))
    last = decisions[(decisions["time"] > end - DAY) & ~decisions["actuator"].astype(str).isin(list(orders))]
    moves = zip((last["time"] - end) % DAY, last["actuator"].astype(str), last["value"], strict=True)
    renewed = {asset: float(lives.renewed[spec.asset_index[asset]]) for asset in orders.values()}
    return Held(tuple(sorted((float(when), key, float(value)) for when, key, value in moves)), ages, renewed, orders)
