"""A plant's own standing rule for when a station is maintained, beside orders from outside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.engine.checks import known, number
from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.line.roles import Watched

FIELDS = ("age", "every", "wear", "opportunistic")


class StandingPlan(Component):
    """Orders planned work on its own.

    age: after so many seconds of work since the last renewal (age replacement, Barlow & Proschan 1965). every: each so
    many calendar seconds (block replacement). wear: as soon as a cycle ends with this much (condition-based; wear is in
    units of the mean failure level). opportunistic: share of its `age` or `wear` from which on it also takes part when
    another station of the line goes down or into maintenance. strike: seconds of work at which the age is reached.
    turn: the station's, see sim.engine.instant.
    Raises ValueError for an unknown field or a value out of range, and for a plan without a rule.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, station: Watched, rules: Mapping[str, Any], turn: float = 0.0
    ) -> None:
        super().__init__(kernel, name)
        known(name, rules, FIELDS)
        limits = {rule: number(f"{name}.{rule}", value, above=0) for rule, value in rules.items()}
        self._age, self._every, self._wear = (limits.get(rule, math.inf) for rule in ("age", "every", "wear"))
        self._share = number(f"{name}.opportunistic", rules.get("opportunistic", 1.0), above=0, high=1)
        if not {"age", "every", "wear"} & rules.keys():
            raise ValueError(f"{name} = {dict(rules)}: must have one of age, every, wear")
        if "wear" in rules and station.wear is None:
            raise ValueError(f"{name}.wear = {rules['wear']}: the station has no wear")
        self.opportunistic = self._share < 1.0
        self._station = station
        self._renewed = 0.0
        self.strike, self.wear_limit = self._age, self._wear
        self._timer = Timer(kernel, self._periodic, STRIKES + turn)
        if self._every < math.inf:
            self._timer.set(self._every)

    def renew(self) -> None:
        """The station is as good as new."""
        self._renewed = self._station.worked
        self.strike = self._renewed + self._age

    def due(self) -> None:
        """Its time has come."""
        self.strike = math.inf  # ordered once
        assert self._station.upkeep is not None
        self._station.upkeep.fall_due()

    def opportunity(self) -> None:
        """Another station has gone out of service."""
        station = self._station
        if station.out_of_service:
            return
        age = station.worked - self._renewed >= self._share * self._age
        worn = station.wear is not None and station.wear.wear >= self._share * self._wear
        if age or worn:
            self.due()
            station.refresh()

    def _periodic(self) -> None:
        self._timer.set(self._every)
        assert self._station.upkeep is not None
        self._station.upkeep.fall_due()
