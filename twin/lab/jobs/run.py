"""tandem run [key=value ...] [-m]

One run: the plant of a scenario and its twin side by side, recorded under runs/.

  scenario= plant= network= surrogate= policy= twin= device= experiment=    choices, see `tandem list`
  seed=0 days=30 threads=1 quick=false out=DIR report=true json=FILE
  any key of a choice: plant.technicians=1 surrogate.width=64 policy.setpoints=null ...
  -m                 sweep: policy=a,b  'seed=range(10)'
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from twin.lab.cli import UserError, quote_paths


def main(arguments: Sequence[str]) -> None:
    """One run, or with -m one for each combination."""
    swept = [a for a in arguments if a not in ("-m", "--multirun")]
    if len(swept) < len(arguments):
        _sweep(quote_paths(swept))
        return
    from twin.lab.compose import compose

    execute(compose("run", quote_paths(arguments)))


def _sweep(arguments: Sequence[str]) -> None:
    """Through Hydra's own sweeper and launcher. The runs' figures go to one json, their directories under one `out`."""
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from twin.lab.compose import explain, with_choices

    _forget(arguments)
    failed: list[str] = []

    def job(config: Any) -> None:
        try:
            execute(with_choices(config, HydraConfig.get()), swept=True)
        except UserError as error:
            print(f"tandem: {error}", file=sys.stderr)
            failed.append(str(error))

    with tempfile.TemporaryDirectory() as scratch:  # Hydra leaves a multirun.yaml somewhere
        sys.argv = ["tandem run", "-m", f"hydra.sweep.dir={quote_paths(['out=' + scratch])[0][4:]}", *arguments]
        os.environ["HYDRA_FULL_ERROR"] = "1"  # errors come here, to be told in one line
        try:
            hydra.main(version_base="1.3", config_path="pkg://conf", config_name="run")(job)()
        except (HydraException, OmegaConfBaseException) as error:
            raise UserError(explain("run", arguments, error)) from None
    if failed:
        raise UserError(f"{len(failed)} of the sweep's runs failed; the first: {failed[0]}")


def _forget(arguments: Sequence[str]) -> None:
    """The sweep's runs add to one json: it starts anew. Composing the plain choices finds most mistakes first."""
    from twin.lab.compose import compose

    config = compose("run", [a for a in arguments if a.startswith("json=")])
    if config.json is not None:
        Path(config.json).unlink(missing_ok=True)


def execute(config: Any, *, swept: bool = False) -> Path:
    """Carry out one composed configuration; returns the run's directory."""
    from omegaconf import OmegaConf

    from twin.lab import build

    plain: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
    build.check(plain)
    if plain["quick"]:
        plain["days"] = min(plain["days"], 1)
    import torch

    torch.set_num_threads(plain["threads"])
    on = build.device(plain["device"])
    plant, twin = build.pair(plain, on)
    path = _directory(plain, swept)
    kept = {key: value for key, value in plain.items() if key not in ("out", "json", "study")}
    return _run(path, OmegaConf.to_yaml(OmegaConf.create(kept)), plain, plant, twin, on, swept=swept)


def _directory(config: dict[str, Any], swept: bool) -> Path:
    from twin.lab.rundir import fresh_path, label

    if config["out"] is not None and not swept:
        return Path(config["out"])
    stem = f"{config['scenario']}_{label(config['policy'])}_seed{config['seed']}"
    base = Path(config["out"] or "runs")
    try:
        return fresh_path(base, stem)
    except OSError as error:
        raise UserError(f"{base}: cannot be written: {error.strerror or error}") from None


def _run(path: Path, text: str, config: dict[str, Any], plant: Any, twin: Any, on: str, *, swept: bool) -> Path:
    from twin.lab.experiment import Experiment
    from twin.lab.progress import Progress
    from twin.lab.record import Recorder
    from twin.lab.rundir import RunDirectory

    horizon = config["days"] * 86_400.0
    try:
        run = RunDirectory(path=path, config=text, facts=_facts(config, plant, on, horizon))
    except OSError as error:
        raise UserError(f"out = {path}: {error.strerror}" if error.strerror else str(error)) from None
    recorder = Recorder(directory=path, part=config["part"])
    progress = Progress(horizon=horizon)
    status, why = "failed", ""
    with Interruption() as interruption, progress:
        watch = interruption.after(progress.update)
        experiment = Experiment(plant=plant, twin=twin, recorder=recorder, horizon=horizon, watch=watch)
        try:
            experiment.run()
            status = "finished"
        except KeyboardInterrupt:
            status, why = "interrupted", f"interrupted at {plant.now / 86_400:.2f} of {config['days']} days"
            raise
        except Exception as failure:
            why = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            recorder.close()
            scores = _close(run, path, experiment, plant, config, status, why)
            if status == "interrupted":
                print(f"\ntandem: {why}; what was recorded is in {path}", file=sys.stderr)
    _tell(path, experiment.kpis(), scores, config, merge=swept)
    return path


class Interruption:
    """Ctrl-C (or SIGTERM) ends the run after the tick in hand, so that every table ends at the same one.

    A second one ends it at once.
    """

    def __init__(self) -> None:
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def after(self, update: Callable[[Any], None]) -> Callable[[Any], None]:
        """`update`, then KeyboardInterrupt where one was asked for meanwhile."""

        def watch(tick: Any) -> None:
            update(tick)
            if self._asked:
                raise KeyboardInterrupt

        return watch

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


def _facts(config: dict[str, Any], plant: Any, on: str, horizon: float) -> dict[str, Any]:
    from twin.lab.rundir import fingerprint, label

    spec = plant.spec
    return {
        "policy": label(config["policy"]),
        "surrogate": label(config["surrogate"]),
        "seed": config["seed"],
        "device": on,
        "threads": config["threads"],
        "scenario": config["scenario"],
        "choices": config["choices"],
        "code": fingerprint(),
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


def _close(
    run: Any, path: Path, experiment: Any, plant: Any, config: dict[str, Any], status: str, error: str
) -> dict[str, float]:
    """Write what came of the run; a run that was cut short keeps its tables and gets a partial report."""
    from twin.lab.loading import load
    from twin.lab.scores import scores

    kpis: dict[str, float] = experiment.kpis()
    run.close(status=status, kpis=kpis, error=error, sim_s=plant.now, events=int(plant.truth()["events_processed"]))
    loaded = load(path)
    figures = scores(loaded)
    from twin.lab.rundir import dump, write_atomically

    write_atomically(path / "scores.json", dump(figures))
    if config["report"]:
        try:
            from twin.lab.report import write_report

            write_report(loaded, figures)
        except Exception as failure:  # what ended the run early matters more
            if status == "finished":
                raise
            print(f"tandem: no report: {type(failure).__name__}: {failure}", file=sys.stderr)
    return figures


def _tell(path: Path, kpis: dict[str, float], scores: dict[str, float], config: dict[str, Any], *, merge: bool) -> None:
    from twin.lab.rows import write_rows
    from twin.lab.rundir import label
    from twin.lab.table import print_run

    print_run(path, kpis, scores)
    about = {
        "run": str(path),
        "scenario": config["scenario"],
        "policy": label(config["policy"]),
        "seed": config["seed"],
    }
    rows = [{**about, "name": name, "value": value} for name, value in (kpis | scores).items()]
    write_rows(config["json"], rows, merge=merge)
