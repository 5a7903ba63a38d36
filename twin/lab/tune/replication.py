"""One replication of a configuration for the sake of a single figure: nothing of it stays on disk."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.core import build
from twin.lab.core.loop import Experiment
from twin.lab.core.scores import scores
from twin.lab.errors import UserError
from twin.lab.record.history import History, in_parts
from twin.lab.record.loading import load
from twin.lab.record.recorder import Recorder
from twin.lab.record.run_directory import dump, write_atomically
from twin.units import DAY

SCORED = ("forecasts", "hazards")  # the tables that scores are computed from


class Nothing:
    """A recorder for a run of which only the key figures are wanted."""

    def append(self, table: str, columns: dict[str, Any]) -> None:
        """Let it go."""

    def cut(self, now: float) -> None:
        """Nothing waits."""

    def keeps(self, table: str) -> bool:
        """None."""
        return False


class Scored(Nothing):
    """A recorder that keeps what scores are computed from."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def append(self, table: str, columns: dict[str, Any]) -> None:
        """Keep the rows of some tables."""
        if self.keeps(table):
            self._recorder.append(table, columns)

    def keeps(self, table: str) -> bool:
        """Those that scores are computed from."""
        return table in SCORED

    def cut(self, now: float) -> None:
        """See Recorder."""
        self._recorder.cut(now)


def replicate(overrides: Sequence[str], seed: int, metric: str) -> float:
    """A figure of the run under `overrides` and a seed, the same that kpis.json or scores.json of that run would tell.

    A key figure is counted from the configuration's `scored_from` on, where the run is longer. Raises UserError for a
    configuration that is refused, a figure that there is not, one without a number, and one that cannot be told of a
    part of a run.
    """
    import torch

    config = resolved(compose("run", [*overrides, f"seed={seed}"]))
    torch.set_num_threads(config["threads"])
    plant, twin = build.pair(config, build.device(config["device"]))
    known = {*plant.kpis(), *twin.counts(), "decisions"}
    figures = _key_figures(config, plant, twin, metric) if metric in known else _scores(config, plant, twin)
    if metric not in figures:
        close = difflib.get_close_matches(metric, [*known, *figures], 3)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise UserError(
            f"metric = {metric}: there is no such figure; {hint}figures are those of kpis.json and scores.json"
        )
    if not math.isfinite(figures[metric]):
        raise UserError(f"metric = {metric}: has no number at seed {seed}")
    return figures[metric]


def _key_figures(config: dict[str, Any], plant: Any, twin: Any, metric: str) -> dict[str, float]:
    begin, horizon = config["scored_from"] * DAY, config["days"] * DAY
    experiment = Experiment(plant=plant, twin=twin, recorder=Nothing(), horizon=horizon)
    if not 0 < begin < horizon:
        return experiment.run()
    if not in_parts(metric):
        raise UserError(
            f"metric = {metric}: is no average over time and no total, so it cannot be told from day "
            f"{config['scored_from']:g} on; scored_from=0 takes the whole run"
        )
    before, cut = experiment.run(until=begin)[metric], plant.now
    after = experiment.run()[metric]
    return {metric: History(metric, np.array([cut, plant.now]), np.array([before, after])).after(begin)}


def _scores(config: dict[str, Any], plant: Any, twin: Any) -> dict[str, float]:
    with TemporaryDirectory() as scratch:
        path, horizon = Path(scratch), config["days"] * DAY
        actuators = [{"key": a.key, "kind": a.kind} for a in plant.spec.actuators]
        write_atomically(path / "run.json", dump({"horizon": horizon, "actuators": actuators}))
        write_atomically(path / "config.yaml", "{}\n")
        recorder = Recorder(directory=path, part=config["part"])
        Experiment(plant=plant, twin=twin, recorder=Scored(recorder), horizon=horizon).run()
        recorder.close()
        return scores(load(path))
