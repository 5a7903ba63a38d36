"""How much faster a sweep is with several workers of a Ray cluster on this machine than one run after another."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.lab.record.run_directory import read_json
from twin.lab.running.repeat import compared


@dataclass(frozen=True, slots=True)
class Pass:
    """One way of making the runs. workers: 0 for one run after another in one process, without Ray.

    total: s, the whole command. start: s of it before the first run began. work: s from there to the last run's end.
    shortest: s, of the runs' own times.
    """

    workers: int
    total: float
    start: float
    work: float
    shortest: float

    def efficiency(self, one: Pass) -> float:
        """Share of the ideal: the time of one worker over this many times ours, start-up apart on both sides."""
        return one.work / (max(1, self.workers) * self.work)


def make(folder: Path, *, runs: int, days: float, workers: int) -> Pass:
    """Seeds 0 to runs - 1 of the default configuration into folder, by the command that a user would type.

    Raises ValueError where it fails.
    """
    command = [sys.executable, "-P", "-m", "twin.lab.cli", "run", "-m", f"seed=range({runs})", f"days={days}"]
    command += ["report=false", f"out={folder}"]
    if workers:
        command += ["hydra/launcher=ray", f"hydra.launcher.ray.init.num_cpus={workers}"]
    path = os.pathsep.join(p for p in sys.path if p)
    began, clock = time.time(), time.perf_counter()
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ValueError(f"{workers} workers: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
    total = time.perf_counter() - clock
    first = min(file.stat().st_mtime for file in folder.glob("*/config.yaml"))
    last = max(file.stat().st_mtime for file in folder.glob("*/run.json"))
    shortest = min(float(read_json(file)["wall_s"]) for file in folder.glob("*/run.json"))
    return Pass(workers=workers, total=total, start=first - began, work=last - first, shortest=shortest)


def unlike(one: Path, other: Path) -> list[str]:
    """Of two passes, the files with figures or tables that are not the same bytes."""
    names = sorted({path.name for folder in (one, other) for path in folder.iterdir() if (path / "run.json").is_file()})
    return [f"{name}/{file}" for name in names for file in compared(one / name, other / name)[1]]


def rows(passes: list[Pass], one: Pass) -> list[dict[str, Any]]:
    """For json=."""
    return [
        {
            "name": f"sweep.workers.{each.workers}",
            "value": each.work,
            "total_s": each.total,
            "start_s": each.start,
            "shortest_s": each.shortest,
            "efficiency": each.efficiency(one),
        }
        for each in passes
    ]
