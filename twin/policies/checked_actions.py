"""Whether a policy returns a list of actions that its plant has actuators for: said by name, before they are sent."""

from __future__ import annotations

import difflib
import math
from numbers import Real
from typing import TYPE_CHECKING

from sim.contract import Action, PlantSpec
from twin.checks import AnswerError

if TYPE_CHECKING:
    from twin.policies.base import Policy


def check_actions(actions: object, *, policy: Policy, spec: PlantSpec) -> list[Action]:
    """`actions` as a list. What is out of an actuator's bounds is the plant's to refuse.

    Raises AnswerError naming the policy's class and what is wrong: no list, no Action, an actuator that the plant does
    not have, a value that is no number.
    """
    name = f"{type(policy).__name__}.act"
    if not isinstance(actions, list | tuple):
        raise AnswerError(f"{name} returns {type(actions).__name__}: must be a list of sim.contract.Action")
    for action in actions:
        if not isinstance(action, Action):
            raise AnswerError(f"{name} returns a list with {type(action).__name__}: must hold sim.contract.Action only")
        if action.actuator not in spec.actuator_index:
            raise AnswerError(f"{name}: action for {action.actuator!r}: {_no_such(action.actuator, spec)}")
        numbers: dict[str, object] = {action.actuator: action.value, "time": action.time}
        for what, number in numbers.items():
            if not isinstance(number, Real) or not math.isfinite(number):
                raise AnswerError(f"{name}: {what} = {number!r}: must be a finite number")
    return list(actions)


def _no_such(actuator: str, spec: PlantSpec) -> str:
    names = list(spec.actuator_index)
    close = difflib.get_close_matches(str(actuator), names, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"there is no such actuator; {hint}there are {', '.join(names) or 'none'}"
