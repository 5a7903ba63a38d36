"""The short run whole, and cut short."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.lab.running.short_run import at_tick, files, interrupt, run


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the run leaves that nobody disturbs."""
    path = tmp_path_factory.mktemp("whole") / "run"
    run(path)
    found = files(path)
    assert {
        "config.yaml",
        "kpis.json",
        "scores.json",
        "report.html",
        "tables/decisions/part-00000.parquet",
    } <= found.keys()
    assert found["run.json"]["status"] == "finished"
    return found


@pytest.fixture(scope="session")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was asked to stop after its 31st tick, between two cuts of its parts."""
    path = tmp_path_factory.mktemp("cut") / "run"
    patch = at_tick(31, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    patch.undo()
    return path


@pytest.fixture
def own(cut: Path, tmp_path: Path) -> Path:
    """A copy of the run that was cut short."""
    return Path(shutil.copytree(cut, tmp_path / "own"))
