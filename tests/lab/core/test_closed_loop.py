"""The one closed-loop step: what it calls in which order, and that nothing is left behind in plant or twin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sim.contract import Action, Message
from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.core.build import pair
from twin.lab.core.closed_loop import Turn, respond, step, take_turn
from twin.lab.core.loop import record_truths

TICKS = 60


@pytest.fixture
def both() -> tuple[Any, Any]:
    overrides = ["plant=line_small", "surrogate=ewma", "policy=age_based", "twin.horizons=[1,6]"]
    return pair(resolved(compose("run", overrides)), "cpu")


def test_a_step_leaves_nothing_behind_and_both_can_be_saved(both: tuple[Any, Any]) -> None:
    plant, twin = both
    plant.apply(Action(0.0, plant.spec.objective.orders[0].actuator))  # so that there are events
    turns = [step(plant, twin, number * plant.spec.tick) for number in range(1, TICKS + 1)]
    assert plant.now == turns[-1][0].now == TICKS * plant.spec.tick
    assert any(turn.forecasts for turn, _ in turns)
    assert any(turn.delivered for turn, _ in turns)
    assert any(journal for _, journal in turns)
    assert plant.journal() == []
    assert twin.window.delivered_events == []
    assert twin.ledger.drain() == ([], [])
    plant.snapshot()
    twin.state()


def test_a_turn_of_the_twin_alone_is_that_of_a_step(both: tuple[Any, Any]) -> None:
    plant, twin = both
    alone, listener = pair(resolved(compose("run", ["plant=line_small", "surrogate=ewma", "policy=age_based"])), "cpu")
    for number in range(1, 10):
        now = number * plant.spec.tick
        turn, _ = step(plant, twin, now)
        messages = alone.advance(now)
        other = take_turn(listener, messages, now)
        for action in other.actions:
            alone.apply(action)
        assert (turn.now, len(turn.messages), turn.actions) == (now, len(messages), other.actions)


class Obedient:
    """A controller that counts its messages and sends one action a tick."""

    def __init__(self, key: str) -> None:
        self.key, self.heard, self.asked = key, 0, list[float]()

    def observe(self, message: Message) -> None:
        self.heard += 1

    def decide(self, now: float) -> Sequence[Action]:
        self.asked.append(now)
        return [Action(now, self.key)]


def test_a_controller_hears_first_then_acts(both: tuple[Any, Any]) -> None:
    plant, _ = both
    order = plant.spec.objective.orders[0].actuator
    controller = Obedient(order)
    for number in (1, 2, 3):
        now = number * plant.spec.tick
        for action in respond(controller, plant.advance(now), now):
            plant.apply(action)
    assert controller.heard > 0
    assert controller.asked == [plant.spec.tick, 2 * plant.spec.tick, 3 * plant.spec.tick]
    assert plant.kpis()["downlink_sent"] == 3


def test_what_came_true_goes_to_its_table() -> None:
    rows: list[tuple[str, dict[str, Any]]] = []

    class Sink:
        def append(self, table: str, columns: dict[str, Any]) -> None:
            rows.append((table, columns))

        def cut(self, now: float) -> None: ...

        def keeps(self, table: str) -> bool:
            return True

    record_truths(Sink(), Turn(1.0, (), (), [{"issued": [0.0]}], [{"lead": [6]}, {"lead": [36]}], ()))
    assert [table for table, _ in rows] == ["forecasts", "hazards", "hazards"]
