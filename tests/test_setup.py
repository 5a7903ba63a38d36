"""The set-up script, with a stand-in for Python that only notes what it was asked to do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import ROOT

FAKE = """#!/usr/bin/env bash
case "$*" in
  *"-m venv"*) target="${@: -1}"; rm -rf "$target"; mkdir -p "$target/bin"; cp "$0" "$target/bin/python"; echo venv >>"$NOTES" ;;
  *"pip install"*) echo install >>"$NOTES"; sleep "${PIP_TAKES:-0}"; [ -z "${PIP_FAILS:-}" ] || { echo "ERROR: no network"; exit 1; } ;;
  *twin.lab.cli*) echo "ran: ${*: 4}" ;;
  *version_info*) [ -z "${OLD:-}" ] ;;
esac
"""


class Checkout:
    """A folder with the scripts, a stand-in for Python, and notes of what was made."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notes = folder, folder.parent / "notes"
        (folder / "scripts").mkdir(parents=True)
        for name in ("tandem", "environment"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
        (folder / "pyproject.toml").write_text("one")
        (folder / "constraints.txt").write_text("two")
        self.python = folder.parent / "python3.11"
        self.python.write_text(FAKE)
        self.python.chmod(0o755)

    def command(self, **settings: str) -> dict[str, object]:
        environment = {**os.environ, "PYTHON": str(self.python), "NOTES": str(self.notes), **settings}
        return {"args": [str(self.folder / "scripts" / "tandem"), "a", "b=c d"], "env": environment, "text": True}

    def tandem(self, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(**self.command(**settings), capture_output=True, timeout=60, check=False)  # type: ignore[call-overload,no-any-return]

    def made(self) -> list[str]:
        """What was made since the last question."""
        made = self.notes.read_text().split() if self.notes.exists() else []
        self.notes.unlink(missing_ok=True)
        return made


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "check out")


def test_it_is_made_once(checkout: Checkout) -> None:
    first = checkout.tandem()
    assert first.stdout == "ran: a b=c d\n"
    assert checkout.made() == ["venv", "install"]
    second = checkout.tandem()
    assert second.stdout == "ran: a b=c d\n"
    assert not second.stderr
    assert not checkout.made()


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_it_is_brought_up_to_date(checkout: Checkout, name: str) -> None:
    checkout.tandem()
    checkout.made()
    (checkout.folder / name).write_text("changed")
    assert checkout.tandem().returncode == 0
    assert checkout.made() == ["install"]


def test_a_moved_checkout_installs_itself_anew(checkout: Checkout) -> None:
    checkout.tandem()
    checkout.made()
    checkout.folder = checkout.folder.rename(checkout.folder.parent / "moved")
    assert checkout.tandem().returncode == 0
    assert checkout.made() == ["install"]


def test_two_at_once_make_it_once(checkout: Checkout) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: checkout.tandem(PIP_TAKES="0.3"), range(4)))
    assert {d.stdout for d in done} == {"ran: a b=c d\n"}
    assert checkout.made() == ["venv", "install"]


def test_a_failed_installation_is_told_and_tried_again(checkout: Checkout) -> None:
    failed = checkout.tandem(PIP_FAILS="yes")
    assert failed.returncode == 2
    assert "ERROR: no network" in failed.stderr
    assert not failed.stdout
    assert checkout.made() == ["venv", "install"]
    assert checkout.tandem().returncode == 0
    assert checkout.made() == ["install"]


def test_an_interrupted_installation_is_made_again(checkout: Checkout) -> None:
    process = subprocess.Popen(
        **checkout.command(PIP_TAKES="30"), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )  # type: ignore[call-overload]
    give_up = time.monotonic() + 20
    while "install" not in (checkout.notes.read_text() if checkout.notes.exists() else ""):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    checkout.made()
    assert checkout.tandem().stdout == "ran: a b=c d\n"
    assert checkout.made() == ["venv", "install"]


def test_an_environment_without_its_python_is_made_again(checkout: Checkout) -> None:
    checkout.tandem()
    checkout.made()
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    assert checkout.tandem().returncode == 0
    assert checkout.made() == ["venv", "install"]


def test_an_old_python_is_told_in_one_line(checkout: Checkout, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "env", "cat", "cksum", "tr", "dirname", "rm", "flock"):
        if found := shutil.which(tool):
            (tools / tool).symlink_to(found)
    done = checkout.tandem(OLD="yes", PATH=str(tools))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Python >= 3.11" in done.stderr
    assert not checkout.made()


def test_a_python_of_another_name_is_found(checkout: Checkout, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "env", "cat", "cksum", "tr", "dirname", "rm", "flock", "mkdir", "cp", "mv", "sleep"):
        if found := shutil.which(tool):
            (tools / tool).symlink_to(found)
    shutil.copy(checkout.python, tools / "python3.12")
    assert checkout.tandem(PYTHON="", PATH=str(tools)).stdout == "ran: a b=c d\n"


def test_every_constraint_is_an_exact_pin() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines, key=str.lower)
    for line in lines:
        name, mark, version = line.partition("==")
        assert mark
        assert name
        assert version[0].isdigit()
        assert "+" not in version, "a local version is not on the index"
