"""`plant.file=`: a line of one's own from one yaml, laid under overrides, kept whole in the run's configuration."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from twin.lab.arguments import quote_paths
from twin.lab.cli import main
from twin.lab.configure.compose import compose
from twin.lab.errors import UserError

LINE = """
common: {maintenance: {preventive: 1800.0, corrective: 9000.0}}
stations:
  cutter: {cycle: {law: gamma, mean: 40.0, cv: 0.2}, to: welder, wear: {life: 90000.0}}
  welder: {cycle: 42.0, wear: {life: 120000.0, rate_cv: 0.5}, maintenance: {corrective: 8000.0}}
"""
QUICK = ("surrogate=ewma", "policy=age_based", "network=perfect", "days=0.05", "report=false")


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my line, v=1 [b].yaml").write_text(LINE)
    return "my line, v=1 [b].yaml"


def config(*arguments: str) -> Any:
    from omegaconf import OmegaConf

    return OmegaConf.to_container(compose("run", quote_paths(arguments)), resolve=True)


def test_a_file_is_a_plant_with_every_field_in_full(line: str) -> None:
    whole = config(f"plant.file={line}")
    assert whole["choices"]["plant"] == line
    assert whole["plant"]["stations"] == yaml.safe_load(LINE)["stations"]
    assert whole["plant"]["_target_"] == config()["plant"]["_target_"]
    assert whole["plant"]["tick"] == 600.0
    assert "file" not in whole["plant"]
    assert compose("run", [f"plant.file={line}"]).plant == whole["plant"], "not quoted for Hydra"


def test_other_options_are_laid_over_it(line: str) -> None:
    changed = config(f"plant.file={line}", "plant.technicians=5", "plant.stations.welder.cycle=50.0", "plant.tick=300")
    assert (changed["plant"]["technicians"], changed["plant"]["tick"]) == (5, 300)
    assert changed["plant"]["stations"]["welder"]["cycle"] == 50.0


@pytest.mark.parametrize("choice", [p.stem for p in (ROOT / "conf" / "plant").glob("*.yaml")])
def test_every_plant_in_conf_that_is_whole_would_do_as_a_file(choice: str, tmp_path: Path) -> None:
    file = tmp_path / "copy.yaml"
    shutil.copy(ROOT / "conf" / "plant" / f"{choice}.yaml", file)
    if "defaults" in yaml.safe_load(file.read_text()):
        with pytest.raises(UserError, match="must be whole"):
            config(f"plant.file={file}")
        return
    wanted = config(f"plant={choice}")["plant"]
    found = config(f"plant.file={file}")["plant"]
    assert {key: found[key] for key in wanted} == wanted


def test_a_run_of_a_file_goes_on_without_it(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out in ("whole", "run"):
        main(["run", f"plant.file={line}", *QUICK, f"out={out}"])
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["choices"]["plant"] == line
    assert [asset["name"] for asset in facts["assets"]][:2] == ["cutter", "welder"]
    (tmp_path / line).unlink()
    (tmp_path / "run" / "run.json").write_text(json.dumps(facts | {"status": "running"}))
    main(["run", "resume=run"])
    for name in ("kpis.json", "scores.json", "config.yaml", "tables/kpis/part-00000.parquet"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_it_is_swept_over(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "-m", f"plant.file={line}", *QUICK, "plant.technicians=1,2", "out=runs"])
    runs = [yaml.safe_load(file.read_text()) for file in (tmp_path / "runs").glob("*/config.yaml")]
    assert sorted(run["plant"]["technicians"] for run in runs) == [1, 2]
    assert {run["choices"]["plant"] for run in runs} == {line}


BAD = [
    (None, ["cannot be read", "No such file"]),
    ("a: [", ["is not yaml"]),
    ("[1, 2]", ["must hold a mapping"]),
    ("", ["must hold a mapping"]),
    (b"\xff\xfe\x00", ["is not yaml"]),
    ("technicains: 2" + LINE, ["technicains", "did you mean technicians?", "tick"]),
    ("technicians: 2", ["stations is missing"]),
    ("defaults: [manufacturing]" + LINE, ["defaults", "whole"]),
    ("tick: -1" + LINE, ["tick = -1", ">= 0.01"]),
    (LINE.replace("cycle: 42.0", "cycle: -42.0"), ["welder.cycle", "-42", ">= 0.01"]),
    (LINE.replace("{corrective", "{corectiv"), ["welder", "corectiv: there is no such field", "corrective"]),
    (LINE.replace("to: welder", "to: wilder"), ["wilder", "welder"]),
    ("_target_: os.system" + LINE, ["_target_ = os.system", "must be one of Tandem's plants"]),
    ("_target_: no.such.Plant" + LINE, ["_target_ = no.such.Plant", "trust=no.such"]),
    ("_target_: Plant" + LINE, ["_target_ = Plant", "must be the name of a class"]),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=[" ".join(words) for _, words in BAD])
def test_a_bad_file_gets_one_line(
    text: str | bytes | None, words: list[str], tmp_path: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("bad.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    for arguments in (["run"], ["run", "-m"]) if "tick" in words else (["run"],):
        with pytest.raises(SystemExit) as stop:
            main([*arguments, "plant.file=bad.yaml", *QUICK, "out=x"])
        said = capsys.readouterr().err.splitlines()
        assert stop.value.code == 2
        assert said[0].startswith("tandem: plant.file=bad.yaml: "), said
        assert all(word in said[0] for word in words), said
        assert len(said) == 1 or (len(said) == 2 and arguments[1:]), "a sweep adds how many of its runs failed"
    assert not list(Path("x").glob("*/*"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["plant.file="], "must be one yaml file"),
        (["plant.file=.", "plant.technicians=1"], "Is a directory"),
        (["plant.file={line}", "plant=line_small"], "takes the place of plant=line_small"),
        (["plant.file={line}", "plant.file={line}"], "must be one yaml file"),
        (["plant.file={line}", "plant.technicans=1"], "did you mean plant.technicians"),
        (["plant.fil=mine.yaml"], "did you mean plant.file"),
    ],
)
def test_a_wrong_use_gets_one_line(options: list[str], words: str, line: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["run", *(option.format(line=line) for option in options)])
    assert stop.value.code == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
