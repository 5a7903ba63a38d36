"""Recorded telemetry through the same twin: it observes, forecasts, is scored, then learns, as it would beside a plant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from sim.contract import Action, Message, PlantSpec
from twin.forecast import Floats, Predict
from twin.lab.core.loop import RowSink
from twin.lab.core.scores import forecast_scores, hazard_scores, phm08
from twin.lab.replay.cmapss import Cmapss, Fleet
from twin.sensing.window import Window
from twin.state import Kept
from twin.twin import Twin

# Remaining life beyond this is not told apart (Heimes 2008); forecasts are restricted to it, see conf/dataset.
CAP = 125.0
# Published on FD001, scored on each test engine's last cycle: RMSE against the capped truth, PHM08 score.
PUBLISHED = (
    ("deep LSTM", 16.14, 338.0),
    ("DCNN", 12.61, 274.0),
    ("AGCNN", 12.42, 226.0),
    ("DAST", 11.43, 203.0),
    ("MTSTAN", 10.97, 175.0),
)


class RecordedTelemetry(Protocol):
    """Telemetry that was recorded: what there is, and the messages of each tick. `now`: ticks played so far."""

    @property
    def spec(self) -> PlantSpec: ...
    @property
    def now(self) -> int: ...
    def play(self) -> Iterator[list[Message]]: ...


class Watch(Kept):
    """A policy that never acts: it keeps what the twin says of every asset left alone.

    remaining: [assets] restricted mean remaining life, ticks.
    """

    KEPT = ("remaining",)

    def __init__(self, *, spec: PlantSpec) -> None:
        self.remaining: Floats = np.full(len(spec.assets), np.nan)

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Look, and do nothing."""
        self.remaining = predict([window.hold()]).restricted_mean()[0]
        return []


@dataclass
class Tables:
    """A recorder that keeps the settled forecasts and hazards in memory; columns as in twin.lab.record.recorder.SCHEMA."""

    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def append(self, table: str, columns: dict[str, Any]) -> None:
        """Take rows."""
        self.parts.setdefault(table, []).append(columns)

    def cut(self, now: float) -> None:
        """Nothing is written."""

    def frame(self, table: str, since: float = 0.0) -> pd.DataFrame:
        """Rows of a table issued at or after `since` (s)."""
        parts = self.parts.get(table)
        if not parts:
            return pd.DataFrame({"issued": [], "lead": []})
        whole = pd.DataFrame({column: np.concatenate([np.asarray(p[column]) for p in parts]) for column in parts[0]})
        return whole[whole["issued"] >= since]


def replay(
    recording: RecordedTelemetry, twin: Twin, recorder: RowSink, *, watch: Callable[[int], None] | None = None
) -> None:
    """Play a recording to its end. recorder: takes settled forecasts, hazards and losses. watch: called every tick.

    The twin sees a tick's messages, then decides: it scores what has come true, learns from it, forecasts.
    """
    for messages in recording.play():
        now = recording.now * recording.spec.tick
        for message in messages:
            twin.observe(message)
        twin.decide(now)
        for table, rows in zip(("forecasts", "hazards"), twin.ledger.drain(), strict=True):
            for columns in rows:
                recorder.append(table, columns)
        recorder.cut(now)
        if watch is not None:
            watch(recording.now)


def prequential(tables: Tables, start: float) -> dict[str, float]:
    """Scores of the forecasts issued at or after `start` (s), by name; see scores.py."""
    return forecast_scores(tables.frame("forecasts", start)) | hazard_scores(tables.frame("hazards", start))


def cmapss(
    data: Cmapss,
    make: Callable[[PlantSpec], Twin],
    *,
    slots: int = 100,
    targets: Sequence[str] = (),
    watch: Callable[[int], None] | None = None,
) -> dict[str, float]:
    """Learn from the training engines as a stream, then say how long each test engine lasts after its last cycle.

    slots: engines that run at the same time. targets: the sensors to forecast as well. make: a twin with policy Watch.
    Nothing is learned from test engines: weights and scales stand still.
    Returns rmse_capped, rmse_raw, score_capped, score_raw, bias_capped and the training stream's prequential scores.
    """
    train = Fleet(data.signals, data.train, slots, "turbofan", targets)
    twin, tables = make(train.spec), Tables()
    replay(train, twin, tables, watch=watch)
    twin.learner.frozen = True
    predicted = last_words(twin, data, train)
    return life_scores(predicted, data.truth) | prequential(tables, train.now / 2)


def last_words(twin: Twin, data: Cmapss, train: Fleet) -> Floats:
    """[test engines] remaining life, cycles, as forecast at each one's last cycle; they run in the training's slots."""
    if not isinstance(twin.policy, Watch):
        raise ValueError(f"last_words: policy = {type(twin.policy).__name__}: must be Watch")
    said: dict[str, float] = {}
    test = Fleet(data.signals, data.test, train.slots, train.type, train.targets, channel="test", now=train.now)
    watcher = twin.policy

    def note(_: int) -> None:
        for slot, unit in test.finished:
            said[unit.name] = float(watcher.remaining[slot])

    replay(test, twin, Tables(), watch=note)
    return np.array([said[unit.name] for unit in data.test])


def life_scores(predicted: Floats, truth: Floats) -> dict[str, float]:
    """RMSE and PHM08 score of remaining lives [engines], cycles, against the truth capped at CAP and as it is."""
    capped = np.minimum(predicted, CAP) - np.minimum(truth, CAP)
    raw = predicted - truth
    return {
        "rmse_capped": float(np.sqrt((capped**2).mean())),
        "rmse_raw": float(np.sqrt((raw**2).mean())),
        "score_capped": phm08(capped),
        "score_raw": phm08(raw),
        "bias_capped": float(capped.mean()),
    }
