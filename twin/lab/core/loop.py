"""One run: a plant and its controller side by side, everything recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Event, Message, Plant, Truth
from twin.lab.record.recorder import Words
from twin.state import Kept
from twin.twin import Twin


class RowSink(Protocol):
    """Where the rows of a run go, see twin.lab.record.recorder."""

    def append(self, table: str, columns: dict[str, Any]) -> None: ...
    def cut(self, now: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Tick:
    """What a watcher is told after every tick."""

    now: float
    events: int
    kpis: dict[str, float]
    losses: dict[str, float]
    decisions: int


class Experiment(Kept):
    """Runs `twin` against `plant` until `horizon` (s). watch: called after every tick.

    Raises ValueError where the horizon is not positive.
    """

    KEPT = ("_decisions",)

    def __init__(
        self,
        *,
        plant: Plant,
        twin: Twin,
        recorder: RowSink,
        horizon: float,
        watch: Callable[[Tick], None] | None = None,
    ) -> None:
        if not horizon > 0:
            raise ValueError(f"Experiment: horizon = {horizon}: must be > 0 s")
        self._plant, self._twin, self._recorder = plant, twin, recorder
        self._horizon, self._watch = horizon, watch
        self._decisions = 0
        self._keys = np.array([signal.key for signal in plant.spec.signals], dtype=object)

    def run(self) -> dict[str, float]:
        """The whole run; returns the key figures of plant and twin. Interrupted, what was recorded stands."""
        tick = self._plant.spec.tick
        for number in range(round(self._plant.now / tick) + 1, round(self._horizon / tick) + 1):
            self._step(number * tick)
        return self.kpis()

    def kpis(self) -> dict[str, float]:
        """Key figures so far."""
        return self._plant.kpis() | self._twin.counts() | {"decisions": float(self._decisions)}

    def _step(self, now: float) -> None:
        messages = self._plant.advance(now)
        for message in messages:
            self._twin.observe(message)
        actions = self._twin.decide(now)
        for action in actions:
            self._plant.apply(action)
        self._decisions += len(actions)
        kpis, truth = self._plant.kpis(), self._plant.truth()
        self._record(now, messages, actions, _kpi_rows(kpis, truth))
        self._recorder.cut(now)
        if self._watch is not None:
            self._watch(Tick(now, truth["events_processed"], kpis, self._twin.learner.losses, self._decisions))

    def _record(
        self, now: float, messages: Sequence[Message], actions: Sequence[Action], figures: list[tuple[str, str, float]]
    ) -> None:
        append = self._recorder.append
        _record_readings(self._recorder, self._keys, messages)
        _record_events(self._recorder, self._plant.journal(), self._twin)
        if actions:
            append("decisions", {
                "time": [a.time for a in actions], "actuator": [a.actuator for a in actions],
                "value": [a.value for a in actions], "reason": [a.reason for a in actions],
                "propensity": [a.propensity for a in actions],
            })  # fmt: skip
        forecasts, hazards = self._twin.ledger.drain()
        for table, rows in (("forecasts", forecasts), ("hazards", hazards)):
            for columns in rows:
                append(table, columns)
        losses = self._twin.learner.losses
        if losses:
            append("losses", {"time": [now] * len(losses), "name": list(losses), "value": list(losses.values())})
        asset, name, value = zip(*figures, strict=True)
        append("kpis", {"time": [now] * len(figures), "asset": list(asset), "name": list(name), "value": list(value)})


def _record_readings(recorder: RowSink, keys: NDArray[np.object_], messages: Sequence[Message]) -> None:
    full = [m for m in messages if len(m.values)]
    if not full:
        return
    sizes = [len(m.values) for m in full]
    recorder.append("readings", {
        "time": np.concatenate([m.times for m in full]),
        "arrived": np.repeat([m.arrived for m in full], sizes),
        "signal": Words(np.concatenate([m.signals for m in full]), keys),
        "value": np.concatenate([m.values for m in full]),
    })  # fmt: skip


def _record_events(recorder: RowSink, journal: Sequence[Event], twin: Twin) -> None:
    delivered = twin.window.delivered_events
    rows = [(event, np.nan, "plant") for event in journal]
    rows += [(event, arrived, "twin") for event, arrived in delivered]
    delivered.clear()
    if rows:
        recorder.append("events", {
            **{name: [getattr(e, name) for e, _, _ in rows] for name in ("time", "asset", "kind", "detail", "value")},
            "arrived": [arrived for _, arrived, _ in rows],
            "source": [source for _, _, source in rows],
        })  # fmt: skip


def _kpi_rows(kpis: dict[str, float], truth: Truth) -> list[tuple[str, str, float]]:
    """(asset, name, value): the plant's figures under asset "", then each asset's cumulative state times and wear."""
    rows = [("", name, float(value)) for name, value in kpis.items()]
    for asset, states in truth.get("state_seconds", {}).items():
        rows += [(asset, f"state.{state}", float(seconds)) for state, seconds in states.items()]
    rows += [(asset, "wear", float(value)) for asset, value in truth.get("wear", {}).items()]
    return rows
