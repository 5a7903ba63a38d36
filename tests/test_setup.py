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
  *"-m venv"*)
    target="${@: -1}"; rm -rf "$target"; mkdir -p "$target/bin"; cp "$0" "$target/bin/python"; echo venv >>"$NOTES" ;;
  *"pip install"*)
    echo install >>"$NOTES"; echo "$*" >>"$NOTES.pip"; sleep "${PIP_TAKES:-0}"
    [ -z "${PIP_FAILS:-}" ] || { echo "ERROR: no network"; exit 1; } ;;
  *twin.lab.cli*) echo "ran: ${*: 4}" ;;
  *pytest*) echo tested ;;
  *version_info*) [ -z "${OLD:-}" ] ;;
esac
"""


class Checkout:
    """A folder with the scripts, a stand-in for Python, and notes of what was made."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.notes = folder, folder.parent / "notes"
        (folder / "scripts").mkdir(parents=True)
        for name in ("tandem", "test", "environment"):
            shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
        (folder / "pyproject.toml").write_text("one")
        (folder / "constraints.txt").write_text("two")
        self.python = folder.parent / "python3.11"
        self.python.write_text(FAKE)
        self.python.chmod(0o755)

    def environment(self, **settings: str) -> dict[str, str]:
        return {**os.environ, "PYTHON": str(self.python), "NOTES": str(self.notes), **settings}

    def script(self, name: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.folder / "scripts" / name), *arguments],
            env=self.environment(**settings),
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def tandem(self, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.script("tandem", "a", "b=c d", **settings)

    def test(self, **settings: str) -> subprocess.CompletedProcess[str]:
        return self.script("test", **settings)

    def made(self) -> list[str]:
        """What was made since the last question."""
        return self._since("")

    def pip(self) -> list[str]:
        """What pip was given since the last question, without what is the same in every call."""
        calls = [line.partition(" install ")[2] for line in self._since(".pip", lines=True)]
        same = f"--quiet --disable-pip-version-check --no-input -c {self.folder}/constraints.txt "
        assert all(call.startswith(same) for call in calls), calls
        return [call.removeprefix(same).replace(str(self.folder), ".") for call in calls]

    def _since(self, ending: str, *, lines: bool = False) -> list[str]:
        notes = self.notes.with_name(self.notes.name + ending)
        text = notes.read_text() if notes.exists() else ""
        notes.unlink(missing_ok=True)
        return text.splitlines() if lines else text.split()


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


def test_development_is_added_to_what_running_needs(checkout: Checkout) -> None:
    checkout.tandem()
    assert checkout.pip() == ["-e ."]
    tested = checkout.test()
    assert (tested.returncode, tested.stdout) == (0, "tested\n")
    assert "adding to .venv what development needs" in tested.stderr
    assert checkout.pip() == ["-e .[dev]"]
    assert checkout.made() == ["venv", "install", "install"]
    checkout.tandem()
    checkout.test()
    assert not checkout.made()


def test_development_brings_what_running_needs(checkout: Checkout) -> None:
    checkout.test()
    assert checkout.pip() == ["-e .[dev]"]
    checkout.tandem()
    assert not checkout.pip()


@pytest.mark.parametrize("script", ["tandem", "test"])
def test_an_environment_with_development_stays_one(checkout: Checkout, script: str) -> None:
    checkout.test()
    checkout.pip()
    (checkout.folder / "pyproject.toml").write_text("changed")
    checkout.script(script)
    assert checkout.pip() == ["-e .[dev]"]
    checkout.tandem()
    checkout.test()
    assert not checkout.pip()


def test_a_run_goes_on_where_development_cannot_be_added(checkout: Checkout) -> None:
    checkout.tandem()
    checkout.made()
    failed = checkout.test(PIP_FAILS="yes")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert "ERROR: no network" in failed.stderr
    assert checkout.made() == ["install"]
    assert checkout.tandem().stdout == "ran: a b=c d\n"
    assert not checkout.made()
    assert checkout.test().stdout == "tested\n"


CUDA = "https://torch.test/whl/cu130"
FROM_CUDA = [f"--force-reinstall --no-deps --index-url {CUDA} torch", f"--extra-index-url {CUDA} -e ."]


def test_torch_comes_first_and_from_its_own_index(checkout: Checkout) -> None:
    checkout.tandem(TANDEM_TORCH_INDEX=CUDA)
    assert checkout.pip() == FROM_CUDA
    checkout.tandem(TANDEM_TORCH_INDEX=CUDA)
    checkout.tandem()
    assert not checkout.pip(), "the index is remembered"
    checkout.test()
    assert checkout.pip() == [FROM_CUDA[0].replace("force-reinstall", "upgrade"), FROM_CUDA[1] + "[dev]"]


def test_torch_is_replaced_where_another_index_is_asked_for(checkout: Checkout) -> None:
    checkout.tandem()
    checkout.pip()
    checkout.tandem(TANDEM_TORCH_INDEX=CUDA)
    assert checkout.pip() == FROM_CUDA
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    checkout.tandem()
    assert checkout.pip() == FROM_CUDA, "an environment that is made again has the same torch"


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
        [str(checkout.folder / "scripts" / "tandem")],
        env=checkout.environment(PIP_TAKES="30"),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
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
