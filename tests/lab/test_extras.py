"""What an extra is installed with."""

from __future__ import annotations

import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT
from twin.lab import extras


def test_from_its_folder_a_checkout_installs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "executable", str(ROOT / ".venv/bin/python"))
    assert extras.how_to_install("opt") == ".venv/bin/python -m pip install -c constraints.txt -e '.[opt]'"


def test_from_elsewhere_the_command_names_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(extras.how_to_install("opt"))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    assert words[4:] == ["-c", str(ROOT / "constraints.txt"), "-e", f"{ROOT}[opt]"]


def test_a_wheel_installs_from_the_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extras, "ROOT", tmp_path)
    assert extras.how_to_install("sumo").endswith(" -m pip install 'tandem[sumo]'")


def test_every_extra_that_is_named_exists() -> None:
    from twin.lab.sweep.launchers.choosing import EXTRAS

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"opt", "tensorboard", "sumo", *EXTRAS.values()} <= project["optional-dependencies"].keys()
