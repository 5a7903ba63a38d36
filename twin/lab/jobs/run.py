"""tandem run [key=value ...]

One run: the plant of a scenario and its twin side by side, recorded under runs/.

  scenario= plant= network= surrogate= policy= twin= device=    choices, see `tandem list`
  seed=0 days=30 threads=1 quick=false out=DIR report=true json=FILE
  plant.file=FILE.yaml                       a line of your own, fields as in conf/plant, in place of plant=
  any key of a choice: plant.technicians=1 surrogate.width=64 policy.setpoints=null ...
  tensorboard=true   losses, key figures and calibration of every tick to DIR/tensorboard too (the extra `tensorboard`);
                     look at them with `tensorboard --logdir runs`
  checkpoint=432000 part=86400   s of simulated time between two checkpoints (null: never), in one part of a table
  experiment=NAME arm=ARM                    one run of a study of conf/experiment

tandem run -m key=value,value ... [hydra/launcher=NAME ...]

A sweep: a run for every combination (policy=a,b  'seed=range(10)'), each in out/<scenario>_<policy>_seed<k>-<hash>
(out= is runs unless given). A run that stands there finished, of this very configuration and code, is left; one that was
cut short goes on from its checkpoint. So the same command goes on after Ctrl-C. A run that fails leaves its error in its
run.json, and the others go on; the command then ends with 1. Mistakes in any combination are told before anything begins.

  experiment=NAME [arm=a,b] [seeds=N]        the runs of a study, all arms and seeds or some, in runs/NAME/<arm>_seed<k>
  hydra/launcher=processes                   several at once; hydra.launcher.workers=2
  hydra/launcher=ray                         on Ray: workers of its own (hydra.launcher.ray.init.num_cpus=2), or a cluster
                                             that runs (hydra.launcher.ray.init.address=HOST:6379), which is left running
  hydra/launcher=submitit_slurm              by Slurm (hydra.launcher.partition= timeout_min= array_parallelism= ...);
                                             submitit_local tries the same way out on this machine
  threads=1                                  of each run, and the processors that it asks the launcher for

Ray carries out whatever reaches its ports, unless it asks for a token. It does where RAY_AUTH_MODE=token stands in the
environment of `ray start`, on every machine, and (since 2.59) where there is a token and RAY_AUTH_MODE says nothing. The
token is RAY_AUTH_TOKEN, or stands in the file that RAY_AUTH_TOKEN_PATH names, or in ~/.ray/auth_token, which
`ray get-auth-token --generate` makes; it must be the same everywhere. A sweep uses the one that it finds. For workers of
its own Ray makes one by itself. It goes over the network as it is: keep the ports to one that you trust. All machines must
see the folder of the runs under the same path, and have the same Tandem installed.

tandem run resume=DIR [json=FILE]

Go on with a run that was interrupted or killed, to the same end, byte for byte, that it would have had. It goes on from
its last checkpoint, or from the beginning where it has none, under its own config.yaml. A run that was begun under
another code, other versions of what it rests on, or another kind of device is refused.

tandem run from=DIR [out=DIR] [json=FILE] [device=NAME] [threads=N]

Repeat a finished run from its own config.yaml. What is not as it was then (code, versions, device, threads) is told first,
and at the end whether figures and tables are the same bytes.

eval "$(tandem run --shell-completion install=bash)"      completes what is typed after `tandem run` (also zsh, fish)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.arguments import quote_paths
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from twin.lab.running.resume import CutShort

MANY = ("-m", "--multirun")


def main(arguments: Sequence[str]) -> None:
    """One run, or with -m one for each combination."""
    # Before numpy is loaded: a run has the bits that `threads` says, on a machine of any size.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if any(a.startswith("resume=") for a in arguments):
        resume(arguments)
    elif any(a.startswith("from=") for a in arguments):
        repeat(arguments)
    elif any(a in MANY for a in arguments):
        from twin.lab.sweep.multirun import multirun

        multirun([a for a in arguments if a not in MANY])
    else:
        _single(arguments)


def _single(arguments: Sequence[str]) -> None:
    from twin.lab.configure.compose import compose

    arm = _arm(arguments)
    execute(compose("run", quote_paths(arguments if arm is None else arm[0])), about=None if arm is None else arm[1])


def _arm(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]] | None:
    """Of `experiment=STUDY arm=ARM`: the overrides of the arm, and what run.json tells; None without a study."""
    from twin.lab.sweep.study import is_study, named

    given = dict(a.split("=", 1) for a in arguments if a.startswith(("experiment=", "arm=")))
    name = given.get("experiment", "null")
    try:
        if name == "null" or not is_study(name):
            return None
        if "arm" not in given:
            told = f"arm= chooses one, tandem run -m experiment={name} makes them all"
            raise UserError(f"experiment = {name}: is a study of the arms {', '.join(named(name).arms)}; {told}")
        rest = [a for a in arguments if not a.startswith(("experiment=", "arm="))]
        return [*named(name).arm(given["arm"]), *rest], {"experiment": name, "arm": given["arm"]}
    except ValueError as error:
        raise UserError(str(error)) from None


def execute(config: Any, *, about: Mapping[str, str] | None = None) -> Path:
    """Carry out one composed configuration; returns the run's directory."""
    from twin.lab.configure.resolve import resolved, written

    plain = resolved(config)
    return _carry_out(plain, text=written(plain), about=about)


