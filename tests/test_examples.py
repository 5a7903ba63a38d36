"""scripts/examples: each runs as it stands, in a short form, and is short enough to read."""

from __future__ import annotations

import importlib
import runpy
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from twin.lab import load, run

FOLDER = ROOT / "scripts" / "examples"
# Of each example: arguments that make it end in seconds, and what its last lines must tell.
EXAMPLES = {
    "quickstart": (["0.2"], "profit"),
    "own_policy": (["0.2"], "renew_at_risk"),
    "own_surrogate": (["0.2"], "running_mean"),
    "own_plant": (["0.5"], "age_based"),
    "sweep_and_compare": (["0.1", "2"], "age_based - run_to_failure: "),
}
LONGEST = 60  # lines


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run in; modules beside an example can be imported, and are forgotten after."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in ("pump", "own_plant"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs(
    name: str, apart: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, told = EXAMPLES[name]
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("name", [*EXAMPLES, "pump"])
def test_the_example_is_short(name: str) -> None:
    assert len((FOLDER / f"{name}.py").read_text(encoding="utf-8").splitlines()) < LONGEST


def test_every_example_is_tested() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == {*EXAMPLES, "pump", "picture"}


def test_the_plant_of_the_example_can_be_forked(apart: Path) -> None:
    plant = importlib.import_module("own_plant").PumpStation(seed=3)
    plant.advance(86_400.0)
    same, other = plant.fork(), plant.fork(reseed=7)
    for each in (plant, same, other):
        each.advance(20 * 86_400.0)
    assert same.kpis() == plant.kpis()
    assert other.kpis() != plant.kpis()


def test_the_picture_is_drawn_from_any_run_and_small(apart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(plant="line_small", days=0.5, surrogate="ewma", report=False)
    draw = runpy.run_path(str(FOLDER / "picture.py"))["draw"]
    draw.__globals__["MACHINE"] = "mill"
    draw(load(done.path), apart / "picture.png")
    assert (apart / "picture.png").stat().st_size > 5000
    assert (FOLDER / "report.png").stat().st_size <= 150_000
