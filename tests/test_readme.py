"""The READMEs are true: their commands run or compose, their Python runs, their lists are whole, their links lead
somewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Tandem
from tests.readmes import READMES, commands, is_open, links, name, named_files, python_blocks, yaml_blocks
from twin.lab.cli import JOBS
from twin.lab.configure.compose import combinations, compose, keys
from twin.lab.configure.resolve import configurations, resolved
from twin.lab.sweep.study import is_study, named

COMMANDS = commands()
SHORT = ["days=0.05", "quick=false", "report=false", "checkpoint=null"]  # laid over every run of a README
PENDING = ("sim",)  # their READMEs are still to come
LONGEST, WORDS = 130, 1300  # lines and words of the first page
# Jobs whose commands take minutes, or need what a reader has: only their options are looked at here.
LOOKED_AT = {
    "compare": "makes a study's runs, or needs runs; tests/lab/compare",
    "tune": "makes dozens of runs; tests/lab/tune",
    "replay": "needs a recording; tests/lab/replay",
    "validate": "simulates for minutes; tests/lab/validate",
    "bench": "measures for minutes; tests/lab/bench",
    "report": "needs a run; tests/lab/report",
    "schema": "prints a model; tests/lab/configure/schema",
    "check": "runs the conformance suite; tests/lab",
}
ELSEWHERE = {"run scenario=mine": "its files are made by the last test here"}
ANYTHING = ("case", "mu1", "r1", "N", "ns", "ew", "cycle", "known")  # a case's own parameters


def option_names(words: list[str]) -> list[str]:
    return [word.partition("=")[0].lstrip("+~") for word in words if "=" in word]


def is_sweep(words: list[str]) -> bool:
    return "-m" in words


def single_runs() -> list[str]:
    closed = [c for c, w in COMMANDS.items() if w[0] == "run" and not is_open(w) and "--help" not in w]
    return [c for c in closed if not is_sweep(COMMANDS[c]) and c not in ELSEWHERE]


@pytest.mark.parametrize("command", single_runs())
def test_the_run_runs(command: str, tandem: Tandem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    for file, text in named_files().items():
        (tmp_path / file).write_text(text)
    laid_over = [o.partition("=")[0] for o in SHORT]
    words = [w for w in COMMANDS[command] if w.partition("=")[0] not in (*laid_over, "out", "tensorboard")]
    done = tandem(*words, *SHORT, f"out={tmp_path / 'run'}")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run/run.json").read_text())["status"] == "finished"


@pytest.mark.parametrize("command", [c for c, w in COMMANDS.items() if w[0] == "run" and is_sweep(w)])
def test_the_sweep_composes(command: str) -> None:
    """Its runs are those of the test above, many times over."""
    words = [w for w in COMMANDS[command] if w not in ("run", "-m") and not w.startswith("hydra/launcher=")]
    studies = [w.partition("=")[2] for w in words if w.startswith("experiment=")]
    assert all(is_study(study) and named(study).arms for study in studies)
    if not studies:
        runs = combinations([w for w in words if not w.startswith(("out=", "json="))])
        assert configurations([runs[0], runs[-1]])


@pytest.mark.parametrize("command", [c for c, w in COMMANDS.items() if w[0] not in ("run", "JOB")])
def test_the_job_takes_these_options(command: str, tandem: Tandem, tmp_path: Path) -> None:
    job, *rest = COMMANDS[command]
    (tmp_path / "runs").mkdir()
    if job in ("list", "runs", "--version") or "--help" in rest:
        kind = [w for w in rest if not is_open([w])]
        done = tandem(job, *kind)
        assert done.returncode == 0, done.stderr
        return
    assert job in JOBS
    assert LOOKED_AT[job]
    about = tandem(job, *(rest[:1] if job == "bench" and not is_open(rest[:1]) else ()), "--help").stdout
    known = {key.split(".")[0] for key in (*keys("run"), *keys("replay"))} | {"table", *ANYTHING}
    strange = [o for o in option_names(rest) if o.split(".")[0] not in known and not re.search(rf"\b{o}=", about)]
    assert not strange, f"{command}: {strange}"


def test_commands_are_found_in_every_shape() -> None:
    assert {"run", "list", "compare", "run quick=true"} <= {*COMMANDS, *(w[0] for w in COMMANDS.values())}
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("path", [p for p in READMES if python_blocks(p)], ids=name)
def test_the_python_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one README in order, in one namespace, shortened; one with a place to fill in is only compiled."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    space: dict[str, object] = {"__name__": "readme"}
    for block in python_blocks(path):
        code = compile(re.sub(r"range\(144\)", "range(8)", re.sub(r"days=\d+", "days=0.05", block)), name(path), "exec")
        if not is_open([block]):
            exec(code, space)


@pytest.mark.parametrize("path", READMES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    assert [str(target) for target in links(path) if not target.exists()] == []


@pytest.mark.parametrize("path", [*READMES, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"], ids=name)
def test_lines_can_be_read(path: Path) -> None:
    """At most 120 characters; but for rows of a folder's tables, which cannot be broken."""
    lines = path.read_text(encoding="utf-8").splitlines()
    long = [(number, line) for number, line in enumerate(lines, 1) if len(line) > 120]
    assert [number for number, line in long if path.parent == ROOT or not line.startswith("|")] == []


def test_the_first_page_is_short() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert len(text.split()) <= WORDS


def test_every_yaml_stands_in_the_tree_of_conf() -> None:
    tree = re.findall(r"^ {4}( {2})?(\w+)([/.]\S*)? {2,}\S", (ROOT / "conf/README.md").read_text("utf-8"), re.MULTILINE)
    listed, group = set(), ""
    for inside, word, rest in tree:
        if rest == "/":
            group = word
        else:
            listed.add(f"{group}/{word}.yaml" if inside else f"{word}{rest}")
    there = {path.relative_to(ROOT / "conf").as_posix() for path in (ROOT / "conf").rglob("*.yaml")}
    assert listed == there


def test_what_conf_says_of_overrides_composes() -> None:
    config = resolved(compose("run", ["plant=line_small", "+plant.corrective_first=false", "surrogate.width=64"]))
    assert config["plant"]["corrective_first"] is False


def test_the_scenario_of_the_readme_runs_as_it_is_printed(tmp_path: Path) -> None:
    plant, scenario = yaml_blocks(ROOT / "conf/README.md", "Add a scenario in two files")
    shutil.copytree(ROOT / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "conf/plant/mine.yaml").write_text(plant)
    (tmp_path / "conf/scenario/mine.yaml").write_text(scenario)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "twin.lab.cli"]
    listed = subprocess.run([*command, "list"], env=environment, capture_output=True, text=True, check=True).stdout
    assert "My line, in one line that `tandem list` shows" in listed
    options = ["scenario=mine", "days=1", "surrogate=linear", "report=false", f"out={tmp_path / 'run'}"]
    done = subprocess.run([*command, "run", *options], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kpis = json.loads((tmp_path / "run/kpis.json").read_text())
    assert kpis["good_parts"] > 1000
    assert json.loads((tmp_path / "run/run.json").read_text())["status"] == "finished"
