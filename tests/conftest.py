"""What every test has at hand."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
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


SLOW = 80  # tests at most that only --all runs: what a gate does not see breaks unseen
LONG = 10.0  # s: two of these make a tenth of the gate's time


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` takes them out."""
    slow = sum(item.get_closest_marker("slow") is not None for item in items)
    if slow > SLOW:
        raise pytest.UsageError(f"{slow} tests are marked slow, at most {SLOW} may be: shorten one instead")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tests that took long, and what has helped: a list, no verdict, since machines differ."""
    reports = terminalreporter.stats.get("passed", [])
    long = {r.nodeid: r.duration for r in reports if r.duration > LONG and "slow" not in r.keywords}
    for name in sorted(long, key=long.__getitem__, reverse=True):
        terminalreporter.write_line(f"{long[name]:.0f} s: {name}")
    if long:
        terminalreporter.write_line(
            f"Longer than {LONG:.0f} s. What helps: `tandem` instead of `tandem_process`; a run that several tests "
            "share in a fixture of the module; fewer days, plant=line_small, surrogate=ewma; a constant made smaller."
        )


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return ROOT


def unjudged(arguments: Sequence[str]) -> list[str]:
    """The same, without a verdict where a single run asks for none."""
    given = [a.partition("=")[0] for a in arguments]
    single = arguments[:1] == ("run",) and not {"verdict", "resume", "from", "-m", "--help"} & {*given}
    return [*arguments, "verdict=null"] if single else [*arguments]


@pytest.fixture
def tandem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tandem:
    """Runs the command line in this process, in an empty folder: an import of torch and Hydra costs three seconds.

    A run plays no practice unless it says verdict=: that is paid for where it is tested.
    """
    from twin.lab.cli import main

    def run(*arguments: str, folder: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        output, errors, code = io.StringIO(), io.StringIO(), 0
        with monkeypatch.context() as place, redirect_stdout(output), redirect_stderr(errors):
            place.chdir(folder)
            place.setenv("COLUMNS", "120")
            try:
                main(unjudged(arguments))
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        return subprocess.CompletedProcess(arguments, code, output.getvalue(), errors.getvalue())

    return run


@pytest.fixture
def tandem_process(tmp_path: Path) -> Tandem:
    """Runs the command line in a process of its own: for what a process is about, its memory, children and exit."""

    def run(*arguments: str, folder: Path = tmp_path, timeout: float = 120.0) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "COLUMNS": "120"}
        command = [sys.executable, "-P", "-m", "twin.lab.cli", *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run
