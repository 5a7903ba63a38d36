"""A named study: the same seeds under several arms. Runs what is missing, several processes at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from twin.lab.build import shortened
from twin.lab.compare import Arms, add, flat, read
from twin.lab.compose import choices, compose
from twin.lab.rundir import fingerprint, read_json


@dataclass(frozen=True)
class Study:
    """arms: overrides of the run configuration by name. baseline, reference, ideal: names of arms, see conf/experiment.

    varied: settings of the plant in which arms differ on purpose, see twin.lab.environment.
    """

    name: str
    seeds: int
    metric: str
    arms: Mapping[str, Sequence[str]]
    baseline: Sequence[str]
    reference: str | None = None
    ideal: str | None = None
    extra: Sequence[str] = field(default=())
    varied: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise ValueError(f"seeds = {self.seeds}: must be a whole number >= 1")
        for what, arm in (
            ("reference", self.reference),
            ("ideal", self.ideal),
            *(("baseline", b) for b in self.baseline),
        ):
            if arm is not None and arm not in self.arms:
                raise ValueError(f"{what} = {arm}: there is no such arm; arms are {', '.join(self.arms)}")

    def overrides(self, arm: str, seed: int) -> list[str]:
        """What makes a run of an arm; `extra` comes last and wins."""
        return [*self.arms[arm], f"seed={seed}", *self.extra]


def named(name: str, *, seeds: int | None = None, extra: Sequence[str] = ()) -> Study:
    """The study of conf/experiment/NAME.yaml. Raises ValueError where there is none."""
    if name not in choices("experiment"):
        raise ValueError(
            f"experiment = {name}: there is no such experiment; there are {', '.join(choices('experiment'))}"
        )
    text = (files("conf") / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")
    study: dict[str, Any] = yaml.safe_load(text).get("study") or {}
    if not study:
        raise ValueError(f"experiment = {name}: is not a study; it has no arms")
    return Study(**{**study, **({} if seeds is None else {"seeds": seeds}), "extra": tuple(extra)})


def carry_out(study: Study, *, base: Path, workers: int) -> Arms:
    """Make the runs that base/<arm>_seed<k> does not hold yet, then read them all.

    A run counts as held when it finished under the same configuration and the same code. Raises ValueError where a run
    fails.
    """
    missing = [(arm, seed) for seed in range(study.seeds) for arm in study.arms if not _held(study, base, arm, seed)]
    if missing:
        print(f"{len(missing)} of {study.seeds * len(study.arms)} runs to make, {workers} at once", file=sys.stderr)
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        try:
            jobs = {pool.submit(_make, study, base, arm, seed): (arm, seed) for arm, seed in missing}
            for job in as_completed(jobs):
                job.result()
                done += 1
                print(f"  {done:3d}/{len(missing)}  {jobs[job][0]} seed {jobs[job][1]}", file=sys.stderr, flush=True)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    result: Arms = {}
    for arm in study.arms:
        for seed in range(study.seeds):
            add(result, arm, read(_path(base, arm, seed)))
    return result


def _path(base: Path, arm: str, seed: int) -> Path:
    return base / f"{arm}_seed{seed}"


def _held(study: Study, base: Path, arm: str, seed: int) -> bool:
    path = _path(base, arm, seed)
    if not (path / "run.json").is_file():
        return False
    try:
        facts = read_json(path / "run.json")
        settings = flat(yaml.safe_load((path / "config.yaml").read_text(encoding="utf-8")))
    except (ValueError, OSError, yaml.YAMLError):
        return False
    if facts.get("status") != "finished" or facts.get("code") != fingerprint():
        return False
    from omegaconf import OmegaConf

    plain: Any = OmegaConf.to_container(compose("run", study.overrides(arm, seed)), resolve=True)
    wanted = flat(shortened(plain) if plain["quick"] else plain)
    aside = ("report", "checkpoint", "out", "json", "choices.experiment")
    return all(settings.get(key) == wanted.get(key) for key in {*settings, *wanted} - set(aside))


def _make(study: Study, base: Path, arm: str, seed: int) -> None:
    path = _path(base, arm, seed)
    if (path / "run.json").is_file():  # a run of ours that is stale or was cut short
        shutil.rmtree(path)
    command = [
        sys.executable,
        "-P",
        "-m",
        "twin.lab.cli",
        "run",
        *study.overrides(arm, seed),
        "report=false",
        "checkpoint=null",
        f"out={path}",
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    made = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if made.returncode == 130:
        raise KeyboardInterrupt
    if made.returncode:
        last = (made.stderr.strip().splitlines() or ["no word"])[-1].removeprefix("tandem: ")
        raise ValueError(f"{arm} seed {seed} failed: {last}")
