"""tandem run [key=value ...] [-m]

One run: the plant of a scenario and its twin side by side, recorded under runs/.

  scenario= plant= network= surrogate= policy= twin= device= experiment=    choices, see `tandem list`
  seed=0 days=30 threads=1 quick=false out=DIR report=true json=FILE
  any key of a choice: plant.technicians=1 surrogate.width=64 policy.setpoints=null ...
  -m                 sweep: policy=a,b  'seed=range(10)'
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twin.lab.cli import UserError, quote_paths


def main(arguments: Sequence[str]) -> None:
    """One run, or with -m one for each combination."""
    arguments = quote_paths(arguments)
    if "-m" in arguments or "--multirun" in arguments:
        _sweep(arguments)
        return
    from twin.lab.compose import compose

    execute(compose("run", arguments))


def _sweep(arguments: Sequence[str]) -> None:
    import hydra

    for argument in arguments:
        if argument.startswith("json="):
            Path(argument.partition("=")[2].strip("'\"")).unlink(missing_ok=True)
    sys.argv = ["tandem run", *arguments]
    failed: list[str] = []

    def job(config: Any) -> None:
        try:
            execute(config, merge=True)
        except UserError as error:
            print(f"tandem: {error}", file=sys.stderr)
            failed.append(str(error))

    hydra.main(version_base="1.3", config_path="pkg://conf", config_name="run")(job)()
    if failed:
        raise UserError(f"{len(failed)} of the sweep's runs failed; the first: {failed[0]}")


def execute(config: Any, *, merge: bool = False, quiet: bool = False) -> Path:
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
    path = _directory(plain)
    kept = {key: value for key, value in plain.items() if key not in ("out", "json", "study")}
    return _run(path, OmegaConf.to_yaml(OmegaConf.create(kept)), plain, plant, twin, on, merge=merge, quiet=quiet)


def _directory(config: dict[str, Any]) -> Path:
    from twin.lab.rundir import fresh_path, label

    if config["out"] is not None:
        return Path(config["out"])
    stem = f"{config['scenario']}_{label(config['policy'])}_seed{config['seed']}"
    try:
        return fresh_path(Path("runs"), stem)
    except OSError as error:
        raise UserError(f"runs: cannot be written: {error}") from None


def _run(
    path: Path, text: str, config: dict[str, Any], plant: Any, twin: Any, on: str, *, merge: bool, quiet: bool
) -> Path:
    from twin.lab.experiment import Experiment
    from twin.lab.progress import Progress
    from twin.lab.record import Recorder
    from twin.lab.rundir import RunDirectory

    horizon = config["days"] * 86_400.0
    try:
        run = RunDirectory(path=path, config=text, facts=_facts(config, plant, on, horizon))
    except OSError as error:
        raise UserError(str(error)) from None
    recorder = Recorder(directory=path, part=config["part"])
    progress = Progress(horizon=horizon, quiet=quiet)
    experiment = Experiment(plant=plant, twin=twin, recorder=recorder, horizon=horizon, watch=progress.update)
    status, error = "failed", ""
    try:
        with progress:
            experiment.run()
        status = "finished"
    except KeyboardInterrupt:
        status, error = "interrupted", f"interrupted at {plant.now / 86_400:.2f} of {config['days']} days"
        raise
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
        raise
    finally:
        recorder.close()
        scores = _close(run, path, experiment, plant, config, status, error)
    _tell(path, experiment.kpis(), scores, config, merge=merge, quiet=quiet)
    return path


def _facts(config: dict[str, Any], plant: Any, on: str, horizon: float) -> dict[str, Any]:
    from twin.lab.rundir import label

    spec = plant.spec
    return {
        "policy": label(config["policy"]),
        "surrogate": label(config["surrogate"]),
        "seed": config["seed"],
        "device": on,
        "threads": config["threads"],
        "scenario": config["scenario"],
        "horizon": horizon,
        "tick": spec.tick,
        "assets": [{"name": a.name, "type": a.type} for a in spec.assets],
        "links": [[link.source, link.target] for link in spec.links],
        "signals": [{"key": s.key, "kind": s.kind, "unit": s.unit, "forecast": s.forecast} for s in spec.signals],
        "actuators": [{"key": a.key, "kind": a.kind, "low": a.low, "high": a.high} for a in spec.actuators],
        "objective": {"signal": spec.objective.signal, "unit": spec.objective.unit},
    }


def _close(
    run: Any, path: Path, experiment: Any, plant: Any, config: dict[str, Any], status: str, error: str
) -> dict[str, float]:
    """Write what came of the run; a run that was cut short keeps its tables and gets a partial report."""
    from twin.lab.load import load
    from twin.lab.scores import scores

    kpis: dict[str, float] = experiment.kpis()
    run.close(status=status, kpis=kpis, error=error, sim_s=plant.now, events=int(plant.truth()["events_processed"]))
    loaded = load(path)
    figures = scores(loaded)
    from twin.lab.rundir import dump, write_atomically

    write_atomically(path / "scores.json", dump(figures))
    if config["report"]:
        from twin.lab.report import write_report

        write_report(loaded, figures)
    return figures


def _tell(
    path: Path, kpis: dict[str, float], scores: dict[str, float], config: dict[str, Any], *, merge: bool, quiet: bool
) -> None:
    from twin.lab.rows import write_rows
    from twin.lab.rundir import label
    from twin.lab.table import print_run

    if not quiet:
        print_run(path, kpis, scores)
    about = {"run": str(path), "scenario": config["scenario"], "policy": label(config["policy"]), "seed": config["seed"]}
    rows = [{**about, "name": name, "value": value} for name, value in (kpis | scores).items()]
    write_rows(config["json"], rows, merge=merge)
