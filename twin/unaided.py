"""A policy without a twin: nobody forecasts and nothing is learned. It costs a window and the policy, no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.contract import Action, Message, PlantSpec
from twin.forecast import Forecast, Plan
from twin.policies.base import Policy
from twin.policies.checked_actions import check_actions
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.surrogates.no_forecast import NoForecast, nobody_forecasts

Columns = dict[str, Any]


class Unaided(SavedFields):
    """Observes messages; at each tick closes the window and lets the policy act on what was measured.

    It stands wherever a Twin does. The window is the one that a Twin with the same options has, so a policy that asks
    for no forecast decides the same in both. policy: factory, called with spec=. window, cleaning: keyword arguments of
    Window and Cleaner. Raises ValueError for options out of range.
    """

    STATE_FIELDS = ("window", "policy")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        policy: Callable[..., Policy],
        window: Mapping[str, Any] | None = None,
        cleaning: Mapping[str, Any] | None = None,
    ) -> None:
        self.spec, self.surrogate = spec, NoForecast()
        self.window = Window(spec=spec, cleaner=Cleaner(spec=spec, **(cleaning or {})), **(window or {}))
        self.policy = policy(spec=spec)
        self.losses: dict[str, float] = {}

    def observe(self, message: Message) -> None:
        """Take a message that the uplink has delivered."""
        self.window.add(message)

    def decide(self, now: float) -> list[Action]:
        """One tick: close the window, act. Raises AnswerError where the policy asks for a forecast."""
        self.window.close(now)
        self.window.final()
        self.window.lives.maintenance_starts.clear()
        answer = self.policy.act(self.window, self._refuse)
        return check_actions(answer, policy=self.policy, spec=self.spec)

    def drain(self) -> tuple[list[Columns], list[Columns]]:
        """As of a Twin; there are none."""
        return [], []

    def counts(self) -> dict[str, float]:
        """Counts of messages and readings by how they were handled."""
        return self.window.counts()

    def _refuse(self, plans: Sequence[Plan]) -> Forecast:
        raise nobody_forecasts(type(self.policy).__name__)
