"""One run from a plain configuration to what stands in its directory, begun anew or taken up from a checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from twin.lab.core.loop import Experiment, Tick
from twin.lab.core.scores import scores
from twin.lab.errors import UserError
from twin.lab.record.identity import fingerprint, identity
from twin.lab.record.loading import load
from twin.lab.record.recorder import Recorder
from twin.lab.record.run_directory import SCORES, RunDirectory, dump, label, write_atomically
from twin.lab.running.checkpoint import Checkpoint, Checkpoints
from twin.lab.running.interruption import Interruption, Stopped
from twin.lab.running.progress import Progress
from twin.lab.running.resume import CutShort
from twin.lab.running.tensorboard import open_sink, tapped
from twin.twin import Twin

Figures = dict[str, float]


class Session:
    """A plant, its twin and a run's directory, put together.

    config: resolved; text: of config.yaml. on: torch device. found: a run that is taken up again; where it has a
    checkpoint, plant and twin must be as they were then. about: what else run.json tells. swept: one of many, which
    tells nothing but a bar on a terminal. Raises UserError where the directory cannot be used.
    """

    def __init__(
        self, *, path: Path, text: str, config: dict[str, Any], on: str, plant: Any, twin: Twin,
        found: CutShort | None = None, about: Mapping[str, str] | None = None, swept: bool = False,
    ) -> None:  # fmt: skip
        self._path, self._config, self._plant, self._swept = path, config, plant, swept
        horizon, point = config["days"] * 86_400.0, found.point if found else None
        try:
            self._run = RunDirectory(
                path=path, config=text, facts=_facts(config, about or {}, plant, on, horizon),
                before=found.before if found else None, spent=point.spent if point else (0.0, 0.0),
            )  # fmt: skip
        except OSError as error:
            raise UserError(f"out = {path}: {error.strerror}" if error.strerror else str(error)) from None
        self._recorder = Recorder(directory=path, part=config["part"])
        self._progress = Progress(
            horizon=horizon, events=plant.truth()["events_processed"], quiet=swept and not sys.stderr.isatty()
        )
        now = point.time if point else 0.0
        self._sink = open_sink(config, path=path, tick=plant.spec.tick, now=now)
        self._experiment = Experiment(
            plant=plant,
            twin=twin,
            recorder=tapped(self._recorder, self._sink),
            horizon=horizon,
            watch=self._between_ticks,
        )
        if found is not None:
            self._take_up(point)
        self._checkpoints = Checkpoints(
            directory=path, every=config["checkpoint"], plant=plant, twin=twin, experiment=self._experiment,
            recorder=self._recorder, spent=self._run.spent,
        )  # fmt: skip
        self._interruption = Interruption()

    def carry_out(self) -> tuple[Figures, Figures]:
        """To the end; returns key figures and scores. Cut short, it leaves a partial report, a checkpoint if it can."""
        try:
            with self._interruption, self._progress:
                return self._carry_out()
        finally:
            self._run.release()

    def _carry_out(self) -> tuple[Figures, Figures]:
        status, why = "failed", ""
        try:
            self._experiment.run()
            status = "finished"
        except KeyboardInterrupt as asked:
            if isinstance(asked, Stopped):
                self._checkpoints.write(self._plant.now)
            why = f"interrupted at {self._plant.now / 86_400:.2f} of {self._config['days']} days"
            status = "interrupted"
            raise
        except Exception as failure:
            why = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            self._recorder.close()
            self._sink.close()
            figures = self._close(status, why)
            if status == "interrupted" and not self._swept:
                told = f"what was recorded is in {self._path}; tandem run resume={self._path} goes on"
                print(f"\ntandem: {why}; {told}", file=sys.stderr)
        return self._experiment.kpis(), figures

    def _take_up(self, point: Checkpoint | None) -> None:
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
        """Write what came of the run, run.json last: a run is finished when all of it stands.

        A run that was cut short keeps its tables and gets a partial report.
        """
        run, plant = self._run, self._plant
        kpis, events = self._experiment.kpis(), plant.truth()["events_processed"]
        run.close_with(status=status, kpis=kpis, error=error, sim_s=plant.now, events=events)
        try:
            figures = self._score()
        except Exception as failure:  # what ended the run early matters more
            told = f"no report: {type(failure).__name__}: {failure}"
            if status == "finished":
                run.close(status="failed", kpis=None, error=told)
                raise
            print(f"tandem: {told}", file=sys.stderr)
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


def known(config: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """What run.json tells of a run before there is a plant."""
    return {
        "policy": label(config["policy"]),
        "surrogate": label(config["surrogate"]),
        "seed": config["seed"],
        "threads": config["threads"],
        "scenario": config["scenario"],
        "choices": config["choices"],
        "hash": identity(config),
        "code": fingerprint(),
        **about,
    }


def _facts(config: dict[str, Any], about: Mapping[str, str], plant: Any, on: str, horizon: float) -> dict[str, Any]:
    spec = plant.spec
    return {
        **known(config, about),
        "device": on,
        "horizon": horizon,
        "tick": spec.tick,
        "assets": [{"name": a.name, "type": a.type} for a in spec.assets],
        "links": [[link.source, link.target] for link in spec.links],
        "signals": [{"key": s.key, "kind": s.kind, "unit": s.unit, "forecast": s.forecast} for s in spec.signals],
        "actuators": [{"key": a.key, "kind": a.kind, "low": a.low, "high": a.high} for a in spec.actuators],
        "objective": {
            "signal": spec.objective.signal,
            "unit": spec.objective.unit,
            "sense": spec.objective.sense,
            "figure": spec.objective.figure,
        },
    }
