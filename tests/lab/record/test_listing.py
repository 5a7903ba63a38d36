"""tandem runs: what runs there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from twin.lab.cli import main
from twin.lab.record.listing import chosen, rows, sort, value
from twin.lab.record.run_directory import lock


def leave(path: Path, *, seed: int, status: str = "finished", policy: str = "predictive", profit: float = 1.0) -> None:
    path.mkdir(parents=True)
    facts = {
        "status": status,
        "seed": seed,
        "policy": policy,
        "scenario": "line",
        "surrogate": "mlp",
        "hash": "0123456789ab",
        "wall_s": 60.0 + seed,
        "objective": {"figure": "profit_per_hour"},
        "started": "2026-01-01T00:00:00",
    }
    if status == "failed":
        facts["error"] = "ValueError: buffer = -1"
    (path / "run.json").write_text(json.dumps(facts))
    (path / "kpis.json").write_text(json.dumps({"profit_per_hour": profit, "oee": None}))
    (path / "tables").mkdir()
    (path / "tables" / "part").write_bytes(os.urandom(100_000 * (seed + 1)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    leave(tmp_path / "runs/one", seed=0, profit=10.0)
    leave(tmp_path / "runs/study/deep/two", seed=1, profit=12_345.6, policy="age_based")
    leave(tmp_path / "runs/three", seed=2, status="failed")
    leave(tmp_path / "runs/four", seed=3, status="running")
    (tmp_path / "runs/one/tables/run.json").write_text("{}")  # nothing within a run is one
    return tmp_path


def names(found: list[dict[str, object]]) -> list[str]:
    return [Path(str(row["run"])).name for row in found]


def test_every_run_at_any_depth_once(folder: Path) -> None:
    found = rows(["runs", "runs/study"])
    assert names(found) == ["four", "one", "two", "three"]
    one = next(row for row in found if row["seed"] == 0)
    assert 100_000 <= one["size"] < 150_000
    assert (one["status"], one["hash"], value(one, "profit_per_hour")) == ("finished", "0123456789ab", 10.0)


def test_a_run_nobody_is_at_work_on_is_not_running(folder: Path) -> None:
    def status() -> str:
        return next(str(row["status"]) for row in rows(["runs"]) if row["seed"] == 3)

    assert status() == "killed"
    handle = lock(folder / "runs/four")
    assert status() == "running"
    os.close(handle)


def test_filters_and_order(folder: Path) -> None:
    found = rows(["runs"])
    assert names(chosen(found, {"status": "finished", "seed": "1,2"})) == ["two"]
    assert names(sort(found, "-seed")) == ["four", "three", "two", "one"]
    assert names(sort(found, "size")) == ["one", "two", "three", "four"]
    assert names(sort(found, "-profit_per_hour"))[:2] == ["two", "one"]
    assert names(sort(found, "policy"))[0] == "two"


def test_a_damaged_run_is_listed_as_one(folder: Path) -> None:
    (folder / "runs/one/run.json").write_text("{")
    assert [row["status"] for row in rows(["runs/one"])] == ["damaged"]


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["runs", "status=finished,failed", "sort=-profit_per_hour", "json=rows.json"])
    out = capsys.readouterr().out
    assert "profit_per_hour" in out
    assert "12,346" in out
    assert "runs/three: ValueError: buffer = -1" in out
    assert "3 of 4 runs" in out
    told = json.loads(Path("rows.json").read_text())
    assert told[0]["seed"] == 1
    assert told[0]["profit_per_hour"] == 12_345.6
    for words, expected in (
        (["metric=nonsense"], "no run has such a figure"),
        (["statu=x"], "did you mean status"),
        (["nowhere"], "nowhere: is no directory"),
    ):
        with pytest.raises(SystemExit):
            main(["runs", *words])
        assert expected in capsys.readouterr().err


def test_it_loads_no_torch(folder: Path) -> None:
    code = "import sys\nfrom twin.lab.cli import main\nmain(['runs'])\n"
    code += "assert not {'torch', 'pandas', 'hydra', 'scipy'} & set(sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
