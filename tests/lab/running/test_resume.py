"""A run that is cut short goes on to the end that it would have had, byte for byte; or one line says why it cannot."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.engine.sealing import MAGIC, seal
from tests.lab.running.short_run import at_tick, ends_as, files, interrupt, run
from twin.lab.cli import main
from twin.lab.errors import StorageError
from twin.lab.jobs import run as job


def test_an_interrupted_run_is_readable_and_goes_on(whole: dict[str, Any], own: Path) -> None:
    facts = json.loads((own / "run.json").read_text())
    assert (facts["status"], facts["sim_s"]) == ("interrupted", 31 * 600)
    assert "interrupted" in (own / "report.html").read_text()
    assert "tables/kpis/part-00002.parquet" in files(own), "what was recorded of the part in hand is there"
    job.main([f"resume={own}", f"json={own.parent / 'rows.json'}"])
    assert ends_as(whole, own)
    assert json.loads((own / "run.json").read_text())["started"] == facts["started"]
    assert {row["name"] for row in json.loads((own.parent / "rows.json").read_text())} > {"oee", "decisions"}


def test_a_run_that_failed_over_its_report_goes_on(whole: dict[str, Any], tmp_path: Path) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no ink")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.lab.report.report.write_report", fail)
        with pytest.raises(
            StorageError, match=r"no ink, at 0\.30 of 0\.3 days; once it can be written, tandem run resume="
        ):
            run(tmp_path / "run")
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (facts["status"], facts["error"]) == ("failed", "no report: no ink, at 0.30 of 0.3 days")
    job.main([f"resume={tmp_path / 'run'}"])
    assert ends_as(whole, tmp_path / "run")


def test_a_run_without_checkpoints_begins_anew(tmp_path: Path) -> None:
    path, options = tmp_path / "run", ("checkpoint=null", "report=false", "days=0.1")
    run(tmp_path / "whole", *options)
    patch = at_tick(8, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(path, *options)
    patch.undo()
    assert not (path / "checkpoint").exists()
    job.main([f"resume={path}"])
    assert files(path) == files(tmp_path / "whole")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that it gets."""
    with pytest.raises(SystemExit) as stop:
        main(["run", *arguments])
    said = capsys.readouterr()
    assert stop.value.code == 2
    assert said.err.count("\n") == 1, said.err
    assert said.out == ""
    return said.err


def test_what_cannot_go_on_says_why(own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(own)
    assert "not a run directory" in refused(capsys, f"resume={tmp_path}")
    assert "seed=3: a resumed run keeps" in refused(capsys, f"resume={own}", "seed=3")
    assert "-m: a resumed run keeps" in refused(capsys, "-m", f"resume={own}")
    handle = os.open(own, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert "another process is at work" in refused(capsys, f"resume={own}")
    os.close(handle)
    facts = json.loads((own / "run.json").read_text())
    for change, words in (
        ({"code": "0123456789ab"}, "code 0123456789ab, now "),
        ({"versions": facts["versions"] | {"torch": "1.0"}}, "torch 1.0, now "),
        ({"device": "cuda"}, "device cuda, now cpu"),
        ({"status": "finished"}, "this run is finished"),
    ):
        (own / "run.json").write_text(json.dumps(facts | change))
        assert words in refused(capsys, f"resume={own}")
    (own / "run.json").write_text(json.dumps(facts))
    assert files(own) == before
    (own / "config.yaml").write_text("days: 1\n")
    assert "it has no scenario" in refused(capsys, f"resume={own}")
    (own / "config.yaml").write_text("a: [")
    assert "config.yaml: cannot be read" in refused(capsys, f"resume={own}")


class Bomb:
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return print, ("executed",)


def forge(place: Path, **change: Any) -> None:
    """A manifest that fits what stands beside it, but for `change`."""
    told = json.loads((place / "manifest.json").read_text())
    told["files"] = {n: [len(d := (place / n).read_bytes()), zlib.crc32(d)] for n in told["files"]}
    (place / "manifest.json").write_text(json.dumps(told | change))


def test_a_bad_checkpoint_gets_one_line_and_executes_nothing(cut: Path, tmp_path: Path, capsys: Any) -> None:
    def say(spoil: Callable[[Path, Path], Any]) -> str:
        path = Path(shutil.copytree(cut, tmp_path / "spoilt", dirs_exist_ok=False))
        (place,) = (path / "checkpoint").iterdir()
        spoil(path, place)
        before = files(path)
        line = refused(capsys, f"resume={path}")
        assert files(path) == before
        shutil.rmtree(path)
        return line

    def replace(name: str, data: bytes) -> Callable[[Path, Path], None]:
        def spoil(_: Path, place: Path) -> None:
            (place / name).write_bytes(data)
            if name != "manifest.json":
                forge(place)

        return spoil

    def shorten(_: Path, place: Path) -> None:
        data = (place / "twin.safetensors").read_bytes()
        (place / "twin.safetensors").write_bytes(data[:-9])

    assert "twin.safetensors: truncated or damaged" in say(shorten)
    assert "plant.snapshot: cannot be read" in say(lambda _, place: (place / "plant.snapshot").unlink())
    assert "manifest.json cannot be read" in say(replace("manifest.json", b"{"))
    assert "not a checkpoint of Tandem" in say(replace("manifest.json", b"{}"))
    assert "not a checkpoint of Tandem" in say(replace("manifest.json", b"[1]"))
    assert "version = 99: this Tandem reads version" in say(lambda _, place: forge(place, version=99))
    assert "manifest.json is damaged" in say(lambda _, place: forge(place, parts=3))
    assert "lies elsewhere" in say(lambda _, place: forge(place, files={"../../config.yaml": [1, 2]}))
    assert "part-00000.parquet is missing" in say(lambda path, _: (path / "tables/kpis/part-00000.parquet").unlink())
    assert "another config.yaml" in say(
        lambda path, _: (path / "config.yaml").write_bytes(b"# mine\n" + (path / "config.yaml").read_bytes())
    )
    assert "not a Tandem snapshot" in say(replace("plant.snapshot", pickle.dumps(Bomb())))
    assert "snapshot" in say(replace("plant.snapshot", seal(pickle.dumps(Bomb()))))
    assert "version = 999" in say(replace("plant.snapshot", MAGIC + b"999 3 1\nabc"))
    assert "state: cannot be read" in say(replace("twin.safetensors", pickle.dumps(Bomb())))


def test_a_plant_that_cannot_be_saved_is_told_of_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: Any) -> bytes:
        raise ValueError("a plant with generators cannot be forked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.plants.production_line.ProductionLine.snapshot", refuse)
        run(tmp_path / "run", "report=false", "days=0.2")
    assert capsys.readouterr().err.count("no checkpoints, so that resume= begins anew: a plant with generators") == 1
    assert json.loads((tmp_path / "run" / "run.json").read_text())["status"] == "finished"
