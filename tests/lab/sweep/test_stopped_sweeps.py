"""A sweep that is stopped or killed leaves no run going on, and none that says so."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.sweep.test_launchers import begun, statuses
from twin.lab.record.run_directory import busy
from twin.lab.workers import Workers


def runs(folder: Path) -> list[Path]:
    return [path.parent for path in folder.glob("runs/*/run.json")]


def twice(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)


def term(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


@pytest.mark.slow
@pytest.mark.parametrize("stop", [twice, term])
def test_a_stopped_sweep_stops_its_runs(stop: Callable[[subprocess.Popen[str]], None], tmp_path: Path) -> None:
    process, _ = begun(tmp_path, "processes")
    stop(process)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert errors.splitlines()[-1].startswith("tandem: interrupted; 0 of 3 runs stand finished; the same command")
    assert set(statuses(tmp_path / "runs")) == {"interrupted"}
    assert not any(busy(run) for run in runs(tmp_path))


@pytest.mark.slow
def test_a_killed_sweep_takes_its_runs_along(tmp_path: Path) -> None:
    process, _ = begun(tmp_path, "processes")
    process.kill()
    process.communicate(timeout=60)
    give_up = time.monotonic() + 60
    while any(busy(run) for run in runs(tmp_path)) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not any(busy(run) for run in runs(tmp_path))
    assert set(statuses(tmp_path / "runs")) <= {"interrupted"}


def number_and_wait(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def pool(told: str) -> None:
    """Work in two processes, whose numbers go to a file, until it is killed."""
    with Workers(2) as workers:
        numbers = [workers.submit(number_and_wait, 0.5).result() for _ in range(2)]
        aside = Path(told + ".aside")
        aside.write_text(" ".join(map(str, numbers)))
        aside.rename(told)
        workers.submit(number_and_wait, 600.0).result()


@pytest.mark.slow
def test_workers_end_with_whoever_started_them(tmp_path: Path) -> None:
    from multiprocessing import get_context

    parent = get_context("spawn").Process(target=pool, args=(str(tmp_path / "told"),))
    parent.start()
    while not (tmp_path / "told").exists():
        time.sleep(0.05)
    parent.kill()
    parent.join()
    give_up = time.monotonic() + 30
    left = {int(number) for number in (tmp_path / "told").read_text().split()}
    while left and time.monotonic() < give_up:
        left = {number for number in left if alive(number)}
        time.sleep(0.05)
    assert not left


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{number}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
