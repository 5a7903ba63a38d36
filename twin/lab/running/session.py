"""One run from a resolved configuration to its directory, new or resumed from a checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from sim.contract import Plant
from twin.lab.core.closed_loop import Companion
from twin.lab.core.loop import Experiment, Tick
from twin.lab.core.scores import scores
from twin.lab.errors import StorageError, UserError, cause, of_disk
from twin.lab.record.history import course
from twin.lab.record.loading import load
from twin.lab.record.recorder import Recorder
from twin.lab.record.run_directory import KPIS, SCORES, VERDICT, RunDirectory, dump, write_atomically
from twin.lab.running.beside import Beside
from twin.lab.running.checkpoint import Checkpoint, Checkpoints
from twin.lab.running.facts import facts_of
from twin.lab.running.interruption import Interruption, Stopped
from twin.lab.running.outlook import write_outlook
from twin.lab.running.played import figure_of
from twin.lab.running.progress import Progress
from twin.lab.running.resume import CutShort
from twin.lab.running.tensorboard import open_sink, tapped
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
    beside: what the run is told beside; None: it gets no verdict.
    Raises UserError where the directory cannot be used, StorageError where it cannot be written.
    """

    def __init__(
        self,
        *,
        path: Path,
        text: str,
        config: dict[str, Any],
        on: str,
        plant: Plant,
        twin: Companion,
        resumed: CutShort | None = None,
        about: Mapping[str, str] | None = None,
        swept: bool = False,
        beside: Beside | None = None,
    ) -> None:
        self._path, self._config, self._plant, self._twin, self._swept = path, config, plant, twin, swept
        self._beside = beside
        self._horizon, self._last = config["days"] * DAY, cast("Tick | None", None)
        with ExitStack() as undo:
            self._interruption = undo.enter_context(Interruption())
            facts = facts_of(config, about or {}, plant, on=on, horizon=self._horizon)
            self._run = _open_directory(path, text, facts, resumed)
            undo.callback(self._run.release)
            try:
                self._set_up(resumed)
            except (OSError, UserError) as failure:
                raise self._fail(failure) from None
            self._undo = undo.pop_all()

    def _set_up(self, resumed: CutShort | None) -> None:
        plant, point = self._plant, resumed.point if resumed else None
        self._now, self._events = plant.now, plant.truth()["events_processed"]
        self._recorder = Recorder(directory=self._path, part=self._config["part"])
        quiet = self._swept and not sys.stderr.isatty()
        objective = plant.spec.objective
        self._progress = Progress(horizon=self._horizon, events=self._events, quiet=quiet, objective=objective)
        self._sink = open_sink(self._config, path=self._path, tick=plant.spec.tick, now=point.time if point else 0.0)
        self._experiment = Experiment(
            plant=plant,
            twin=self._twin,
            recorder=tapped(self._recorder, self._sink),
            horizon=self._horizon,
            watch=self._between_ticks,
        )
        if resumed is not None:
            self._take_up(point)
        self._checkpoints = Checkpoints(
            directory=self._path,
            every=self._config["checkpoint"],
            plant=plant,
            twin=self._twin,
            experiment=self._experiment,
            recorder=self._recorder,
            spent=self._run.spent,
        )

    def carry_out(self) -> tuple[Figures, Figures]:
        """Run to the end; returns key figures and scores.

        Whatever ends the run early, its run.json says so first. A run that is interrupted leaves a partial report, and
        a checkpoint if it can. Raises StorageError where files cannot be written.
        """
        with self._undo:
            try:
                with self._progress:
                    self._interruption.listen()
                    if self._beside is not None:
                        self._beside.start()
                    self._experiment.run()
                    return self._finish()
            except KeyboardInterrupt as interrupt:
                raise KeyboardInterrupt(self._stop(between_ticks=isinstance(interrupt, Stopped))) from None
            except Exception as failure:
                told = self._fail(failure)
                if told is failure:
                    raise
                raise told from None

    def _take_up(self, point: Checkpoint | None) -> None:
        """Set recorder and loop to a checkpoint, or to the beginning where there is none."""
        if point is None:
            self._recorder.take_up(now=0.0, parts={}, unwritten={})
            return
        try:
            self._recorder.take_up(now=point.time, parts=point.parts, unwritten=point.rows)
            self._experiment.load(point.experiment)
        except ValueError as error:
            raise UserError(str(error)) from None

    def _between_ticks(self, tick: Tick) -> None:
        self._last, self._now, self._events = tick, tick.now, tick.events
        self._progress.update(tick)
        self._sink.update(tick)
        if tick.now < self._horizon:  # who resumes from the end has no tick left in which the twin forecasts
            self._checkpoints.update(tick.now)
        self._interruption.check()

    def _finish(self) -> tuple[Figures, Figures]:
        """Write figures, scores and report, run.json last: a run is finished when everything else is written."""
        self._close_tables()
        kpis = self._experiment.kpis()
        self._judge(kpis)
        self._run.close_with(status="finished", kpis=kpis, sim_s=self._now, events=self._events)
        try:
            self._look_ahead()
            figures = self._score()
        except (OSError, ValueError) as failure:
            why = cause(failure) if isinstance(failure, OSError) else str(failure)
            raise StorageError(f"no report: {why}") from failure
        self._run.finish()
        return kpis, figures

    def _judge(self, kpis: Figures) -> None:
        """Write the verdict; where there can be none a line says why, and the run goes on without."""
        (self._path / VERDICT).unlink(missing_ok=True)  # of a resumed run that came this far before
        if self._beside is None:
            return
        try:
            own = course(self._path, figure_of(self._plant.spec.objective, kpis))
            verdict = self._beside.verdict(own, self._interruption.check)
        except ValueError as failure:
            print(f"tandem: no verdict: {failure}", file=sys.stderr)
            return
        write_atomically(self._path / VERDICT, dump(verdict.json()))

    def _stop(self, *, between_ticks: bool) -> str:
        """Close an interrupted run: a checkpoint where it can be taken, tables, figures, a partial report.

        One more Ctrl-C leaves out what is not written by then. Returns what to tell the user.
        """
        self._interruption.taken()
        error = f"interrupted at {self._now / DAY:.2f} of {self._config['days']} days"
        self._note("interrupted", error)
        with suppress(KeyboardInterrupt, OSError), self._interruption.giving_up():
            if between_ticks:
                self._checkpoints.write(self._now)
            self._write_rest()
        return f"{error}; what was recorded is in {self._path}; tandem run resume={self._path} goes on"

    def _fail(self, failure: Exception) -> Exception:
        """Close a run that failed; returns the error to raise.

        Where the disk is to blame nothing more is written to it.
        """
        self._interruption.taken()
        if not of_disk(failure) and not isinstance(failure, StorageError):
            self._note("failed", f"{type(failure).__name__}: {failure}")
            with suppress(Exception):  # what ended the run matters more
                self._write_rest()
            return failure
        why = cause(failure) if isinstance(failure, OSError) else str(failure)
        told = f"{why}, at {self._now / DAY:.2f} of {self._config['days']} days"
        self._note("failed", told)
        if self._swept:
            return StorageError(told)
        return StorageError(f"{self._path}: {told}; once it can be written, tandem run resume={self._path} goes on")

    def _note(self, status: str, error: str) -> None:
        """Have run.json say how the run ended, before anything else is tried."""
        with suppress(OSError):  # where it cannot, the run counts as killed
            self._run.close(status=status, kpis=None, error=error, sim_s=self._now, events=self._events)

    def _close_tables(self) -> None:
        self._recorder.close()
        self._sink.close()

    def _write_rest(self) -> None:
        """What an unfinished run leaves beside its status: tables, figures as of the last tick, a partial report."""
        self._close_tables()
        if self._last is None:  # not one tick: there is nothing to tell, and nobody should wait for it
            return
        kpis = self._last.kpis | self._twin.counts() | {"decisions": float(self._last.decisions)}
        write_atomically(self._path / KPIS, dump(kpis))
        try:
            self._score()
        except Exception as failure:
            print(f"tandem: no report: {type(failure).__name__}: {failure}", file=sys.stderr)

    def _look_ahead(self) -> None:
        """Write outlook.json for the report. A plant or policy of the user's own that cannot tell ends no run."""
        if not self._config["report"]:
            return
        try:
            write_outlook(self._path, self._plant, self._twin, seed=self._config["seed"])
        except OSError:
            raise
        except Exception as failure:
            print(f"tandem: no outlook: {type(failure).__name__}: {failure}", file=sys.stderr)

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
        kind = StorageError if of_disk(error) else UserError
        raise kind(f"out = {path}: {error.strerror}" if error.strerror else str(error)) from None
