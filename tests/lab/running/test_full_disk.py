"""A disk that is full, and files that are damaged: one line, a status that is true, and the same bytes afterwards."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.lab.running.short_run import ends_as, files
from twin.lab.cli import main
from twin.lab.jobs import run as job
from twin.lab.record.saved_run import SavedRun

FULL = os.strerror(errno.ENOSPC)


def ended(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """The one line that a command ends with."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith(("day ", "hour "))]
    assert stop.value.code == code, lines
    said = [line for line in lines if " goes on from " not in line]
    assert len(said) == 1, said
    return said[0]


def no_room_for(what: str) -> pytest.MonkeyPatch:
    """From the first file of this name on, nothing can be renamed into its place."""
    patch, real, full = pytest.MonkeyPatch(), os.replace, False

    def replace(source: Any, target: Any) -> None:
        nonlocal full
        full = full or what in str(target)
        if full:
            raise OSError(errno.ENOSPC, FULL, str(target))
        real(source, target)

    patch.setattr(os, "replace", replace)
    return patch


@pytest.mark.parametrize("what", ["readings/part-00002", "checkpoint/0", "kpis.json", "report.html"])
def test_a_full_disk_is_one_line_and_the_run_goes_on(
    what: str, own: Path, whole: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    patch = no_room_for(what)
    try:
        line = ended(capsys, 1, "run", f"resume={own}")
    finally:
        patch.undo()
    assert FULL in line
    assert line.endswith(f"once it can be written, tandem run resume={own} goes on")
    assert SavedRun(own).status == "killed", "nothing could be noted"
    assert not [*own.rglob("*.tmp"), *own.rglob(".*")], "what could not be written leaves its room"
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


def test_where_there_is_room_again_the_run_has_failed(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.lab.record.recorder._write_aside", lambda *_: no_room())
        ended(capsys, 1, "run", f"resume={own}")
    facts = json.loads((own / "run.json").read_text())
    assert (facts["status"], facts["error"]) == ("failed", f"{FULL}, at 0.30 of 0.3 days")


def no_room() -> None:
    raise OSError(errno.ENOSPC, FULL)


def test_a_report_that_cannot_take_its_place_is_one_line(
    own: Path, whole: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "report.html").unlink()
    (own / "report.html").mkdir()
    line = ended(capsys, 1, "run", f"resume={own}")
    assert f"{own}: no report: Is a directory, at 0.30 of 0.3 days; once it can be written" in line
    assert SavedRun(own).status == "failed"
    (own / "report.html").rmdir()
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


def shortened(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def changed(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("spoil", [shortened, changed, emptied])
def test_a_listed_part_that_is_damaged_is_named(
    spoil: Callable[[Path], None], own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(own / "tables/readings/part-00001.parquet")
    before = files(own)
    line = ended(capsys, 2, "run", f"resume={own}")
    assert "its table part readings/part-00001.parquet is truncated or damaged" in line
    assert f"(without {own / 'checkpoint'} the run starts anew)" in line
    assert files(own) == before
    assert SavedRun(own).status == "interrupted"


@pytest.mark.parametrize("spoil", [shortened, emptied])
def test_what_is_written_anew_may_be_damaged(
    spoil: Callable[[Path], None], own: Path, whole: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("kpis.json", "scores.json", "report.html", "tables/readings/part-00002.parquet"):
        spoil(own / name)
    assert "part-00002.parquet: is damaged" in ended(capsys, 2, "report", str(own))
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


@pytest.mark.parametrize("spoil", [shortened, emptied])
def test_a_damaged_run_json_is_named_and_left(
    spoil: Callable[[Path], None], own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(own / "run.json")
    before = (own / "run.json").read_bytes()
    assert f"{own / 'run.json'}: cannot be read: " in ended(capsys, 2, "run", f"resume={own}")
    assert (own / "run.json").read_bytes() == before
    capsys.readouterr()
    main(["runs", str(own)])
    assert "damaged" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_output_that_takes_nothing_is_one_line() -> None:
    command = [sys.executable, "-P", "-m", "twin.lab.cli", "list"]
    with open("/dev/full", "w") as output:
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, f"tandem: output: cannot be written: {FULL}\n")
