"""One replay from its configuration to its directory, which is like a run's."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from twin.lab.core.loop import Tick
from twin.lab.core.scores import scores
from twin.lab.errors import UserError
from twin.lab.record.loading import load
from twin.lab.record.recorder import Recorder
from twin.lab.record.run_directory import SCORES, RunDirectory, dump, fresh_path, label, write_atomically
from twin.lab.replay.replay import replay
from twin.lab.replay.telemetry import Telemetry
from twin.lab.replay.watching import Watch
from twin.lab.report.report import write_report
from twin.lab.running.execute import RUNS
from twin.lab.running.facts import facts_of
from twin.lab.running.interruption import Interruption
from twin.lab.running.progress import Progress
from twin.twin import Twin

PARTS = 64  # of every table at most, however long the recording is


class ReplaySession:
    """A recording, the twin that watches it, and the directory that takes what comes of it.

    path: of the directory. config: the replay's, resolved, with the seed of this twin. source: what was recorded, as
    run.json is to call it. quiet: one of several, which shows no progress of its own. Raises UserError where the
    directory cannot be used.
    """

    def __init__(
        self, *, path: Path, config: Mapping[str, Any], recording: Telemetry, twin: Twin, source: str, quiet: bool
    ) -> None:
        self._path, self._recording, self._twin, self._report = path, recording, twin, config["report"]
        tick = recording.spec.tick
        self._horizon = recording.ticks * tick
        saved = _saved(config, source)
        facts = facts_of(saved, {}, recording, on=str(config["device"]), horizon=self._horizon)
        try:
            text = yaml.safe_dump(saved, sort_keys=False, allow_unicode=True)
            self._run = RunDirectory(path=path, config=text, facts=facts | {"recording": str(config["data"])})
            self._recorder = Recorder(directory=path, part=-(-recording.ticks // PARTS) * tick)
        except OSError as error:
            raise UserError(f"out = {path}: {error.strerror}" if error.strerror else str(error)) from None
        self._progress = Progress(horizon=self._horizon, quiet=quiet, acts=False)
        self._interruption = Interruption()

    def carry_out(self) -> dict[str, float]:
        """Play the recording to its end; returns scores and counts. One that is interrupted leaves a partial report."""
        try:
            with self._interruption, self._progress:
                return self._carry_out()
        finally:
            self._run.release()

    def _carry_out(self) -> dict[str, float]:
        status, error = "failed", ""
        try:
            replay(self._recording, self._twin, self._recorder, watch=self._between_ticks)
            status = "finished"
        except KeyboardInterrupt:
            status, error = "interrupted", f"interrupted at tick {self._recording.now:,} of {self._recording.ticks:,}"
            print(f"\ntandem: {error}; what came of it so far is in {self._path}", file=sys.stderr)
            raise
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            self._recorder.close()
            figures = self._close(status, error)
        return figures | self._counts()

    def _between_ticks(self, tick: Tick) -> None:
        self._progress.update(tick)
        self._interruption.check()

    def _counts(self) -> dict[str, float]:
        return {"ticks": float(self._recording.now), **self._twin.counts()}

    def _close(self, status: str, error: str) -> dict[str, float]:
        """Write figures, scores and report; run.json last, so that what is finished is whole."""
        now = self._recording.now * self._recording.spec.tick
        self._run.close_with(status=status, kpis=self._counts(), error=error, sim_s=now)
        loaded = replace(load(self._path), run=self._run.facts)
        figures = scores(loaded)
        write_atomically(self._path / SCORES, dump(figures))
        if self._report:
            write_report(loaded, figures)
        self._run.finish()
        return figures


def _saved(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The configuration as config.yaml holds it."""
    policy = {"_target_": f"{Watch.__module__}.{Watch.__qualname__}"}
    choices = {"dataset": config["dataset"], "surrogate": label(config["surrogate"])}
    kept = {key: value for key, value in config.items() if key not in ("json", "out", "seeds", "processes")}
    return {**kept, "scenario": source, "policy": policy, "choices": choices}


def directories(config: Mapping[str, Any], source: str, seeds: range) -> list[Path]:
    """A directory for each seed: below `out`, or below RUNS in one with the time and the source in its name."""
    if config["out"] is not None:
        base = Path(config["out"])
        return [base] if len(seeds) == 1 else [base / f"seed{seed}" for seed in seeds]
    stem = re.sub(r"[^\w.-]+", "_", source)
    try:
        return [fresh_path(RUNS, f"replay_{stem}_seed{seed}") for seed in seeds]
    except OSError as error:
        raise UserError(f"runs: cannot be written: {error.strerror or error}") from None
