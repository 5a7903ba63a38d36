"""Actions that the plant cannot know are told so by name, before they are sent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from sim.contract import Action
from tests.twin.toy import TICK, ToyFleet, toy_spec
from twin.checks import AnswerError
from twin.policies.checked_actions import check_actions
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.smoothing import EWMA
from twin.twin import Twin


class Mine(RunToFailure):
    """Answers what it is made to."""

    answer: Any = None

    def act(self, window: Any, predict: Any) -> Any:
        return type(self).answer


def fault(answer: Any) -> str:
    with pytest.raises(AnswerError) as told:
        check_actions(answer, policy=Mine.__new__(Mine), spec=toy_spec())
    return str(told.value)


def test_what_is_right_passes() -> None:
    actions = (Action(0.0, "pump_0.speed", 9.0, "out of bounds is the plant's to refuse"),)
    assert check_actions(actions, policy=Mine.__new__(Mine), spec=toy_spec()) == list(actions)


def test_what_is_wrong_is_named() -> None:
    assert fault(None) == "Mine.act returns NoneType: must be a list of sim.contract.Action"
    assert "a list with str" in fault(["pump_0.maintain"])
    assert "action for 'pump_0.maintian': there is no such actuator; did you mean pump_0.maintain? there are" in fault(
        [Action(0.0, "pump_0.maintian")]
    )
    assert "pump_0.speed = nan: must be a finite number" in fault([Action(0.0, "pump_0.speed", float("nan"))])


@pytest.mark.parametrize("value", ["0.9", None, np.array([0.9]), torch.tensor(0.9)], ids=lambda v: type(v).__name__)
def test_what_is_no_number_is_named(value: Any) -> None:
    assert "Mine.act: pump_0.speed = " in fault([Action(0.0, "pump_0.speed", value)])
    assert "Mine.act: time = " in fault([Action(value, "pump_0.speed", 0.9)])


def test_a_twin_says_so_at_once() -> None:
    class Lost(Mine):
        answer = (Action(0.0, "pump_9.maintain"),)

    fleet = ToyFleet(seed=0)
    twin = Twin(spec=fleet.spec, surrogate=EWMA, policy=Lost)
    for message in fleet.advance():
        twin.observe(message)
    with pytest.raises(AnswerError, match=r"Lost.act: action for 'pump_9.maintain'"):
        twin.decide(TICK)
