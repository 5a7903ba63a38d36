"""A run's figures as TensorBoard shows them, beside its own tables. Off by default; no result depends on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from twin.lab.core.loop import RowSink, Tick
from twin.lab.record.durable import write_whole

FOLDER, FILE = "tensorboard", "events.out.tfevents.tandem"


class FigureSink(Protocol):
    """Takes the figures of a run."""

    def see(self, table: str, columns: Mapping[str, Any]) -> None:
        """Rows of a table, as they are recorded."""

    def update(self, tick: Tick) -> None:
        """A tick is over, and its rows have been seen."""

    def close(self) -> None:
        """The run is over, or was cut short."""


class Nowhere:
    """A sink that drops everything."""

    def see(self, table: str, columns: Mapping[str, Any]) -> None:
        """Do nothing."""

    def update(self, tick: Tick) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class TensorBoard:
    """An event file of scalars, one event a tick: loss/…, kpi/… and calibration/….

    calibration/coverage90.hN: share of truths in the 5 to 95 % band, of the forecasts N ticks ahead that came true in
    this tick. calibration/brier.hN: mean squared error of the failure probabilities whose outcome became known. An
    event's step is the number of the tick, its wall time the simulated time, so that the same run gives the same bytes.
    directory: the run's. tick: s. now: time at which the run begins or goes on, s; later events of the file are cut
    off.
    """

    def __init__(self, *, directory: Path, tick: float, now: float = 0.0) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]

        path = directory / FOLDER / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        self._tick = tick
        self._file = _cut(path, now)
        self._writer = RecordWriter(self._file)
        self._calibration: dict[str, float] = {}
        if not path.stat().st_size:
            self._write(0.0, file_version="brain.Event:2")

    def see(self, table: str, columns: Mapping[str, Any]) -> None:
        """See Sink."""
        if table == "forecasts":
            truth = np.asarray(columns["truth"])
            inside = (truth >= np.asarray(columns["q05"])) & (truth <= np.asarray(columns["q95"]))
            self._mean("coverage90", columns["horizon"], np.where(np.isfinite(truth), inside, np.nan))
        elif table == "hazards":
            gap = np.asarray(columns["probability"]) - np.asarray(columns["outcome"])
            self._mean("brier", columns["lead"], gap**2)

    def update(self, tick: Tick) -> None:
        """See Sink."""
        from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]

        figures = {
            **{f"loss/{name}": value for name, value in tick.losses.items()},
            **{f"kpi/{name}": value for name, value in tick.kpis.items()},
            **{f"calibration/{name}": value for name, value in self._calibration.items()},
        }
        self._calibration = {}
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in figures.items() if math.isfinite(value)]
        self._write(tick.now, step=round(tick.now / self._tick), summary=Summary(value=values))

    def close(self) -> None:
        """See Sink."""
        self._file.close()

    def _mean(self, what: str, steps: Any, values: Any) -> None:
        ahead = np.asarray(steps)
        for step in np.unique(ahead):
            known = values[(ahead == step) & np.isfinite(values)]
            if len(known):
                self._calibration[f"{what}.h{step}"] = float(known.mean())

    def _write(self, now: float, **content: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]

        self._writer.write(Event(wall_time=now, **content).SerializeToString())
        self._writer.flush()


class Tapped:
    """A recorder whose rows a sink sees too."""

    def __init__(self, recorder: RowSink, sink: FigureSink) -> None:
        self._recorder, self._sink = recorder, sink

    def append(self, table: str, columns: dict[str, Any]) -> None:
        """See Recorder."""
        self._recorder.append(table, columns)
        self._sink.see(table, columns)

    def cut(self, now: float) -> None:
        """See Recorder."""
        self._recorder.cut(now)

    def keeps(self, table: str) -> bool:
        """See Recorder."""
        return self._recorder.keeps(table)


def open_sink(config: Mapping[str, Any], *, path: Path, tick: float, now: float) -> FigureSink:
    """The sink that a run's configuration asks for; the run in `path` begins, or goes on, at `now` (s)."""
    return TensorBoard(directory=path, tick=tick, now=now) if config.get("tensorboard") else Nowhere()


def tapped(recorder: RowSink, sink: FigureSink) -> RowSink:
    """The recorder, with a sink beside it where there is one."""
    return recorder if isinstance(sink, Nowhere) else Tapped(recorder, sink)


def _cut(path: Path, now: float) -> Any:
    """The file, open to go on behind the last event until `now`; what a killed run left half-written goes too."""
    if not path.exists():
        return open(path, "xb")
    from io import BytesIO

    from tensorboard.backend.event_processing import event_file_loader  # type: ignore[import-untyped]
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    events = BytesIO()
    writer = RecordWriter(events)
    for record in event_file_loader.RawEventFileLoader(str(path)).Load():
        if now > 0 and Event.FromString(record).wall_time <= now + 1e-6:
            writer.write(record)
    write_whole(path, events.getvalue())
    return open(path, "ab")
