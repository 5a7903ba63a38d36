import json
from pathlib import Path

import numpy as np
import pytest

from twin.lab.loading import load
from twin.lab.record import Recorder
from twin.lab.rundir import RunDirectory, fresh_path, label


def make(path: Path) -> tuple[RunDirectory, Recorder]:
    return RunDirectory(path=path, config="seed: 1\n", facts={"seed": 1}), Recorder(directory=path, part=100.0)


def fill(recorder: Recorder) -> None:
    for tick in range(1, 31):
        now = 10.0 * tick
        recorder.append("losses", {"time": [now], "name": [f"n{tick % 3}"], "value": [tick / 7]})
        recorder.append(
            "decisions", {"time": [now], "actuator": ["a.b"], "value": np.array([1.0]), "reason": ["why <&>"]}
        )
        recorder.cut(now)
    recorder.close()


def test_what_is_recorded_comes_back_in_order_and_parts_are_cut_at_simulated_times(tmp_path: Path) -> None:
    run, recorder = make(tmp_path / "run")
    fill(recorder)
    run.close(status="finished", kpis={"x": 1.0, "odd": float("nan")})
    assert [p.name for p in sorted((tmp_path / "run/tables/losses").iterdir())] == [
        f"part-{i:05d}.parquet" for i in range(3)
    ]
    loaded = load(tmp_path / "run")
    assert loaded.losses["time"].tolist() == [10.0 * t for t in range(1, 31)]
    assert loaded.losses["name"].astype(str).tolist()[:3] == ["n1", "n2", "n0"]
    assert loaded.decisions["reason"].iloc[0] == "why <&>"
    assert loaded.readings.empty
    assert loaded.run["status"] == "finished"
    assert loaded.kpis == {"x": 1.0, "odd": None}


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        fill(make(tmp_path / name)[1])
    first = {p.relative_to(tmp_path / "a"): p.read_bytes() for p in (tmp_path / "a").rglob("*.parquet")}
    second = {p.relative_to(tmp_path / "b"): p.read_bytes() for p in (tmp_path / "b").rglob("*.parquet")}
    assert first == second
    assert len(first) == 6


def test_a_run_says_that_it_runs_until_it_is_closed(tmp_path: Path) -> None:
    run, _ = make(tmp_path / "run")
    assert json.loads((tmp_path / "run/run.json").read_text())["status"] == "running"
    run.close(status="interrupted", kpis=None, error="stopped at noon")
    assert json.loads((tmp_path / "run/run.json").read_text())["error"] == "stopped at noon"


def test_a_directory_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(FileExistsError, match="out ="):
        make(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_runs_of_one_second_get_directories_of_their_own(tmp_path: Path) -> None:
    assert len({fresh_path(tmp_path, "x") for _ in range(5)}) == 5


def test_what_is_not_a_run_and_what_is_damaged_get_one_line(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not a run directory"):
        load(tmp_path)
    run, recorder = make(tmp_path / "run")
    fill(recorder)
    run.close(status="finished", kpis={})
    (tmp_path / "run/tables/losses/part-00001.parquet").write_bytes(b"garbage")
    with pytest.raises(ValueError, match="damaged"):
        load(tmp_path / "run")


@pytest.mark.parametrize(
    ("target", "name"),
    [("a.b.AgeBased", "age_based"), ("x.MLP", "mlp"), ("x.EWMA", "ewma"), ("x.RunToFailure", "run_to_failure")],
)
def test_classes_are_called_what_people_call_them(target: str, name: str) -> None:
    assert label({"_target_": target}) == name
