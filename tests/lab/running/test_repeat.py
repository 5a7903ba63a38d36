"""A finished run once more: to the same bytes, and with a word on what is not as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from twin.lab.cli import main
from twin.lab.record.identity import fingerprint
from twin.lab.record.run_directory import versions
from twin.lab.running.repeat import compared, differences, sameness

SHORT = ("plant=line_small", "network=lossy", "surrogate=linear", "days=0.1", "report=false")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("finished") / "a [run], seed=1"
    main(["run", *SHORT, f"out={path}"])
    return path


@pytest.fixture
def own(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "own"))


def change(path: Path, **facts: Any) -> None:
    told = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(told | facts))


def test_a_repeat_is_the_same_bytes(finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", f"from={finished}", f"out={tmp_path / 'again'}", f"json={tmp_path / 'rows.json'}"])
    errors = capsys.readouterr().err
    assert "not as it was" not in errors
    assert f"the same bytes as {finished}: kpis.json, scores.json, verdict.json, " in errors
    same, other = compared(finished, tmp_path / "again")
    assert len(same) > 4
    assert not other
    assert (tmp_path / "again/config.yaml").read_bytes() == (finished / "config.yaml").read_bytes()
    assert json.loads((tmp_path / "rows.json").read_text())
    first, second = (json.loads((path / "run.json").read_text()) for path in (finished, tmp_path / "again"))
    assert first["hash"] == second["hash"]


def test_what_is_not_as_it_was_is_told_first(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = json.loads((own / "run.json").read_text())
    change(own, code="older", versions=facts["versions"] | {"torch": "1.0"})
    (own / "kpis.json").write_text("{}")
    main(["run", f"from={own}", f"out={tmp_path / 'again'}", "threads=2"])
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("tandem: ")]
    assert lines[:3] == [
        f"tandem: not as it was: code: older then, {fingerprint()} now",
        "tandem: not as it was: threads: 1 then, 2 now",
        f"tandem: not as it was: torch: 1.0 then, {versions()['torch']} now",
    ]
    assert lines[-1].startswith(f"tandem: not the same bytes as {own}: 1 of ")
    assert lines[-1].endswith("files differ: kpis.json")
    assert json.loads((tmp_path / "again/run.json").read_text())["threads"] == 2


def test_what_cannot_be_repeated_says_why(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*arguments: str) -> str:
        with pytest.raises(SystemExit) as stop:
            main(["run", *arguments])
        assert stop.value.code == 2
        return capsys.readouterr().err

    assert "is not a run directory" in refused(f"from={tmp_path}")
    assert "seed=3: a repeated run keeps its own configuration" in refused(f"from={own}", "seed=3")
    change(own, status="interrupted")
    assert "this run is interrupted; only a finished one" in refused(f"from={own}")


def test_a_missing_file_is_not_the_same(own: Path, finished: Path) -> None:
    assert sameness(finished, own).startswith("the same bytes")
    (own / "scores.json").unlink()
    assert sameness(finished, own).endswith("files differ: scores.json")


def test_no_difference_is_told_of_where_there_is_none(finished: Path) -> None:
    facts = json.loads((finished / "run.json").read_text())
    assert differences(facts, device="cpu", threads=1) == []
    assert differences(facts, device="cuda", threads=1) == ["device: cpu then, cuda now"]