def resume(arguments: Sequence[str]) -> None:
    """`resume=DIR [json=FILE]`: go on with a run that was cut short."""
    from twin.lab.configure.checks import check
    from twin.lab.running.resume import cut_short

    given = _only(arguments, "resume", ("json",), "a resumed run keeps its own configuration")
    path = Path(given["resume"])
    found = cut_short(path)
    config = found.config | {"json": given.get("json"), "out": str(path)}
    check(config)
    _carry_out(config, found=found, about=_study_of(found.before))


def repeat(arguments: Sequence[str]) -> None:
    """`from=DIR [out= json= device= threads=]`: a finished run once more."""
    from twin.lab.configure.checks import check
    from twin.lab.configure.resolve import written
    from twin.lab.core import build
    from twin.lab.running.repeat import differences, finished, verdict

    taken = ("out", "json", "device", "threads")
    given = _only(arguments, "from", taken, "a repeated run keeps its own configuration")
    before = Path(given["from"])
    run = finished(before)
    changed = {key: int(value) if value.isdigit() else value for key, value in given.items() if key in taken[2:]}
    config = {"out": None, "json": None, **run.config, **changed, **{k: v for k, v in given.items() if k in taken[:2]}}
    check(config)
    for line in differences(run.facts, device=build.device(config["device"]), threads=config["threads"]):
        print(f"tandem: not as it was: {line}", file=sys.stderr)
    after = _carry_out(config, text=written(config) if changed else run.text, about=_study_of(run.facts))
    print(f"tandem: {verdict(before, after)}", file=sys.stderr)


def _study_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """What a run.json tells of the study that its run is a part of."""
    return {name: str(facts[name]) for name in ("experiment", "arm") if name in facts}


def _only(arguments: Sequence[str], key: str, others: Sequence[str], why: str) -> dict[str, str]:
    """key=value arguments, of `key` and `others` only."""
    strange = [a for a in arguments if a.partition("=")[0] not in (key, *others) or "=" not in a]
    if strange:
        names = " and ".join(f"{name}=" for name in others)
        raise UserError(f"{strange[0]}: {why}; beside {key}= only {names} {'is' if len(others) < 2 else 'are'} taken")
    return dict(argument.split("=", 1) for argument in arguments)


def _carry_out(
    config: dict[str, Any], *, text: str = "", found: CutShort | None = None, about: Mapping[str, str] | None = None
) -> Path:
    from twin.lab.running.building import built
    from twin.lab.running.session import Session

    plant, twin, on = built(config, found)
    path = _directory(config)
    session = Session(path=path, text=text, config=config, on=on, plant=plant, twin=twin, resumed=found, about=about)
    if found:
        where = f"day {plant.now / 86_400:g}" if found.point else "the beginning: it has no checkpoint"
        print(f"tandem: {path} goes on from {where}", file=sys.stderr)
    _tell(path, *session.carry_out(), config)
    return path


def _directory(config: dict[str, Any]) -> Path:
    from twin.lab.record.run_directory import fresh_path, label

    if config["out"] is not None:
        return Path(config["out"])
    stem = f"{config['scenario']}_{label(config['policy'])}_seed{config['seed']}"
    try:
        return fresh_path(Path("runs"), stem)
    except OSError as error:
        raise UserError(f"runs: cannot be written: {error.strerror or error}") from None


def _tell(path: Path, kpis: dict[str, float], scores: dict[str, float], config: dict[str, Any]) -> None:
    from twin.lab.record.json_rows import write_rows
    from twin.lab.record.loading import deadlocks, load_events
    from twin.lab.report.closing_table import print_run
    from twin.lab.sweep.sweep import figure_rows

    print_run(path, kpis, scores, deadlocks(load_events(path)))
    write_rows(config["json"], figure_rows(str(path), config, kpis | scores))
