"""Bad input: one clear line, an exit code, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Tandem
from twin.lab.cli import main

# What was asked for, and words that the line must hold: what was wrong, and what would be right.
CASES = [
    (["rum"], ["rum", "did you mean run", "compare"]),
    (["run", "polcy=predictive"], ["polcy", "policy", "surrogate"]),
    (["run", "policy=predictiv"], ["predictiv", "age_based", "run_to_failure"]),
    (["run", "plant.technician=3"], ["plant.technician", "plant.technicians"]),
    (["run", "policy.setpoints.evry=3"], ["evry", "policy.setpoints.every"]),
    (["run", "+plant.foo=1"], ["foo"]),
    (["run", "policy._target_=twin.policies.mpc.MPC"], ["policy._target_", "is now twin.policies.storage.mpc.MPC"]),
    (["run", "days=-1"], ["days = -1", "> 0"]),
    (["run", "days=nan"], ["days = .nan", "> 0"]),
    (["run", "days=soon"], ["days = soon", "number"]),
    (["run", "seed=1.5"], ["seed = 1.5", "whole number"]),
    (["run", "threads=0"], ["threads = 0", ">= 1"]),
    (["run", "checkpoint=-5"], ["checkpoint = -5", ">= 0"]),
    (["run", "part=0"], ["part = 0", "> 0"]),
    (["run", "resume=missing"], ["resume = missing", "not a run directory"]),
    (["run", "resume=damaged"], ["resume = damaged", "config.yaml"]),
    (["run", "resume=unfinished", "days=3"], ["days=3", "json="]),
    (["run", "from=missing"], ["from = missing", "not a run directory"]),
    (["run", "from=damaged"], ["from = damaged", "cannot be read"]),
    (["run", "from=unfinished"], ["this run is killed", "resume="]),
    (["run", "from=unfinished", "days=3"], ["days=3", "out="]),
    (["run", "experiment=policies"], ["experiment = policies", "arm=", "-m"]),
    (["run", "experiment=policies", "arm=seer"], ["arm = seer", "age_based"]),
    (["run", "-m", "policy=predictive,psychic"], ["psychic", "age_based"]),
    (["run", "-m", "seed=range(2)", "hydra/launcher=rocket"], ["rocket", "processes", "ray"]),
    (["run", "quick=perhaps"], ["quick = perhaps", "true or false"]),
    (["run", "predictive"], ["predictive", "key=value"]),
    (["run", "--fast"], ["--fast", "key=value"]),
    (["run", "plant=[1"], ["plant=[1"]),
    (["run", "~policy"], ["policy"]),
    (["run", "network.uplink.loss=-0.1"], ["loss = -0.1", ">= 0"]),
    (["run", "plant.common.buffer=-1"], ["buffer = -1", ">= 0"]),
    (["run", "plant.common.wear.life=-5"], ["life = -5", ">= 1"]),
    (["run", "plant.stations.saw_1.to=nowhere"], ["nowhere", "lathe_1"]),
    (["run", "surrogate.width=-3"], ["width = -3", ">= 1"]),
    (["run", "surrogate.optimizer.lr=-1"], ["lr = -1", "> 0"]),
    (["run", "surrogate.dropout=1.5"], ["dropout = 1.5"]),
    (["run", "twin.memory.capacity=-1"], ["capacity = -1"]),
    (["run", "out=full"], ["full", "not empty"]),
    (["run", "json=full"], ["full", "directory"]),
    (["run", "out=/proc/nothing/here"], ["/proc/nothing/here", "written"]),
    (["replay"], ["data"]),
    (["replay", "data=missing"], ["missing"]),
    (["replay", "dataset=csv", "data=missing.csv"], ["missing.csv"]),
    (["replay", "dataset=tape"], ["dataset = tape", "cmapss", "csv"]),
    (["replay", "dat=x"], ["dat", "did you mean data"]),
    (["runs", "missing"], ["missing", "no directory"]),
    (["runs", "statsu=failed"], ["statsu", "did you mean status"]),
    (["runs"], ["runs", "no directory"]),
    (["list", "colours"], ["colours", "policy"]),
    (["report"], ["one run directory"]),
    (["report", "missing"], ["missing", "run.json"]),
    (["report", "damaged"], ["damaged", "run.json"]),
    (["compare"], ["run directories"]),
    (["compare", "missing"], ["missing"]),
    (["compare", "unfinished"], ["unfinished", "status is killed", "resume=unfinished"]),
    (["compare", "damaged"], ["damaged"]),
    (["compare", "full", "basline=x"], ["basline", "did you mean baseline"]),
    (["compare", "experiment=nothing"], ["nothing", "policies"]),
    (["compare", "experiment=policies", "seeds=none"], ["seeds = none", "whole number"]),
]


@pytest.mark.parametrize(("arguments", "words"), CASES, ids=[" ".join(case[0]) for case in CASES])
def test_one_clear_line_and_nothing_left_behind(
    arguments: list[str],
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for folder, text in (("full", None), ("unfinished", '{"status": "running"}'), ("damaged", "{")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ("run.json" if text else "something")).write_text(text or "")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    said = capsys.readouterr()
    assert stop.value.code == 2
    assert said.err.count("\n") == 1, said.err
    assert said.err.startswith("tandem: ")
    for word in words:
        assert word in said.err
    assert sorted(tmp_path.rglob("*")) == before


def test_cuda_is_refused_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["run", "device=cuda"])
    assert stop.value.code == 2
    assert "device=cpu" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_as_a_process_too(tandem_process: Tandem) -> None:
    """`python -m` makes the command line a module of another name; its errors must still be its own."""
    done = tandem_process("run", "days=-1")
    assert done.returncode == 2
    assert done.stderr == "tandem: days = -1: must be a number of d > 0 and < 1e+09, or with a unit: 36 h\n"


def test_a_closed_pipe_is_no_drama(root: Path) -> None:
    command = f"{sys.executable} -m twin.lab.cli list | true"
    done = subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
