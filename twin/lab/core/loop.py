"""One run: a plant and its controller side by side, everything recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Event, Message, Plant, PlantSpec, Truth
from twin.lab.core.closed_loop import Companion, Turn, step
from twin.lab.record.recorder import Words
from twin.state import SavedFields


class RowSink(Protocol):
    """Where the rows of a run go, see twin.lab.record.recorder."""

    def append(self, table: str, columns: dict[str, Any]) -> None: ...
    def cut(self, now: float) -> None: ...
    def keeps(self, table: str) -> bool:
        """Whether it wants the rows of a table; what it lets go is not computed for it."""
        ...


@dataclass(frozen=True, slots=True)
class Tick:
    """The state of a run after a tick, for a progress bar or a sink.

    now: s. events: that the plant has processed. kpis, losses: by name. decisions: so far.
    """

    now: float
    events: int
    kpis: dict[str, float]
    losses: dict[str, float]
    decisions: int


class Experiment(SavedFields):
    """Runs `twin` against `plant` until `horizon` (s). watch: called after every tick.

    Raises ValueError where the horizon is not positive.
    """

    STATE_FIELDS = ("_decisions",)

    def __init__(
        self,
        *,
        plant: Plant,
        twin: Companion,
        recorder: RowSink,
        horizon: float,
        watch: Callable[[Tick], None] | None = None,
    ) -> None:
        if not horizon > 0:
            raise ValueError(f"Experiment: horizon = {horizon}: must be > 0 s")
        self._plant, self._twin, self._recorder = plant, twin, recorder
        self._horizon, self._watch = horizon, watch
        self._decisions = 0
        self._keys = signal_keys(plant.spec)

    def run(self, until: float | None = None) -> dict[str, float]:
        """Run to the horizon, or to the last tick not after `until` (s); returns the key figures of plant and twin.

        Where it is interrupted, what was recorded so far stays.
        """
        tick = self._plant.spec.tick
        last = round(self._horizon / tick) if until is None else int(until / tick * (1 + 1e-12))
        for number in range(round(self._plant.now / tick) + 1, last + 1):
            self._step(number * tick)
        return self.kpis()

    def kpis(self) -> dict[str, float]:
        """Key figures so far."""
        return self._plant.kpis() | self._twin.counts() | {"decisions": float(self._decisions)}

    def _step(self, now: float) -> None:
        turn, journal = step(self._plant, self._twin, now)
        self._decisions += len(turn.actions)
        record_turn(self._recorder, self._keys, turn, journal)
        record_losses(self._recorder, now, self._twin.losses)
        tick = self._record_tick(now) if self._watch is not None or self._recorder.keeps("kpis") else None
        self._recorder.cut(now)
        if self._watch is not None and tick is not None:
            self._watch(tick)

    def _record_tick(self, now: float) -> Tick:
        """Record the plant's figures; a plant reckons them anew each time that it is asked."""
        kpis, truth = self._plant.kpis(), self._plant.truth()
        _record_figures(self._recorder, now, _kpi_rows(kpis, truth))
        return Tick(now, truth["events_processed"], kpis, self._twin.losses, self._decisions)


def signal_keys(spec: PlantSpec) -> NDArray[np.object_]:
    """[signals] the names under which readings are recorded."""
    return np.array([signal.key for signal in spec.signals], dtype=object)


def record_turn(recorder: RowSink, keys: NDArray[np.object_], turn: Turn, journal: Sequence[Event] = ()) -> None:
    """Record what a twin received and did in a tick. keys: see signal_keys. journal: the plant's own events."""
    if recorder.keeps("readings"):
        _record_readings(recorder, keys, turn.messages)
    if recorder.keeps("events"):
        _record_events(recorder, journal, turn.delivered)
    _record_decisions(recorder, turn.actions)
    record_truths(recorder, turn)


def record_truths(recorder: RowSink, turn: Turn) -> None:
    """Record the forecasts and hazards of a turn whose truth is known."""
    for table, rows in (("forecasts", turn.forecasts), ("hazards", turn.hazards)):
        for columns in rows:
            recorder.append(table, columns)


def _record_decisions(recorder: RowSink, actions: Sequence[Action]) -> None:
    if actions:
        fields = ("time", "actuator", "value", "reason", "propensity")
        recorder.append("decisions", {name: [getattr(action, name) for action in actions] for name in fields})


def record_losses(recorder: RowSink, now: float, losses: Mapping[str, float]) -> None:
    """Record what the learner tells of the tick that ends at `now` (s): losses, alarms, tests."""
    if losses:
        columns = {"time": [now] * len(losses), "name": list(losses), "value": list(losses.values())}
        recorder.append("losses", columns)


def _record_figures(recorder: RowSink, now: float, figures: Sequence[tuple[str, str, float]]) -> None:
    asset, name, value = (list(column) for column in zip(*figures, strict=True))
    recorder.append("kpis", {"time": [now] * len(figures), "asset": asset, "name": name, "value": value})


def _record_readings(recorder: RowSink, keys: NDArray[np.object_], messages: Sequence[Message]) -> None:
    full = [m for m in messages if len(m.values)]
    if not full:
        return
    sizes = [len(m.values) for m in full]
    recorder.append(
        "readings",
        {
            "time": np.concatenate([m.times for m in full]),
            "arrived": np.repeat([m.arrived for m in full], sizes),
            "signal": Words(np.concatenate([m.signals for m in full]), keys),
            "value": np.concatenate([m.values for m in full]),
        },
    )


def _record_events(recorder: RowSink, journal: Sequence[Event], delivered: Sequence[tuple[Event, float]]) -> None:
    rows = [(event, np.nan, "plant") for event in journal]
    rows += [(event, arrived, "twin") for event, arrived in delivered]
    if rows:
        events, arrived, source = zip(*rows, strict=True)
        columns = dict(zip(Event._fields, zip(*events, strict=True), strict=True))
        recorder.append("events", columns | {"arrived": arrived, "source": source})


def _kpi_rows(kpis: dict[str, float], truth: Truth) -> list[tuple[str, str, float]]:
    """(asset, name, value): the plant's figures under asset "", then each asset's cumulative state times and wear."""
    rows = [("", name, float(value)) for name, value in kpis.items()]
    for asset, states in truth.get("state_seconds", {}).items():
        rows += [(asset, f"state.{state}", float(seconds)) for state, seconds in states.items()]
    rows += [(asset, "wear", float(value)) for asset, value in truth.get("wear", {}).items()]
    return rows
