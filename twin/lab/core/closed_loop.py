"""One tick of the closed loop: the plant advances, its controller observes, decides, and its actions are applied.

Everything that runs a twin tick by tick goes through here. A twin and a plant hold what a record needs (forecasts that
came true, delivered events, the plant's journal) until it is taken from them: unless it is taken, they cannot be saved,
and grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sim.contract import Action, Controller, Event, Message, Plant, PlantSpec
from twin.checks import AnswerError
from twin.forecast import Floats
from twin.lab.errors import UserError
from twin.policies.base import Policy
from twin.sensing.window import Window
from twin.state import Stateful
from twin.surrogates.base import Surrogate

Columns = dict[str, Any]
FinalTick = tuple[int, Floats, Floats]


class Companion(Controller, Stateful, Protocol):
    """What runs beside a plant and can be recorded: a twin, or a policy without one (twin.unaided).

    losses: what the last tick taught, by name.
    """

    @property
    def spec(self) -> PlantSpec: ...
    @property
    def window(self) -> Window: ...
    @property
    def surrogate(self) -> Surrogate: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def losses(self) -> dict[str, float]: ...
    def drain(self) -> tuple[list[Columns], list[Columns]]:
        """Forecasts and hazards whose truth became known since the last call, as columns of their tables."""
        ...

    def counts(self) -> dict[str, float]:
        """Counts of messages, readings and learning steps."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What a twin received and did in one tick.

    now: end of the tick, s. messages: as delivered. actions: as decided.
    forecasts, hazards: those whose truth became known or was censored, as columns of the tables of these names.
    delivered: (event, time of arrival in s).
    """

    now: float
    messages: Sequence[Message]
    actions: Sequence[Action]
    forecasts: Sequence[Columns]
    hazards: Sequence[Columns]
    delivered: Sequence[tuple[Event, float]]


def step(plant: Plant, twin: Companion, now: float) -> tuple[Turn, list[Event]]:
    """Run plant and twin to the end of a tick at `now` (s); returns the twin's turn and the plant's journal."""
    messages = plant.advance(now)
    turn = take_turn(twin, messages, now)
    for action in turn.actions:
        plant.apply(action)
    return turn, plant.journal()


def take_turn(twin: Companion, messages: Sequence[Message], now: float) -> Turn:
    """The twin's half of a tick that ends at `now` (s): it observes what was delivered and decides."""
    actions = respond(twin, messages, now)
    forecasts, hazards = twin.drain()
    return Turn(now, messages, actions, forecasts, hazards, delivered(twin.window))


def respond(controller: Controller, messages: Sequence[Message], now: float) -> Sequence[Action]:
    """What a controller decides at `now` (s), having observed what was delivered.

    Raises UserError where its policy or surrogate returns what none may return.
    """
    for message in messages:
        controller.observe(message)
    try:
        return controller.decide(now)
    except AnswerError as fault:
        raise UserError(str(fault)) from fault


def close_tick(window: Window, now: float) -> FinalTick | None:
    """Close the tick that ends at `now` (s) in a window that no twin owns; returns what Window.final gives."""
    window.close(now)
    delivered(window)
    return window.final()


def delivered(window: Window) -> list[tuple[Event, float]]:
    """Take from a window the events delivered since the last call, each with its time of arrival (s)."""
    events = list(window.delivered_events)
    window.delivered_events.clear()
    return events
