"""The digital twin: the whole loop on one screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Message, PlantSpec
from twin.checks import rising_ticks
from twin.forecast import Forecast, Plan
from twin.layout import Layout
from twin.learning.learner import Learner
from twin.memory.memory import Memory
from twin.planning.encoder import PlanEncoder
from twin.policies.base import Policy
from twin.policies.checked_actions import check_actions
from twin.reliability.failure_paths import FailurePaths
from twin.scoring.calibration import Calibration
from twin.scoring.ledger import Ledger
from twin.sensing.cleaning import Cleaner
from twin.sensing.features import Features, Inputs
from twin.sensing.scaling import Scaler
from twin.sensing.window import Window
from twin.state import Kept
from twin.surrogates.base import NotesIssued, Shape, Surrogate
from twin.surrogates.checked_forecast import check_forecast


class Twin(Kept):
    """Observes messages; at each tick predicts, scores, learns and decides.

    surrogate, policy: factories, called with shape=, seed=, device= and with spec=. horizons: forecast horizons,
    ticks, rising. edges: ends of the hazard's bins, ticks, rising. leads: horizons at which failures are scored.
    window, cleaning, features, memory, learner, promotion, drift, recovery, convergence, calibration, degradation: keyword
    arguments of those classes.
    """

    KEPT = (
        "window", "features", "degradation", "scaler", "memory", "ledger", "calibration", "learner", "surrogate", "policy",
    )  # fmt: skip

    def __init__(
        self,
        *,
        spec: PlantSpec,
        surrogate: Callable[..., Surrogate],
        policy: Callable[..., Policy],
        seed: int = 0,
        device: str = "cpu",
        horizons: Sequence[int] = (1, 6, 36, 144),
        edges: Sequence[float] = (1, 3, 6, 12, 24, 36, 72, 144),
        leads: Sequence[int] = (6, 36, 144),
        window: Mapping[str, Any] | None = None,
        cleaning: Mapping[str, Any] | None = None,
        features: Mapping[str, Any] | None = None,
        memory: Mapping[str, Any] | None = None,
        learner: Mapping[str, Any] | None = None,
        promotion: Mapping[str, Any] | None = None,
        drift: Mapping[str, Any] | None = None,
        recovery: Mapping[str, Any] | None = None,
        convergence: Mapping[str, Any] | None = None,
        calibration: Mapping[str, Any] | None = None,
        degradation: Mapping[str, Any] | None = None,
    ) -> None:
        rising_ticks("Twin", 1, horizons=horizons, edges=edges, leads=leads)
        layout, bins = Layout(spec), (0.0, *map(float, edges))
        self.spec = spec
        self.window = Window(spec=spec, cleaner=Cleaner(spec=spec, **(cleaning or {})), **(window or {}))
        self.features = Features(layout=layout, horizons=horizons, **({"spans": (6, 36, 144)} | dict(features or {})))
        self.scaler = Scaler(len(self.features.columns.names))
        self.encoder = PlanEncoder(layout=layout, horizons=horizons)
        self.shape = Shape.of(
            layout=layout, features=self.features.columns, plan=self.encoder.columns, horizons=horizons, edges=bins
        )
        watched: dict[str, Any] = {"columns": self.features.rise_columns, "modes": self.shape.modes}
        self.degradation = FailurePaths(
            assets=len(spec.assets), edges=bins, tick=spec.tick, **watched, **(degradation or {})
        )
        self.surrogate = surrogate(shape=self.shape, seed=seed, device=device)
        memory = {"capacity": 8640, "rare": 0.0, "context": self.surrogate.context} | dict(memory or {})
        self.memory = Memory(assets=len(spec.assets), horizons=horizons, edges=bins, seed=seed, **memory)
        span = max(*horizons, *leads) + self.window.grace
        if self.memory.capacity < span:
            told = f"must be at least the longest horizon or lead and the grace of the window, {span} ticks"
            raise ValueError(f"Twin: memory.capacity = {self.memory.capacity}: {told}")
        self.ledger = Ledger(layout=layout, horizons=horizons, leads=leads, memory=self.memory, encoder=self.encoder)
        sizes = {"assets": len(spec.assets), "targets": len(layout.targets)}
        self.calibration = Calibration(**sizes, horizons=horizons, **(calibration or {}))
        self.learner = Learner(
            surrogate=self.surrogate,
            memory=self.memory,
            scaler=self.scaler,
            horizons=horizons,
            targets=layout.target_names,
            parts={"convergence": convergence, "promotion": promotion, "drift": drift, "recovery": recovery},
            **(learner or {}),
        )
        self.policy = policy(spec=spec)
        self._checked = False
        self.latest: Inputs | None = None  # scaled inputs of the last tick: what `predict` is asked with

    def observe(self, message: Message) -> None:
        """Take a message that the uplink has delivered."""
        self.window.add(message)

    def decide(self, now: float) -> list[Action]:
        """One tick: close the window, score and learn from what has come true, forecast, act."""
        frame = self.window.close(now)
        self.ledger.settle(self.window)
        if not self.learner.frozen:
            self.calibration.learn(self.ledger.settled)
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
        """Distributions if each plan is all that is done, from scaled inputs."""
        return self.calibration.apply(self._forecast(inputs, self.encoder.encode(plans, closed=True)))

    def _forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """The surrogate's; the first is checked. Raises AnswerError naming what is wrong with it."""
        forecast = self.surrogate.forecast(inputs, plans)
        if not self._checked:
            check_forecast(forecast, surrogate=self.surrogate, shape=self.shape, plans=len(plans))
            self._checked = True
        return forecast

    def counts(self) -> dict[str, float]:
        """What became of messages and readings on their way in, and of what was learned."""
        window = self.window
        return {
            "messages_accepted": window.inbox.accepted,
            "messages_duplicate": window.inbox.duplicates,
            "messages_reordered": window.inbox.reordered,
            "messages_missing": window.inbox.missing,
            "readings_late": window.late_readings,
            "readings_out_of_range": window.cleaner.out_of_range,
            "readings_stuck": window.cleaner.stuck,
            "events_contradictory": window.lives.contradictions,
            **self.learner.counts(),
        }
