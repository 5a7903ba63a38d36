"""Sweeps: what is finished is left, what was cut short goes on, what fails is told of, and the rest is made."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab.running.test_resume import at_tick, files
from twin.lab.cli import main
from twin.lab.errors import UserError
from twin.lab.sweep.multirun import multirun

SHORT = ("plant=line_small", "network=perfect", "surrogate=ewma", "days=0.1", "report=false", "checkpoint=3600")
TWO = ("policy=run_to_failure,age_based", "seed=range(2)")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def runs(folder: str = "runs") -> list[Path]:
    return sorted(path.parent for path in Path(folder).glob("*/run.json"))


def facts(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "run.json").read_text())
    return found


def stamps() -> dict[str, int]:
    return {path.name: (path / "run.json").stat().st_mtime_ns for path in runs()}


def test_the_same_command_again_makes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    multirun([*SHORT, *TWO, "json=a.json"])
    before = stamps()
    assert len(before) == 4
    assert all(facts(path)["hash"] == path.name.rpartition("-")[2] for path in runs())
    capsys.readouterr()
    multirun([*SHORT, *TWO, "json=b.json"])
    assert stamps() == before
    assert "4 runs: 4 finished already" in capsys.readouterr().err
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    assert len({(row["policy"], row["seed"]) for row in json.loads(Path("b.json").read_text())}) == 4


def test_more_seeds_make_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    multirun([*SHORT, "seed=range(1)"])
    before = stamps()
    multirun([*SHORT, "seed=range(2)", "checkpoint=null"])
    assert len(stamps()) == 2
    assert before.items() < stamps().items()
    assert "2 runs: 1 to make, 1 finished already" in capsys.readouterr().err


def test_a_run_of_older_code_is_made_anew(capsys: pytest.CaptureFixture[str]) -> None:
    multirun([*SHORT, "seed=0,1"])
    first, other = runs()
    (first / "run.json").write_text(json.dumps(facts(first) | {"code": "older"}))
    before = stamps()
    multirun([*SHORT, "seed=0,1"])
    assert "1 of them finished under another code, made anew" in capsys.readouterr().err
    assert facts(first)["code"] == facts(other)["code"]
    assert stamps()[other.name] == before[other.name]


def test_a_failing_run_is_told_of_and_the_others_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        multirun([*SHORT, "+plant.conwip=5,{mill:3},6"])
    assert stop.value.code == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("tandem: 1 of 3 runs failed; the first: runs/")
    assert last.endswith("conwip: 'mill' is unknown; it takes cutter")
    found = [facts(path) for path in runs()]
    assert sorted(each["status"] for each in found) == ["failed", "finished", "finished"]
    (failed,) = (each for each in found if each["status"] == "failed")
    assert "conwip: 'mill'" in failed["error"]
    assert failed["policy"] == "predictive"


def test_a_mistake_in_one_combination_is_told_of_before_any_run() -> None:
    with pytest.raises(UserError, match=r"plant.common.buffer = -1: must be a whole number >= 0"):
        multirun([*SHORT, "plant.common.buffer=3,-1,4"])
    assert not runs()


def test_a_run_that_breaks_in_the_middle_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    def strike() -> None:
        if "seed1" in str(max(runs(), key=lambda path: (path / "run.json").stat().st_mtime_ns)):
            raise ZeroDivisionError("the plant divides by zero")

    patch = at_tick(8, strike)
    with pytest.raises(SystemExit):
        multirun([*SHORT, "seed=range(3)"])
    patch.undo()
    assert "1 of 3 runs failed" in capsys.readouterr().err
    assert [facts(path)["status"] for path in runs()] == ["finished", "failed", "finished"]
    assert facts(runs()[1])["error"] == "ZeroDivisionError: the plant divides by zero"
    multirun([*SHORT, "seed=range(3)"])
    assert [facts(path)["status"] for path in runs()] == ["finished"] * 3
    assert "error" not in facts(runs()[1])


def test_ctrl_c_stops_at_once_and_the_same_command_goes_on_to_the_same_bytes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = ["surrogate=linear", *SHORT[:2], *SHORT[3:], "seed=range(3)"]
    multirun([*whole, "out=whole"])
    ticks = []

    def strike() -> None:
        ticks.append(1)
        if len(ticks) == 2:  # in the second run
            os.kill(os.getpid(), signal.SIGINT)

    patch = at_tick(8, strike)
    with pytest.raises(KeyboardInterrupt, match="interrupted; 1 of 3 runs stand finished; the same command goes on"):
        multirun([*whole, "json=rows.json"])
    patch.undo()
    assert [facts(path)["status"] for path in runs()] == ["finished", "interrupted"]
    assert {row["seed"] for row in json.loads(Path("rows.json").read_text())} == {0}
    capsys.readouterr()
    multirun(whole)
    assert "3 runs: 2 to make, 1 of them cut short or failed before, 1 finished already" in capsys.readouterr().err
    assert [path.name for path in runs()] == [path.name for path in runs("whole")]
    for path in runs():
        assert files(path) == files(Path("whole") / path.name)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["policy=run_to_failure,nonsense"], "policy = nonsense"),
        (["policy.setpoints.evry=1,2"], "policy.setpoints.every"),
        (["seed=0,-1"], "seed = -1"),
        (["hydra/launcher=rocket"], "hydra/launcher = rocket: there is no such hydra/launcher; there are basic"),
        (["hydra/launcher=processes", "hydra.launcher.wrokers=2"], "did you mean hydra.launcher.workers"),
        (["hydra/launcher=processes", "hydra.launcher.workers=0"], "workers = 0: must be a whole number >= 1"),
        (["hydra/sweeper=optuna"], "tandem tune"),
        (["experiment=policies", "days=1,2"], "differ in arm and seed only"),
        (["experiment=policies", "arm=nobody"], "arm = nobody: there is no such arm; arms are predictive"),
        (["experiment=policies", "seeds=0"], "seeds = 0: must be a whole number >= 1"),
        (["experiment=policies", "seeds=2", "seed=1"], "give one of them"),
        (["experiment=nothing"], "there is no such experiment"),
        (["predictive"], "key=value"),
    ],
)
def test_a_mistake_is_told_in_one_line_before_anything_begins(
    words: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["run", "-m", *words])
    errors = capsys.readouterr().err
    assert stop.value.code == 2
    assert errors.count("\n") == 1, errors
    assert told in errors
    assert not list(here.iterdir())


def test_what_is_not_ours_is_never_touched(capsys: pytest.CaptureFixture[str]) -> None:
    multirun([*SHORT, "seed=0"])
    (path,) = runs()
    (path / "run.json").write_text('{"status": "failed"}')
    (path / "notes.txt").write_text("mine")
    with pytest.raises(SystemExit):
        main(["run", "-m", *SHORT, "seed=0,1"])
    assert "holds notes.txt" in capsys.readouterr().err
    assert (path / "notes.txt").read_text() == "mine"
    assert len(runs()) == 1


@pytest.fixture
def study() -> Callable[..., None]:
    return lambda *words: multirun(["experiment=policies", *SHORT, *words])


def test_a_study_is_a_sweep_of_its_arms_and_seeds(study: Callable[..., None]) -> None:
    study("arm=age_based,ideal", "seeds=2")
    assert [path.name for path in runs("runs/policies")] == [
        "age_based_seed0",
        "age_based_seed1",
        "ideal_seed0",
        "ideal_seed1",
    ]
    found = facts(Path("runs/policies/ideal_seed1"))
    assert (found["experiment"], found["arm"], found["seed"]) == ("policies", "ideal", 1)
    study("arm=ideal", "seed=3,5", "out=elsewhere")
    assert [path.name for path in runs("elsewhere")] == ["ideal_seed3", "ideal_seed5"]


def test_finished_runs_of_another_configuration_are_not_replaced(
    study: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    study("arm=ideal", "seeds=1")
    with pytest.raises(SystemExit):
        main(["run", "-m", "experiment=policies", *SHORT, "days=0.2", "arm=ideal", "seeds=1"])
    assert "finished run of another configuration (days = 0.1, now 0.2)" in capsys.readouterr().err


def test_one_run_of_a_study(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "experiment=policies", "arm=ideal", *SHORT, "out=one"])
    assert facts(Path("one"))["arm"] == "ideal"
    with pytest.raises(SystemExit):
        main(["run", "experiment=policies"])
    assert "arm= chooses one" in capsys.readouterr().err
