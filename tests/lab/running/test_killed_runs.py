"""A run that is killed at any moment goes on to the end that it would have had, byte for byte."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.lab.running.short_run import OPTIONS, Killed, ends_as, left, run
from twin.lab.jobs import run as job
from twin.lab.running import checkpoint


def killing(patch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """From the `at`-th renaming on, nothing more gets a name; gives how many there were."""
    count, real = 0, os.replace

    def replace(source: Any, target: Any) -> None:
        nonlocal count
        count += 1
        if count >= at:
            raise Killed
        real(source, target)

    patch.setattr(os, "replace", replace)
    return lambda: count


def begin_or_go_on(path: Path) -> None:
    if (path / "config.yaml").is_file():
        job.main([f"resume={path}"])
    else:
        run(path)


def killed(path: Path, at: int) -> bool:
    """Begin or go on, and die at a renaming; whether it came to that."""
    with pytest.MonkeyPatch.context() as patch:
        killing(patch, at)
        try:
            begin_or_go_on(path)
        except Killed:
            return True
    return False


def test_a_run_killed_again_and_again_at_one_write_after_another(whole: dict[str, Any], tmp_path: Path) -> None:
    at = 1
    while killed(tmp_path / "run", at):
        at += 1
    assert at > 6
    assert ends_as(whole, tmp_path / "run")


@pytest.mark.slow
def test_a_run_killed_at_any_one_write(whole: dict[str, Any], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        renamings = killing(patch, 10**9)
        run(tmp_path / "counted")
    assert renamings() > 20
    for at in range(1, renamings() + 1):
        path = tmp_path / f"run_{at}"
        assert killed(path, at)
        begin_or_go_on(path)
        assert ends_as(whole, path)
        shutil.rmtree(path)


def test_killed_while_the_old_checkpoint_is_being_deleted(whole: dict[str, Any], tmp_path: Path) -> None:
    path, real = tmp_path / "run", shutil.rmtree

    def rmtree(place: Path, **options: Any) -> None:
        if place.name == "000001":
            (place / "manifest.json").unlink()
            raise Killed
        real(place, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint.shutil, "rmtree", rmtree)
        with pytest.raises(Killed):
            run(path)
    assert left(path) == ["000001", "000002"]
    job.main([f"resume={path}"])
    assert ends_as(whole, path)


def start(path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "twin.lab.cli", "run", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=path.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill_when(process: subprocess.Popen[bytes], moment: Callable[[], bool]) -> bool:
    """SIGKILL once it is time; whether the process was still there to be killed."""
    while process.poll() is None and not moment():
        time.sleep(0.001)
    process.kill()
    return process.wait() == -signal.SIGKILL


def test_a_process_killed_after_its_first_checkpoint(whole: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "run"
    assert kill_when(start(path, *OPTIONS, f"out={path}"), lambda: (path / "checkpoint" / "000001").is_dir())
    job.main([f"resume={path}"])
    assert ends_as(whole, path)


@pytest.mark.slow
def test_processes_killed_at_random_moments(whole: dict[str, Any], tmp_path: Path) -> None:
    """Each run is killed, taken up, perhaps killed again, until one process gets to the end."""
    moments, begun = random.Random(11), time.monotonic()
    assert start(tmp_path / "timed", *OPTIONS, f"out={tmp_path / 'timed'}").wait() == 0
    length, kills, path = time.monotonic() - begun, 0, tmp_path / "run"
    while kills < 24:
        chance = 1.0
        while not finished(path):
            arguments = [f"resume={path}"] if (path / "config.yaml").is_file() else [*OPTIONS, f"out={path}"]
            process, strike = start(path, *arguments), moments.random() < chance
            if strike and kill_when(process, some_moment(path, moments, length)):
                kills, chance = kills + 1, 0.6
            assert process.wait() in (0, -signal.SIGKILL)
        assert ends_as(whole, path)
        shutil.rmtree(path)


def finished(path: Path) -> bool:
    return (path / "run.json").is_file() and json.loads((path / "run.json").read_text())["status"] == "finished"


def some_moment(path: Path, moments: random.Random, length: float) -> Callable[[], bool]:
    """At a random time; or as soon as a checkpoint is being written, or the run being closed."""
    before = {*path.glob("checkpoint/*")}
    kind, end = moments.choice(["time", "time", "checkpoint", "close"]), time.monotonic() + moments.uniform(0.0, length)
    match kind:
        case "checkpoint":
            return lambda: {*path.glob("checkpoint/*")} != before
        case "close":
            return lambda: (path / "kpis.json").is_file()
        case _:
            return lambda: time.monotonic() > end
