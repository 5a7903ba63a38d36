"""run: the same bytes as the command line, tables at once, parts of one's own on record."""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tandem
from tests.lab.interactive.own import EveryDay, Flat, TwoStations
from twin.lab import load, run
from twin.lab.errors import UserError
from twin.lab.jobs.run import main
from twin.lab.record.run_directory import TIMING

BRIEF: dict[str, Any] = {"days": 0.1, "report": False, "surrogate": "ewma"}


def test_the_command_line_with_the_same_choices_gives_the_same_bytes(tmp_path: Path, tandem: Tandem) -> None:
    options = ["scenario=energy", "days=2", "seed=3", "policy=time_of_use", "surrogate=linear", "network=lossy"]
    done = tandem("run", *options, "twin.learner.start=16", "report=false", "verdict=null", f"out={tmp_path / 'typed'}")
    assert done.returncode == 0, done.stderr
    called = run(
        "energy", days=2, seed=3, policy="time_of_use", surrogate="linear", network="lossy",
        twin={"learner.start": 16}, report=False, out=tmp_path / "called",
    )  # fmt: skip
    files = sorted(p.relative_to(tmp_path / "typed") for p in (tmp_path / "typed").rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(called.path) for p in called.path.rglob("*") if p.is_file())
    kept = [f for f in files if f.name not in ("run.json", "manifest.json")]
    assert [f for f in kept if (tmp_path / "typed" / f).read_bytes() != (called.path / f).read_bytes()] == []
    typed = load(tmp_path / "typed").run
    assert {k: v for k, v in typed.items() if k not in TIMING} == {
        k: v for k, v in called.run.items() if k not in TIMING
    }


def test_a_run_goes_to_a_directory_of_its_own_and_its_tables_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(**BRIEF)
    assert done.path.parent == Path("runs")
    assert done.run["status"] == "finished"
    assert done.kpis["good_parts"] > 0
    assert set(done.readings.signal) > {"mill_1.vibration"}


def test_a_class_of_ones_own_is_on_record_and_can_be_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = functools.partial(EveryDay, ticks=3)
    done = run(policy=policy, **BRIEF | {"surrogate": Flat}, out=tmp_path / "own")
    assert done.run["policy"] == "every_day"
    assert done.run["choices"]["policy"] == "EveryDay"
    assert done.config["policy"] == {"_target_": f"{EveryDay.__module__}.EveryDay", "_partial_": True, "ticks": 3}
    assert set(done.decisions.reason) == {"it is time"}
    repeated = [f"from={done.path}", f"out={tmp_path / 'again'}"]
    with pytest.raises(UserError, match=f"only where the command line says trust={EveryDay.__module__}$"):
        main(repeated)
    main([*repeated, f"trust={EveryDay.__module__}"])
    assert "the same bytes" in capsys.readouterr().err


def test_an_object_is_on_record_as_made_in_python_and_only_python_can_run_it(tmp_path: Path) -> None:
    plant = TwoStations(seed=4)
    done = run(plant=plant, **BRIEF, out=tmp_path / "own")
    assert plant.now == 8400.0
    assert done.config["plant"] == {"_target_": f"{TwoStations.__module__}.TwoStations", "made_in_python": True}
    with pytest.raises(UserError, match="TwoStations: was made in Python and can only be run from there"):
        main([f"from={done.path}", f"out={tmp_path / 'again'}"])


def test_a_local_class_is_run_and_marked(tmp_path: Path) -> None:
    class Local(EveryDay):
        pass

    done = run(policy=Local, **BRIEF, out=tmp_path / "own")
    assert done.run["policy"] == "local"
    assert done.config["policy"]["made_in_python"]


def test_a_directory_that_is_full_is_refused(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    with pytest.raises(UserError, match="exists already and is not empty"):
        run(**BRIEF, out=tmp_path)


def test_a_thread_may_run_one(tmp_path: Path) -> None:
    """Ctrl-C reaches only the main thread; elsewhere a run goes without."""
    ends: list[str] = []
    thread = threading.Thread(target=lambda: ends.append(run(**BRIEF, out=tmp_path / "own").run["status"]))
    thread.start()
    thread.join()
    assert ends == ["finished"]
