"""What may stand in a directory that a run is to have."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from twin.lab.configure.resolve import configurations
from twin.lab.errors import UserError
from twin.lab.record.identity import fingerprint
from twin.lab.record.run_directory import clear, lock
from twin.lab.sweep.directory_state import DirectoryState, directory_state
from twin.lab.sweep.run_request import RunRequest, run_request


@pytest.fixture
def wanted(tmp_path: Path) -> RunRequest:
    (plain,) = configurations([["days=0.1"]])
    return run_request(plain, tmp_path / "run", "a run")


@pytest.fixture
def leave(wanted: RunRequest) -> Callable[..., None]:
    """Leaves a run in the directory, as far as it matters here."""

    def leave(text: str | None = None, **facts: Any) -> None:
        wanted.place.mkdir(exist_ok=True)
        (wanted.place / "config.yaml").write_text(wanted.text if text is None else text)
        (wanted.place / "tables" / "kpis").mkdir(parents=True, exist_ok=True)
        if facts:
            (wanted.place / "run.json").write_text(json.dumps(facts))

    return leave


def test_every_state(wanted: RunRequest, leave: Callable[..., None]) -> None:
    assert directory_state(wanted) is DirectoryState.NOTHING
    wanted.place.mkdir()
    assert directory_state(wanted) is DirectoryState.NOTHING
    leave()
    assert directory_state(wanted) is DirectoryState.CUT
    for status in ("running", "interrupted", "failed"):
        leave(status=status)
        assert directory_state(wanted) is DirectoryState.CUT
    leave(status="finished", code=fingerprint())
    assert directory_state(wanted) is DirectoryState.FINISHED
    leave(status="finished", code="older")
    assert directory_state(wanted) is DirectoryState.STALE
    other = wanted.text.replace("days: 0.1", "days: 0.2")
    leave(text=other, status="failed")
    assert directory_state(wanted) is DirectoryState.REST
    leave(text="{", status="failed")
    assert directory_state(wanted) is DirectoryState.REST
    handle = lock(wanted.place)
    assert directory_state(wanted) is DirectoryState.BUSY
    os.close(handle)


def test_what_must_not_be_lost_is_refused(wanted: RunRequest, leave: Callable[..., None]) -> None:
    leave(text=wanted.text.replace("days: 0.1", "days: 0.2"), status="finished", code=fingerprint())
    with pytest.raises(UserError, match=r"finished run of another configuration \(days = 0.2, now 0.1\)"):
        directory_state(wanted)
    leave(status="failed")
    (wanted.place / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"holds notes.txt, which no run has left there"):
        directory_state(wanted)


@pytest.mark.parametrize("make", [Path.touch, lambda path: (path / "thesis").mkdir(parents=True)])
def test_what_is_no_run_is_refused(wanted: RunRequest, make: Callable[[Path], None]) -> None:
    make(wanted.place)
    with pytest.raises(UserError, match="which no run has left there"):
        directory_state(wanted)


def test_clearing_takes_what_a_run_has_left_and_nothing_else(wanted: RunRequest, leave: Callable[..., None]) -> None:
    leave(status="failed")
    (wanted.place / "notes.txt").write_text("mine")
    clear(wanted.place)
    assert [entry.name for entry in wanted.place.iterdir()] == ["notes.txt"]
