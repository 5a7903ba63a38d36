"""A run that is cut short anywhere goes on to the end, byte for byte, that it would have had."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import random
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.engine.sealing import MAGIC, seal
from tests.conftest import ROOT
from twin.lab.cli import main
from twin.lab.jobs import run as job
from twin.lab.record.run_directory import TIMING
from twin.lab.running import checkpoint
from twin.lab.running.progress import Progress

# A few hours in which the twin learns and acts, with messages late and lost; parts and checkpoints do not coincide.
OPTIONS = (
    "plant=line_small", "network=lossy", "surrogate=mlp", "surrogate.width=8", "twin.learner.start=32",
    "policy=predictive", "policy.setpoints.every=6", "policy.setpoints.explore=0.5", "days=0.3", "part=9000", "checkpoint=7200",
)  # fmt: skip
TICKS = 43


class Killed(BaseException):
    """The end of the process, as far as the code can tell."""


def run(path: Path, *options: str) -> None:
    job.main([*OPTIONS, *options, f"out={path}"])


def files(path: Path) -> dict[str, Any]:
    """What a run leaves, without its checkpoints and without what the clock on the wall says."""
    found: dict[str, Any] = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and not name.startswith("checkpoint/"):
            found[name] = file.read_bytes()
    facts = json.loads(found.pop("run.json"))
    return found | {"run.json": {key: value for key, value in facts.items() if key not in TIMING}}


def left(path: Path) -> list[str]:
    return sorted(entry.name for entry in (path / "checkpoint").iterdir())


def ends_as(whole: dict[str, Any], path: Path) -> bool:
    ended = files(path)
    assert ended.keys() == whole.keys()
    assert not [name for name in whole if ended[name] != whole[name]]
    assert len(left(path)) == 1, "only the newest checkpoint is kept"
    return True


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the run leaves that nobody disturbs."""
    path = tmp_path_factory.mktemp("whole") / "run"
    run(path)
    found = files(path)
    assert {
        "config.yaml",
        "kpis.json",
        "scores.json",
        "report.html",
        "tables/decisions/part-00000.parquet",
    } <= found.keys()
    assert found["run.json"]["status"] == "finished"
    return found


