"""Faults at writes drawn by chance, over all scenarios: the status is true, and the end is the same, byte for byte."""

from __future__ import annotations

import random
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.running import faults
from tests.lab.running.short_run import Killed, files
from twin.lab.cli import main
from twin.lab.record.saved_run import SavedRun

SHORT = {
    "manufacturing": ("plant=line_small", "days=0.1", "part=3000", "checkpoint=2400"),
    "energy": ("days=1", "part=30000", "checkpoint=24000"),
    "traffic": ("days=0.006", "part=200", "checkpoint=150"),
}
# What may come of each kind of fault: the command's exit code and the status afterwards, of a run that did not finish.
KINDS = {
    faults.full: {(1, "killed"), (1, "")},
    faults.full_once: {(1, "failed"), (1, "killed"), (1, "")},
    faults.killed: {(-9, "killed"), (-9, ""), (-9, "interrupted")},
    faults.ctrl_c: {(130, "interrupted")},
    faults.term: {(130, "interrupted")},
    faults.ctrl_c_twice: {(130, "interrupted")},
}
EACH = 6  # faults of a kind


def outcome(*arguments: str) -> int:
    """The exit code of a command."""
    try:
        main(arguments)
    except SystemExit as stop:
        return int(stop.code or 0)
    except Killed:
        return -9
    return 0


def faulty(at: int, kind: faults.Fault, *arguments: str) -> tuple[int, int]:
    """The exit code of a command with a fault at a write, and how many writes there were."""
    patch, count = faults.at_write(at, kind)
    try:
        return outcome(*arguments), count()
    finally:
        patch.undo()


def gone_on(path: Path, options: tuple[str, ...]) -> dict[str, Any]:
    """What is left after the next attempt, which nothing disturbs."""
    again = (f"resume={path}",) if (path / "config.yaml").is_file() else (*options, f"out={path}")
    assert outcome("run", *again) == 0
    return files(path)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SHORT)
def test_faults_at_any_write(scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background are born deaf to it
    seed = random.randrange(2**32)
    print(f"seed {seed}", file=sys.__stderr__)
    options = (f"scenario={scenario}", "network=lossy", "surrogate=linear", "report=false", *SHORT[scenario])
    code, writes = faulty(0, lambda *_: None, "run", *options, f"out={tmp_path / 'whole'}")
    assert code == 0
    whole, path = files(tmp_path / "whole"), tmp_path / "run"
    for kind, allowed in KINDS.items():
        for at in random.Random(f"{seed} {kind.__name__}").sample(range(1, writes + 1), EACH):
            capsys.readouterr()
            code, _ = faulty(at, kind, "run", *options, f"out={path}")
            where, told = f"{kind.__name__} at {at} of {writes}, seed {seed}", capsys.readouterr().err.splitlines()
            status = SavedRun(path).status if (path / "run.json").is_file() else ""
            assert (code, status) in {(0, "finished"), *allowed}, where
            assert len([line for line in told if not line.startswith("day ")]) == (code not in (0, -9)), (where, told)
            if status != "finished":
                assert gone_on(path, options) == whole, where
            shutil.rmtree(path, ignore_errors=True)
    signal.signal(signal.SIGINT, before)
