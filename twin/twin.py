"""The digital twin: the whole loop on one screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Message, PlantSpec
from twin.forecast import Forecast, Plan
from twin.parts import Learning, Sensing, TwinOptions, failure_paths
from twin.policies.base import Policy
from twin.policies.checked_actions import check_actions
from twin.sensing.features import Inputs
from twin.state import SavedFields
from twin.surrogates.base import NotesIssued, Surrogate
from twin.surrogates.checked_forecast import check_forecast


class Twin(SavedFields):
    """Observes messages; at each tick predicts, scores, learns and decides.

    surrogate, policy: factories, called with shape=, seed=, device= and with spec=. device: of torch. options: see
    TwinOptions. Raises ValueError for options out of range.
    """

    STATE_FIELDS = (
        "window",
        "features",
        "degradation",
        "scaler",
        "memory",
        "ledger",
        "calibration",
        "learner",
        "surrogate",
        "policy",
    )

    def __init__(
        self,
        *,
        spec: PlantSpec,
        surrogate: Callable[..., Surrogate],
        policy: Callable[..., Policy],
        seed: int = 0,
        device: str = "cpu",
        **options: Any,
    ) -> None:
        chosen = TwinOptions(**options)
        sensing = Sensing(spec=spec, options=chosen)
        learning = Learning(spec=spec, sensing=sensing, surrogate=surrogate, seed=seed, device=device, options=chosen)
        self.spec = spec
        self.window, self.features, self.scaler = sensing.window, sensing.features, sensing.scaler
        self.encoder, self.shape = sensing.encoder, sensing.shape
        self.degradation = failure_paths(spec, sensing, chosen)
        self.surrogate, self.memory, self.ledger = learning.surrogate, learning.memory, learning.ledger
        self.calibration, self.learner = learning.calibration, learning.learner
        self.policy = policy(spec=spec)
        self._checked = False
        self.latest: Inputs | None = None  # scaled inputs of the last tick: what `predict` is asked with

    def observe(self, message: Message) -> None:
        """Take a message that the uplink has delivered."""
        self.window.add(message)

    def decide(self, now: float) -> list[Action]:
        """One tick: close the window, score and learn from what has come true, forecast, act."""
        frame = self.window.close(now)
        self.ledger.score_due(self.window)
        if not self.learner.frozen:
            self.calibration.learn(self.ledger.scored)
        self.learner.step(frame.tick, self.ledger)

        learns, rate = not self.learner.frozen, self.window.lives.constant_rate(now) * self.spec.tick
        inputs = self.features.update(frame, rate)
        rises, lives = self.features.rises(), self.window.lives
        path = self.degradation.update(rises, frame.up, frame.age, lives, rate, learns=learns)
        if learns:
            self.scaler.update(inputs.features[np.isfinite(frame.value).any(1)])
        scaled = replace(
            inputs, features=self.scaler.scale(inputs.features), history=self.memory.past(inputs), path=path
        )
        self.latest = scaled

        answer = self.policy.act(self.window, lambda plans: self.predict(scaled, plans))
        actions = check_actions(answer, policy=self.policy, spec=self.spec)
        plan = self.window.intend(actions)
        intent = self.encoder.encode([plan], closed=False)
        raw = self._forecast(scaled, intent)
        if isinstance(self.surrogate, NotesIssued):
            self.surrogate.note_issued(raw)
        self.ledger.enter(frame.tick, self.calibration.apply(raw), inputs, intent[0], raw)
        return actions

    def predict(self, inputs: Inputs, plans: Sequence[Plan]) -> Forecast:
        """Forecasts under closed plans (no action but those of the plan), from scaled inputs."""
        return self.calibration.apply(self._forecast(inputs, self.encoder.encode(plans, closed=True)))

    def _forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """The surrogate's; the first is checked. Raises AnswerError naming what is wrong with it."""
        forecast = self.surrogate.forecast(inputs, plans)
        if not self._checked:
            check_forecast(forecast, surrogate=self.surrogate, shape=self.shape, plans=len(plans))
            self._checked = True
        return forecast

    @property
    def losses(self) -> dict[str, float]:
        """What the last tick taught, by name: losses, alarms, tests."""
        return self.learner.losses

    def drain(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Forecasts and hazards whose truth became known since the last call, as columns of their tables."""
        return self.ledger.drain()

    def counts(self) -> dict[str, float]:
        """Counts of messages and readings by how they were handled, and of learning steps."""
        return {**self.window.counts(), **self.learner.counts()}
