"""One run from a resolved configuration to its directory, new or resumed from a checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.contract import Plant
from twin.lab.core.loop import Experiment, Tick
from twin.lab.core.scores import scores
from twin.lab.errors import UserError
from twin.lab.record.loading import load
from twin.lab.record.recorder import Recorder
from twin.lab.record.run_directory import SCORES, RunDirectory, dump, write_atomically
from twin.lab.running.checkpoint import Checkpoint, Checkpoints
from twin.lab.running.facts import facts_of
from twin.lab.running.interruption import Interruption, Stopped
from twin.lab.running.progress import Progress
from twin.lab.running.resume import CutShort
from twin.lab.running.tensorboard import open_sink, tapped
from twin.twin import Twin
from twin.units import DAY

Figures = dict[str, float]


class Session:
    """A plant, its twin and a run's directory, put together.

    path: the run's directory.
    text: what config.yaml is to hold. config: the same, resolved, with `out` and `json`.
    on: torch device.
    resumed: the run that goes on; where it has a checkpoint, plant and twin must be as they were then.
    about: the study and the arm that run.json names.
    swept: one of many runs, which prints nothing but a bar on a terminal.
    Raises UserError where the directory cannot be used.
    """

    def __init__(
        self,
        *,
        path: Path,
        text: str,
        config: dict[str, Any],
        on: str,
        plant: Plant,
        twin: Twin,
        resumed: CutShort | None = None,
        about: Mapping[str, str] | None = None,
        swept: bool = False,
    ) -> None:
        self._path, self._config, self._plant, self._swept = path, config, plant, swept
        horizon, point = config["days"] * DAY, resumed.point if resumed else None
        facts = facts_of(config, about or {}, plant, on=on, horizon=horizon)
        self._run = _open_directory(path, text, facts, resumed)
        self._recorder = Recorder(directory=path, part=config["part"])
        quiet = swept and not sys.stderr.isatty()
        self._progress = Progress(horizon=horizon, events=plant.truth()["events_processed"], quiet=quiet)
        self._sink = open_sink(config, path=path, tick=plant.spec.tick, now=point.time if point else 0.0)
        self._experiment = Experiment(
            plant=plant,
            twin=twin,
            recorder=tapped(self._recorder, self._sink),
            horizon=horizon,
            watch=self._between_ticks,
        )
        if resumed is not None:
            self._take_up(point)
        self._checkpoints = Checkpoints(
            directory=path,
            every=config["checkpoint"],
            plant=plant,
            twin=twin,
            experiment=self._experiment,
            recorder=self._recorder,
            spent=self._run.spent,
        )
        self._interruption = Interruption()

    def carry_out(self) -> tuple[Figures, Figures]:
        """Run to the end; returns key figures and scores.

        A run that is interrupted leaves a partial report, and a checkpoint if it can.
        """
        try:
            with self._interruption, self._progress:
                return self._carry_out()
        finally:
            self._run.release()

    def _carry_out(self) -> tuple[Figures, Figures]:
        status, error = "failed", ""
        try:
            self._experiment.run()
            status = "finished"
        except KeyboardInterrupt as interrupt:
            if isinstance(interrupt, Stopped):
                self._checkpoints.write(self._plant.now)
            error = f"interrupted at {self._plant.now / DAY:.2f} of {self._config['days']} days"
            status = "interrupted"
            raise
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            self._recorder.close()
            self._sink.close()
            figures = self._close(status, error)
            if status == "interrupted" and not self._swept:
                hint = f"what was recorded is in {self._path}; tandem run resume={self._path} goes on"
                print(f"\ntandem: {error}; {hint}", file=sys.stderr)
        return self._experiment.kpis(), figures

    def _take_up(self, point: Checkpoint | None) -> None:
        """Set recorder and loop to a checkpoint, or to the beginning where there is none."""
        if point is None:
            self._recorder.take_up(now=0.0, parts=(), unwritten={})
            return
        try:
            self._recorder.take_up(now=point.time, parts=point.parts, unwritten=point.rows)
            self._experiment.load(point.experiment)
        except ValueError as error:
            raise UserError(str(error)) from None

    def _between_ticks(self, tick: Tick) -> None:
        self._progress.update(tick)
        self._sink.update(tick)
        self._checkpoints.update(tick.now)
        self._interruption.check()

    def _close(self, status: str, error: str) -> Figures:
        """Write figures, scores and report, run.json last: a run is finished when everything else is written.

        A run that was cut short keeps its tables and gets a partial report.
        """
        run, plant = self._run, self._plant
        kpis, events = self._experiment.kpis(), plant.truth()["events_processed"]
        run.close_with(status=status, kpis=kpis, error=error, sim_s=plant.now, events=events)
        try:
            figures = self._score()
        except Exception as failure:  # what ended the run early matters more
            message = f"no report: {type(failure).__name__}: {failure}"
            if status == "finished":
                run.close(status="failed", kpis=None, error=message)
                raise
            print(f"tandem: {message}", file=sys.stderr)
            figures = {}
        run.finish()
        return figures

    def _score(self) -> Figures:
        loaded = replace(load(self._path), run=self._run.facts)
        figures = scores(loaded)
        write_atomically(self._path / SCORES, dump(figures))
        if self._config["report"]:
            from twin.lab.report.report import write_report

            write_report(loaded, figures)
        return figures


def _open_directory(path: Path, text: str, facts: Mapping[str, Any], resumed: CutShort | None) -> RunDirectory:
    point = resumed.point if resumed else None
    spent = point.spent if point else (0.0, 0.0)
    try:
        return RunDirectory(
            path=path, config=text, facts=facts, before=resumed.before if resumed else None, spent=spent
        )
    except OSError as error:
        raise UserError(f"out = {path}: {error.strerror}" if error.strerror else str(error)) from None