def at_tick(number: int, then: Callable[[], Any]) -> pytest.MonkeyPatch:
    """Have something happen between two ticks."""
    patch, real = pytest.MonkeyPatch(), Progress.update

    def update(self: Progress, tick: Any) -> None:
        real(self, tick)
        if round(tick.now / 600) == number:
            then()

    patch.setattr(Progress, "update", update)
    return patch


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was asked to stop after its 31st tick, between two cuts of its parts."""
    path = tmp_path_factory.mktemp("cut") / "run"
    patch = at_tick(31, interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(path)
    patch.undo()
    return path


@pytest.fixture
def own(cut: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(cut, tmp_path / "own"))


def test_an_interrupted_run_is_readable_and_goes_on(whole: dict[str, Any], own: Path) -> None:
    facts = json.loads((own / "run.json").read_text())
    assert (facts["status"], facts["sim_s"]) == ("interrupted", 31 * 600)
    assert "interrupted" in (own / "report.html").read_text()
    assert "tables/kpis/part-00002.parquet" in files(own), "what was recorded of the part in hand is there"
    job.main([f"resume={own}", f"json={own.parent / 'rows.json'}"])
    assert ends_as(whole, own)
    assert json.loads((own / "run.json").read_text())["started"] == facts["started"]
    assert {row["name"] for row in json.loads((own.parent / "rows.json").read_text())} > {"oee", "decisions"}


def killing(patch: pytest.MonkeyPatch, at: int) -> Callable[[], int]:
    """From the `at`-th renaming on, nothing more gets a name; gives how many there were."""
    count, real = 0, os.replace

    def replace(source: Any, target: Any) -> None:
        nonlocal count
        count += 1
        if count >= at:
            raise Killed
        real(source, target)

    patch.setattr(os, "replace", replace)
    return lambda: count


def begin_or_go_on(path: Path) -> None:
    if (path / "config.yaml").is_file():
        job.main([f"resume={path}"])
    else:
        run(path)


def killed(path: Path, at: int) -> bool:
    """Begin or go on, and die at a renaming; whether it came to that."""
    with pytest.MonkeyPatch.context() as patch:
        killing(patch, at)
        try:
            begin_or_go_on(path)
        except Killed:
            return True
    return False


def test_a_run_killed_again_and_again_at_one_write_after_another(whole: dict[str, Any], tmp_path: Path) -> None:
    at = 1
    while killed(tmp_path / "run", at):
        at += 1
    assert at > 6
    assert ends_as(whole, tmp_path / "run")


@pytest.mark.slow
def test_a_run_killed_at_any_one_write(whole: dict[str, Any], tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        renamings = killing(patch, 10**9)
        run(tmp_path / "counted")
    assert renamings() > 20
    for at in range(1, renamings() + 1):
        path = tmp_path / f"run_{at}"
        assert killed(path, at)
        begin_or_go_on(path)
        assert ends_as(whole, path)
        shutil.rmtree(path)


def test_killed_while_the_old_checkpoint_is_being_deleted(whole: dict[str, Any], tmp_path: Path) -> None:
    path, real = tmp_path / "run", shutil.rmtree

    def rmtree(place: Path, **options: Any) -> None:
        if place.name == "000001":
            (place / "manifest.json").unlink()
            raise Killed
        real(place, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint.shutil, "rmtree", rmtree)
        with pytest.raises(Killed):
            run(path)
    assert left(path) == ["000001", "000002"]
    job.main([f"resume={path}"])
    assert ends_as(whole, path)


def test_a_run_that_failed_over_its_report_goes_on(whole: dict[str, Any], tmp_path: Path) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no ink")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.lab.report.report.write_report", fail)
        with pytest.raises(OSError, match="no ink"):
            run(tmp_path / "run")
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (facts["status"], facts["error"]) == ("failed", "no report: OSError: no ink")
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


def start(path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "twin.lab.cli", "run", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=path.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill_when(process: subprocess.Popen[bytes], moment: Callable[[], bool]) -> bool:
    """SIGKILL once it is time; whether the process was still there to be killed."""
    while process.poll() is None and not moment():
        time.sleep(0.001)
    process.kill()
    return process.wait() == -signal.SIGKILL


def test_a_process_killed_after_its_first_checkpoint(whole: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "run"
    assert kill_when(start(path, *OPTIONS, f"out={path}"), lambda: (path / "checkpoint" / "000001").is_dir())
    job.main([f"resume={path}"])
    assert ends_as(whole, path)


@pytest.mark.slow
def test_processes_killed_at_random_moments(whole: dict[str, Any], tmp_path: Path) -> None:
    """Each run is killed, taken up, perhaps killed again, until one process gets to the end."""
    moments, begun = random.Random(11), time.monotonic()
    assert start(tmp_path / "timed", *OPTIONS, f"out={tmp_path / 'timed'}").wait() == 0
    length, kills, path = time.monotonic() - begun, 0, tmp_path / "run"
    while kills < 24:
        chance = 1.0
        while not finished(path):
            arguments = [f"resume={path}"] if (path / "config.yaml").is_file() else [*OPTIONS, f"out={path}"]
            process, strike = start(path, *arguments), moments.random() < chance
            if strike and kill_when(process, some_moment(path, moments, length)):
                kills, chance = kills + 1, 0.6
            assert process.wait() in (0, -signal.SIGKILL)
        assert ends_as(whole, path)
        shutil.rmtree(path)


def finished(path: Path) -> bool:
    return (path / "run.json").is_file() and json.loads((path / "run.json").read_text())["status"] == "finished"


def some_moment(path: Path, moments: random.Random, length: float) -> Callable[[], bool]:
    """At a random time; or as soon as a checkpoint is being written, or the run being closed."""
    before = {*path.glob("checkpoint/*")}
    kind, end = moments.choice(["time", "time", "checkpoint", "close"]), time.monotonic() + moments.uniform(0.0, length)
    match kind:
        case "checkpoint":
            return lambda: {*path.glob("checkpoint/*")} != before
        case "close":
            return lambda: (path / "kpis.json").is_file()
        case _:
            return lambda: time.monotonic() > end
