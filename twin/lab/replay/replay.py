"""Recorded telemetry through the same twin: it observes, forecasts, is scored, then learns, as beside a plant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from sim.contract import Message, PlantSpec
from twin.lab.core.closed_loop import take_turn
from twin.lab.core.loop import RowSink, Tick, record_losses, record_turn, signal_keys
from twin.lab.core.scores import forecast_scores, hazard_scores
from twin.twin import Twin


class RecordedTelemetry(Protocol):
    """Telemetry that was recorded: what there is, and the messages of each tick. `now`: ticks played so far."""

    @property
    def spec(self) -> PlantSpec: ...
    @property
    def now(self) -> int: ...
    def play(self) -> Iterator[list[Message]]: ...


SCORED = ("forecasts", "hazards")


@dataclass
class Tables:
    """A recorder that keeps scored forecasts and hazards in memory; columns as in twin.lab.record.recorder.SCHEMA."""

    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def append(self, table: str, columns: dict[str, Any]) -> None:
        """Take rows of a table that scores are made from."""
        if table not in SCORED:
            return
        self.parts.setdefault(table, []).append(columns)

    def cut(self, now: float) -> None:
        """Nothing is written."""

    def keeps(self, table: str) -> bool:
        """Those that scores are made from."""
        return table in SCORED

    def frame(self, table: str, since: float = 0.0) -> pd.DataFrame:
        """Rows of a table issued at or after `since` (s)."""
        parts = self.parts.get(table)
        if not parts:
            return pd.DataFrame({"issued": [], "lead": []})
        whole = pd.DataFrame({column: np.concatenate([np.asarray(p[column]) for p in parts]) for column in parts[0]})
        return whole[whole["issued"] >= since]


def replay(
    recording: RecordedTelemetry,
    twin: Twin,
    recorder: RowSink,
    *,
    watch: Callable[[Tick], None] | None = None,
) -> None:
    """Play a recording to its end.

    recorder: takes readings, events, the forecasts and hazards whose truth is known, and losses. watch: called after
    each tick, which counts readings as its events. The twin sees a tick's messages, then decides: it scores what has
    come true, learns from it, forecasts.
    """
    keys, readings = signal_keys(recording.spec), 0
    for messages in recording.play():
        now = recording.now * recording.spec.tick
        turn, losses = take_turn(twin, messages, now), twin.losses
        readings += sum(len(message.values) for message in messages)
        record_turn(recorder, keys, turn)
        record_losses(recorder, now, losses)
        recorder.cut(now)
        if watch is not None:
            watch(Tick(now, readings, {}, losses, 0))


def prequential(tables: Tables, start: float) -> dict[str, float]:
    """Scores of the forecasts issued at or after `start` (s), by name; see scores.py."""
    return forecast_scores(tables.frame("forecasts", start)) | hazard_scores(tables.frame("hazards", start))
