"""Saved runs that were edited by someone else: nothing is executed, nothing outside is touched, one line each."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from sim.engine.sealing import seal
from tests.lab.hostile import Bomb, Trap, one_line
from twin.lab.cli import main
from twin.lab.core.made_part import made

Edit = Callable[[dict[str, Any]], Any]


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Path) -> Trap:
    """In a folder with `run`, which was interrupted and has a checkpoint."""
    own.rename(tmp_path / "run")
    return Trap(tmp_path, monkeypatch)


def edit(run: Path, change: Edit) -> None:
    """Change config.yaml, and the checkpoint's checksum of it, as someone who knows the format does."""
    config = yaml.safe_load((run / "config.yaml").read_text())
    change(config)
    (run / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    manifest(run, lambda held: held.update(config=zlib.crc32((run / "config.yaml").read_bytes())))


def manifest(run: Path, change: Edit) -> None:
    (file,) = run.glob("checkpoint/*/manifest.json")
    held = json.loads(file.read_text())
    change(held)
    file.write_text(json.dumps(held))


def replaced(run: Path, name: str, data: bytes) -> None:
    """Put other bytes into the checkpoint, under a right checksum."""
    (place,) = run.glob("checkpoint/*")
    (place / name).write_bytes(data)
    manifest(run, lambda held: held["files"].update({name: [len(data), zlib.crc32(data)]}))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stop:
        main(["run", *arguments])
    assert stop.value.code == 2
    return one_line(capsys.readouterr().err)


HOSTILE = {"_target_": "hostile.Plant"}
LATER = {"_target_": "hostile.Policy", "_partial_": True}
CONFIGS: dict[str, Edit] = {
    "the plant": lambda c: c["plant"].update(HOSTILE),
    "a call": lambda c: c["plant"].update({"_target_": "os.system", "command": "touch executed"}),
    "below a station": lambda c: c["plant"]["stations"]["mill"].update({"failures": HOSTILE}),
    "a policy": lambda c: c.update(policy=LATER),
    "a surrogate": lambda c: c["surrogate"].update(_target_="torch.load"),
    "an optimizer": lambda c: c["surrogate"]["optimizer"].update(_target_="pandas.read_pickle"),
    "the twin": lambda c: c["twin"].update(_target_="hostile.Policy"),
    "a part of the twin": lambda c: c["twin"].update(window=HOSTILE),
    "the network": lambda c: c["network"].update(uplink=HOSTILE),
    "setpoints": lambda c: c["policy"].update(setpoints=HOSTILE),
    "a key of one's own": lambda c: c.update(mine=[HOSTILE]),
    "trust in the file": lambda c: c.update(trust=["hostile"], policy=LATER),
    "positional arguments": lambda c: c["policy"].update(_args_=["executed"]),
    "through a module of ours": lambda c: c["policy"].update(_target_="twin.policies.maintenance.predictive.np.load"),
}


@pytest.mark.parametrize("what", CONFIGS)
def test_an_edited_configuration_executes_nothing(what: str, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    edit(Path("run"), CONFIGS[what])
    before = tree(Path("run"))
    assert "_ = " in refused(capsys, "resume=run")
    facts = json.loads(Path("run/run.json").read_text())
    Path("run/run.json").write_text(json.dumps(facts | {"status": "finished"}))
    assert "_ = " in refused(capsys, "from=run", "out=again")
    Path("run/run.json").write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
    assert tree(Path("run")) == before
    assert not Path("again").exists()
    trap.assert_quiet()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [touch executed]", "!!python/name:hostile.Plant"])
def test_a_tag_in_a_configuration(tag: str, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("run/config.yaml").open("a") as file:
        file.write(f"mine: {tag}\n")
    assert "cannot be read" in refused(capsys, "resume=run")
    trap.assert_quiet()


def test_a_reference_in_a_configuration_is_text() -> None:
    policy = {"_target_": "twin.policies.maintenance.age_based.AgeBased", "_partial_": True, "name": "${oc.env:HOME}"}
    assert made({"policy": policy}, "policy").keywords == {"name": "${oc.env:HOME}"}


CHECKPOINTS: dict[str, Callable[[Path], None]] = {
    "a pickle as the twin": lambda run: replaced(run, "twin.safetensors", pickle.dumps(Bomb(os.mkdir, "executed"))),
    "a pickle as the plant": lambda run: replaced(run, "plant.snapshot", pickle.dumps(Bomb(os.mkdir, "executed"))),
    "a sealed pickle": lambda run: replaced(run, "plant.snapshot", seal(pickle.dumps(Bomb(os.mkdir, "executed")))),
    "a module's class": lambda run: replaced(run, "plant.snapshot", seal(b"\x80\x04\x8c\x07hostile\x8c\x05Plant\x93.")),
    "a pickle as rows": lambda run: replaced(run, "kpis.parquet", pickle.dumps(Bomb(os.mkdir, "executed"))),
    "a foreign file": lambda run: manifest(run, lambda held: held["files"].update({"../../x": [1, 1]})),
    "a part elsewhere": lambda run: manifest(
        run, lambda held: held.update(parts={**held["parts"], "../../bomb.pickle": [1, 1]})
    ),
    "an unknown table": lambda run: replaced(run, "mine.parquet", b"PAR1"),
}


@pytest.mark.parametrize("what", CHECKPOINTS)
def test_an_edited_checkpoint_executes_nothing(what: str, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    CHECKPOINTS[what](Path("run"))
    refused(capsys, "resume=run")
    trap.assert_quiet()


def test_a_column_of_pickles_is_not_unpickled(trap: Trap) -> None:
    """Parquet can carry the pickle of a Python type beside a column: the extension arrow.py_extension_type."""
    part = sorted(Path("run/tables/kpis").iterdir())[0]
    evil = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(Bomb(os.mkdir, "executed")),
    }
    table = pq.read_table(part, partitioning=None)
    fields = [pa.field("time", pa.float64(), metadata=evil), *list(table.schema)[1:]]
    pq.write_table(table.cast(pa.schema(fields)), part)
    main(["report", "run"])
    trap.assert_quiet()


def tree(path: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


LINKS = ("tables", "tables/kpis", "tables/readings/part-00000.parquet", "checkpoint", "run.json", "config.yaml", "more")


@pytest.mark.parametrize("name", LINKS)
def test_a_link_in_a_run_is_not_followed(name: str, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    inside, outside = Path("run", name), Path("outside").absolute()
    if inside.exists():
        inside.rename(outside)
    else:
        outside.mkdir()
        (outside / "precious.parquet").write_bytes(b"mine")
    if outside.is_dir():
        (outside / "extra").mkdir()
        (outside / "extra" / "precious.parquet").write_bytes(b"mine")
    inside.symlink_to(outside)
    before = tree(outside) if outside.is_dir() else outside.read_bytes()
    assert f"{inside}: is a symbolic link to {outside}; none is followed" in refused(capsys, "resume=run")
    assert before == (tree(outside) if outside.is_dir() else outside.read_bytes())


def test_a_run_that_is_a_link_is_not_followed(trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    Path("latest").symlink_to("run")
    before = tree(Path("run"))
    for typed in ("resume=latest", "resume=latest/"):
        assert "latest: is a symbolic link to run; none is followed" in refused(capsys, typed)
    Path("lost").symlink_to("nowhere")
    assert "lost: is a symbolic link" in refused(capsys, "resume=lost")
    assert tree(Path("run")) == before


def test_a_pipe_in_a_run_holds_nothing_up(trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    Path("run/config.yaml").unlink()
    os.mkfifo("run/config.yaml")
    assert "run/config.yaml: is neither a file nor a directory" in refused(capsys, "resume=run")
