"""tandem run [key=value ...] [-m]

One run: the plant of a scenario and its twin side by side, recorded under runs/.

  scenario= plant= network= surrogate= policy= twin= device= experiment=    choices, see `tandem list`
  seed=0 days=30 threads=1 quick=false out=DIR report=true json=FILE
  plant.file=FILE.yaml                       a line of your own, fields as in conf/plant, in place of plant=
  any key of a choice: plant.technicians=1 surrogate.width=64 policy.setpoints=null ...
  -m                 sweep: policy=a,b  'seed=range(10)'

  tensorboard=true   losses, key figures and calibration of every tick to DIR/tensorboard too (the extra `tensorboard`);
                     look at them with `tensorboard --logdir runs`

  checkpoint=432000 part=86400   s of simulated time between two checkpoints (null: never), in one part of a table

tandem run resume=DIR [json=FILE]

Go on with a run that was interrupted or killed, to the same end, byte for byte, that it would have had. It goes on from
its last checkpoint, or from the beginning where it has none, under its own config.yaml. A run that was begun under
another code, other versions of what it rests on, or another kind of device is refused.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.cli import UserError, quote_paths

if TYPE_CHECKING:
    from twin.lab.resume import CutShort


def main(arguments: Sequence[str]) -> None:
    """One run, or with -m one for each combination."""
    if any(a.startswith("resume=") for a in arguments):
        resume(arguments)
        return
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

    from twin.lab.compose import explain, plant_target, with_choices
    from twin.lab.plant_file import own_choice, with_plant_file

    _forget(arguments)
    failed: list[str] = []

    def job(config: Any) -> None:
        try:
            execute(own_choice(with_choices(config, HydraConfig.get()), arguments), swept=True)
        except UserError as error:
            print(f"tandem: {error}", file=sys.stderr)
            failed.append(str(error))

    # Hydra leaves a multirun.yaml somewhere
    with tempfile.TemporaryDirectory() as scratch, with_plant_file(arguments, plant_target) as found:
        sys.argv = ["tandem run", "-m", f"hydra.sweep.dir={quote_paths(['out=' + scratch])[0][4:]}", *found]
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
        plain = build.shortened(plain)
    kept = {key: value for key, value in plain.items() if key not in ("out", "json", "study")}
    return _carry_out(plain, text=OmegaConf.to_yaml(OmegaConf.create(kept)), swept=swept)


def resume(arguments: Sequence[str]) -> None:
    """`resume=DIR [json=FILE]`: go on with a run that was cut short."""
    from twin.lab import build
    from twin.lab.resume import cut_short

    given = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    other = [a for a in arguments if a.partition("=")[0] not in ("resume", "json") or "=" not in a]
    if other:
        raise UserError(f"{other[0]}: a resumed run keeps its own configuration; beside resume= only json= is taken")
    path = Path(given["resume"])
    found = cut_short(path)
    config = found.config | {"json": given.get("json")}
    build.check(config)
    _carry_out(config | {"out": str(path)}, found=found)


def _carry_out(config: dict[str, Any], *, text: str = "", swept: bool = False, found: CutShort | None = None) -> Path:
    import torch

    from twin.lab import build
    from twin.lab.resume import restored
    from twin.lab.session import Session

    torch.set_num_threads(config["threads"])
    on = build.device(config["device"])
    plant, twin = build.pair(config, on)
    if found and found.point:
        plant = restored(Path(config["out"]), plant, twin, found.point)
    path = _directory(config, swept)
    session = Session(path=path, text=text, config=config, on=on, plant=plant, twin=twin, found=found)
    if found:
        where = f"day {plant.now / 86_400:g}" if found.point else "the beginning: it has no checkpoint"
        print(f"tandem: {path} goes on from {where}", file=sys.stderr)
    _tell(path, *session.carry_out(), config, merge=swept)
    return path


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


def _tell(path: Path, kpis: dict[str, float], scores: dict[str, float], config: dict[str, Any], *, merge: bool) -> None:
    from twin.lab.loading import deadlocks, load_events
    from twin.lab.rows import write_rows
    from twin.lab.rundir import label
    from twin.lab.table import print_run

    print_run(path, kpis, scores, deadlocks(load_events(path)))
    about = {
        "run": str(path),
        "scenario": config["scenario"],
        "policy": label(config["policy"]),
        "seed": config["seed"],
    }
    rows = [{**about, "name": name, "value": value} for name, value in (kpis | scores).items()]
    write_rows(config["json"], rows, merge=merge)
