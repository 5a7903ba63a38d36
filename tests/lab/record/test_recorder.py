import json
from pathlib import Path

import numpy as np
import pytest

from twin.lab.record.loading import load
from twin.lab.record.recorder import Recorder, Words
from twin.lab.record.run_directory import RunDirectory, dump, fresh_path, label


def make(path: Path) -> tuple[RunDirectory, Recorder]:
    return RunDirectory(path=path, config="seed: 1\n", facts={"seed": 1}), Recorder(directory=path, part=100.0)


def fill(recorder: Recorder) -> None:
    for tick in range(1, 31):
        now = 10.0 * tick
        recorder.append("losses", {"time": [now], "name": [f"n{tick % 3}"], "value": [tick / 7]})
        recorder.append(
            "decisions",
            {"time": [now], "actuator": ["a.b"], "value": np.array([1.0]), "reason": ["why <&>"], "propensity": [0.5]},
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
    assert loaded.kpis["x"] == 1.0
    assert np.isnan(loaded.kpis["odd"])


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
    with pytest.raises(ValueError, match=r"part-00001\.parquet: is damaged") as caught:
        load(tmp_path / "run")
    assert "\n" not in str(caught.value)
    (tmp_path / "run/tables/losses/part-00001.parquet").write_bytes(
        (tmp_path / "run/tables/decisions/part-00000.parquet").read_bytes()
    )
    with pytest.raises(ValueError, match="its columns are not those of the table losses"):
        load(tmp_path / "run")


@pytest.mark.parametrize("text", ["a: [", "- 1", "\xff"])
def test_a_damaged_configuration_gets_one_line(tmp_path: Path, text: str) -> None:
    make(tmp_path / "run")
    (tmp_path / "run/config.yaml").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=r"config\.yaml") as caught:
        load(tmp_path / "run")
    assert "\n" not in str(caught.value)


def test_a_part_half_written_is_no_part(tmp_path: Path) -> None:
    run, recorder = make(tmp_path / "run")
    fill(recorder)
    run.close(status="interrupted", kpis={})
    (tmp_path / "run/tables/losses/part-00009.tmp").write_bytes(b"half")
    assert len(load(tmp_path / "run").losses) == 30
    assert not list((tmp_path / "run").rglob("*.parquet.tmp"))


@pytest.mark.parametrize(
    ("table", "columns", "match"),
    [
        ("gains", {}, "table = gains: must be one of readings"),
        ("losses", {"time": [1.0]}, "must have time, name, value"),
        ("losses", {"time": [1.0], "name": ["a", "b"], "value": [1.0]}, "they hold time 1, name 2, value 1 rows"),
    ],
)
def test_rows_that_do_not_fit_their_table_are_refused(
    tmp_path: Path, table: str, columns: dict[str, list[object]], match: str
) -> None:
    with pytest.raises(ValueError, match=match):
        Recorder(directory=tmp_path).append(table, columns)


def test_the_minute_values_of_a_month_make_a_part_a_day(tmp_path: Path) -> None:
    recorder = Recorder(directory=tmp_path)
    keys, values = (
        np.array([f"station_{i}.signal" for i in range(24)], dtype=object),
        np.random.default_rng(0).random(24),
    )
    for minute in range(43_200):
        moments = np.full(24, 60.0 * minute)
        recorder.append("readings", {"time": moments, "arrived": moments, "signal": keys, "value": values})
        recorder.cut(60.0 * minute)
    recorder.close()
    assert len(list((tmp_path / "tables/readings").iterdir())) == 30


def test_numbers_of_numpy_are_written_as_numbers_and_what_is_no_number_as_null() -> None:
    value = {"i": np.int64(3), "f": np.float32(0.5), "nan": np.float64("nan"), "inf": float("inf"), "yes": True}
    assert json.loads(dump(value)) == {"i": 3, "f": 0.5, "nan": None, "inf": None, "yes": True}


@pytest.mark.parametrize(
    ("target", "name"),
    [("a.b.AgeBased", "age_based"), ("x.MLP", "mlp"), ("x.EWMA", "ewma"), ("x.RunToFailure", "run_to_failure")],
)
def test_classes_are_called_what_people_call_them(target: str, name: str) -> None:
    assert label({"_target_": target}) == name


def test_coded_words_give_the_same_bytes_as_written_ones(tmp_path: Path) -> None:
    """By first appearance, whatever the order of the names, and beside chunks that are written out."""
    names = np.array(["z", "never", "a", "m"], dtype=object)
    chunks = [np.array([2, 0, 2], dtype=np.int32), np.array([3, 3, 0], dtype=np.int32)]
    for case, form in {
        "coded": [Words(codes, names) for codes in chunks],
        "written": [names[codes] for codes in chunks],
        "mixed": [list(names[chunks[0]]), Words(chunks[1], names)],
    }.items():
        recorder = Recorder(directory=tmp_path / case)
        for i, words in enumerate(form):
            moments = np.arange(3.0) + i
            recorder.append("readings", {"time": moments, "arrived": moments, "signal": words, "value": moments})
        recorder.close()
    found = {path.read_bytes() for path in tmp_path.glob("*/tables/readings/*.parquet")}
    assert len(found) == 1
    assert len(list(tmp_path.glob("*/tables/readings/*.parquet"))) == 3
