"""A short run, ways to end it early, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from twin.lab.jobs import run as job
from twin.lab.record.run_directory import TIMING
from twin.lab.running.progress import Progress

# A few hours in which the twin learns and acts, with messages late and lost; parts and checkpoints do not coincide.
OPTIONS = (
    "plant=line_small",
    "network=lossy",
    "surrogate=mlp",
    "surrogate.width=8",
    "twin.learner.start=32",
    "policy=predictive",
    "policy.setpoints.every=6",
    "policy.setpoints.explore=0.5",
    "days=0.3",
    "part=9000",
    "checkpoint=7200",
)
TICKS = 43


class Killed(BaseException):
    """The end of the process, as far as the code can tell."""


def run(path: Path, *options: str) -> None:
    job.main([*OPTIONS, *options, f"out={path}"])


def files(path: Path) -> dict[str, Any]:
    """What a run leaves, without its checkpoints and without what the clock on the wall says."""
    found: dict[str, Any] = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and not name.startswith("checkpoint/"):
            found[name] = file.read_bytes()
    facts = json.loads(found.pop("run.json"))
    return found | {"run.json": {key: value for key, value in facts.items() if key not in TIMING}}


def left(path: Path) -> list[str]:
    return sorted(entry.name for entry in (path / "checkpoint").iterdir())


def ends_as(whole: dict[str, Any], path: Path) -> bool:
    ended = files(path)
    assert ended.keys() == whole.keys()
    assert not [name for name in whole if ended[name] != whole[name]]
    assert len(left(path)) == 1, "only the newest checkpoint is kept"
    return True


def at_tick(number: int, then: Callable[[], Any]) -> pytest.MonkeyPatch:
    """Have something happen between two ticks."""
    patch, real = pytest.MonkeyPatch(), Progress.update

    def update(self: Progress, tick: Any) -> None:
        real(self, tick)
        if round(tick.now / 600) == number:
            then()

    patch.setattr(Progress, "update", update)
    return patch


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
