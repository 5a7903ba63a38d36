"""tandem run [key=value ...]

One run: the plant of a scenario and its twin side by side, recorded under runs/.

  scenario= plant= network= surrogate= policy= twin= device=    choices, see `tandem list`
  seed=0 days=30 threads=1 quick=false out=DIR report=true json=FILE
  plant.file=FILE.yaml                       your line, fields as in conf/plant, in place of plant=
  policy=module.Class surrogate=module.Class classes of your own, whose folder is in PYTHONPATH
  trust=MODULE trust=[A,B]                   modules of your own whose classes a file may name; without it a file names
                                             Tandem's only. A class that is typed is trusted, and so is its module
  any key of a choice: plant.technicians=1 surrogate.width=64 policy.setpoints=null ...
  tensorboard=true   losses, key figures and calibration of every tick to DIR/tensorboard too (the extra `tensorboard`);
                     look at them with `tensorboard --logdir runs`
  checkpoint=432000 part=86400   s of simulated time between two checkpoints (null: never), in one part of a table
  experiment=NAME arm=ARM                    one run of a study of conf/experiment
  verdict=true       say first whether the twin was worth it: the scenario's standard practice (`practice:` in its
                     yaml) is played beside the run, on the same plant, seed and network, in a process of its own.
                     full: reference and ideal too, and the share of the reference's gain that the twin reached.
                     null: no verdict
  'practice=["policy=age_based"]'            another practice to be told beside, as options laid over the run's own

tandem run -m key=value,value ... [hydra/launcher=NAME ...]

A sweep: a run for every combination (policy=a,b  'seed=range(10)'), each in out/<scenario>_<policy>_seed<k>-<hash>
(out= is runs unless given). A finished run there, of the same configuration and code, is left; one that
was cut short goes on from its checkpoint. So the same command goes on after Ctrl-C. A run that fails leaves its error
in its run.json, and the others go on; the command then ends with 1. Mistakes in any combination are reported before
anything begins.

  experiment=NAME [arm=a,b] [seeds=N]        the runs of a study, all arms and seeds or some, in runs/NAME/<arm>_seed<k>
  hydra/launcher=processes                   several at once; hydra.launcher.workers=2
  hydra/launcher=ray                         on Ray: workers of its own (hydra.launcher.ray.init.num_cpus=2), or a
                                             cluster by address (hydra.launcher.ray.init.address=HOST:6379), which is
                                             left running
  hydra/launcher=submitit_slurm              by Slurm (hydra.launcher.partition= timeout_min= array_parallelism= ...);
                                             submitit_local tries the same way out on this machine
  threads=1                                  of each run, and the processors that it asks the launcher for

Ray carries out whatever reaches its ports, unless it asks for a token. It does where RAY_AUTH_MODE=token stands in the
environment of `ray start`, on every machine, and (since 2.59) where there is a token and RAY_AUTH_MODE says nothing.
The token is RAY_AUTH_TOKEN, or stands in the file that RAY_AUTH_TOKEN_PATH names, or in ~/.ray/auth_token, which `ray
get-auth-token --generate` makes; it must be the same everywhere. A sweep uses the one that it finds. For workers of its
own Ray makes one by itself. It goes over the network as it is: keep the ports to one that you trust. All machines must
see the folder of the runs under the same path, and have the same Tandem installed.

Ctrl-C (or SIGTERM) ends a run after the tick in hand, or within it where that takes longer than a second; a second one
leaves out what is not written yet of the checkpoint and the partial report. A full disk ends it with one line.

tandem run resume=DIR [json=FILE] [trust=MODULE]

Go on with a run that was interrupted or killed, to the same end, byte for byte, that it would have had. It goes on from
its last checkpoint, or from the beginning where it has none, under its own config.yaml. A run that was begun under
another code, other versions of what it rests on, or another kind of device is refused, and so is a directory with
symbolic links in it. trust= names the modules of your own that the run was made with, as then.

tandem run from=DIR [out=DIR] [json=FILE] [device=NAME] [threads=N] [trust=MODULE]

Repeat a finished run from its own config.yaml. What is not as it was then (code, versions, device, threads) is told
first, and at the end whether figures and tables are the same bytes.

eval "$(tandem run --shell-completion install=bash)"      completes what is typed after `tandem run` (also zsh, fish)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from twin.lab.arguments import quote_paths
from twin.lab.errors import UserError

MANY = ("-m", "--multirun")


def main(arguments: Sequence[str]) -> None:
    """One run, or with -m one for each combination."""
    # Before numpy is loaded: a run has the bits that `threads` says, on a machine of any size.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if any(a.startswith("resume=") for a in arguments):
        _resume(arguments)
    elif any(a.startswith("from=") for a in arguments):
        _repeat(arguments)
    elif any(a in MANY for a in arguments):
        from twin.lab.sweep.multirun import multirun

        multirun([a for a in arguments if a not in MANY])
    else:
        _single(arguments)


def _single(arguments: Sequence[str]) -> None:
    from twin.lab.configure.compose import compose
    from twin.lab.running.execute import execute
    from twin.lab.sweep.arm_option import arm_option

    overrides, about = arm_option(arguments)
    execute(compose("run", quote_paths(overrides)), about=about)


def _resume(arguments: Sequence[str]) -> None:
    from twin.lab.configure.trust import trusted_modules
    from twin.lab.running.execute import resume

    options = _only(arguments, "resume", ("json", "trust"), "a resumed run keeps its own configuration")
    trust = trusted_modules(options.get("trust"))
    resume(Path(options["resume"]), json=options.get("json"), trust=trust)


def _repeat(arguments: Sequence[str]) -> None:
    from twin.lab.configure.trust import trusted_modules
    from twin.lab.running.execute import repeat

    keys = ("out", "json", "device", "threads", "trust")
    options = _only(arguments, "from", keys, "a repeated run keeps its own configuration")
    trust = trusted_modules(options.pop("trust", None))
    repeat(Path(options.pop("from")), options, trust=trust)


def _only(arguments: Sequence[str], key: str, others: Sequence[str], why: str) -> dict[str, str]:
    """key=value arguments, of `key` and `others` only. Raises UserError for any other, with the reason why."""
    strange = [a for a in arguments if a.partition("=")[0] not in (key, *others) or "=" not in a]
    if strange:
        names = " and ".join(f"{name}=" for name in others)
        raise UserError(f"{strange[0]}: {why}; beside {key}= only {names} {'is' if len(others) < 2 else 'are'} taken")
    return dict(argument.split("=", 1) for argument in arguments)
