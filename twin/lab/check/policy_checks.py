"""What every policy must hold to, see twin.policies.base.Policy."""

from __future__ import annotations

import math
from typing import Any

from sim.contract import Action, PlantSpec
from twin.lab.check.finding import ContractCheck, FaultError
from twin.lab.check.short_runs import turns_of
from twin.lab.check.subject import CheckedChoice
from twin.lab.check.twin_checks import TICKS, check_members, is_a_value, is_repeatable
from twin.policies.checked_actions import check_actions


def _has_the_methods(subject: CheckedChoice) -> None:
    check_members(subject.pair()[1].policy, ("act",), "twin.policies.base.Policy")


class _Watched:
    """A policy whose answers are checked on their way out."""

    def __init__(self, policy: Any, spec: PlantSpec) -> None:
        self._policy, self._spec = policy, spec

    def act(self, window: Any, predict: Any) -> list[Action]:
        actions = check_actions(self._policy.act(window, predict), policy=self._policy, spec=self._spec)
        for action in actions:
            self._check(action, window.now)
        return actions

    def _check(self, action: Action, now: float) -> None:
        actuator = self._spec.actuators[self._spec.actuator_index[action.actuator]]
        if action.time != now:
            raise FaultError(f"action for {action.actuator} is of time {action.time:g}: must be window.now = {now:g}")
        if not actuator.low <= action.value <= actuator.high:
            bounds = f"[{actuator.low:g}, {actuator.high:g}]"
            raise FaultError(f"{action.actuator} = {action.value:g}: the plant refuses what is not in {bounds}")
        if not isinstance(action.reason, str) or not action.reason:
            raise FaultError(f"action for {action.actuator} has no reason: must say why, for a person to read")
        if not 0.0 < action.propensity <= 1.0 or math.isnan(action.propensity):
            raise FaultError(f"action for {action.actuator}: propensity = {action.propensity}: must be in (0, 1]")


def _acts_within_bounds(subject: CheckedChoice) -> None:
    plant, twin = subject.pair()
    twin.policy = _Watched(twin.policy, plant.spec)
    turns_of(plant, twin, TICKS)


def _is_a_value(subject: CheckedChoice) -> None:
    is_a_value(subject)


CHECKS = (
    ContractCheck("it is built, and has the methods of a policy", _has_the_methods, vital=True),
    ContractCheck("its actions are the plant's, within bounds, each with a reason", _acts_within_bounds),
    ContractCheck("the same seed decides the same", is_repeatable),
    ContractCheck("saved and taken up, it goes on the same", _is_a_value),
)
