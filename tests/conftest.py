"""What every test has at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import settings

# Tests run side by side, and more threads would change a result's last bits.
torch.set_num_threads(1)

# The same examples on every machine: a gate that passes here passes there. The slow set (`--all`) searches at random.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("TANDEM_HYPOTHESIS", "gate"))

ROOT = Path(__file__).parents[1]
Tandem = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def tandem(tmp_path: Path) -> Tandem:
    """Runs the command line in a process of its own, in an empty folder."""

    def run(*arguments: str, folder: Path = tmp_path, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "120"}
        command = [sys.executable, "-P", "-m", "twin.lab.cli", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run
