"""The command line from outside: help, lists, runs, sweeps, comparison, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, Tandem
from twin.lab.arguments import quote_paths
from twin.lab.cli import JOBS

SHORT = ("plant=line_small", "days=0.1", "surrogate=ewma", "policy=run_to_failure", "network=perfect")


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("list",), *((job, "--help") for job in JOBS)], ids=" ".join
)
def test_help_and_list_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom twin.lab.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n"
        "    bad = {'torch', 'pandas', 'scipy', 'hydra', 'matplotlib'} & set(sys.modules)\n    assert not bad, bad\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert not done.stderr


def test_the_version(tandem: Tandem) -> None:
    assert tandem("--version").stdout == "tandem 0.1.0\n"
    assert "tandem --version" in tandem("--help").stdout


def test_every_job_is_told_of() -> None:
    for job in JOBS:
        assert (ROOT / "twin" / "lab" / "jobs" / f"{job}.py").is_file()


def test_list_describes_every_choice(tandem: Tandem, tmp_path: Path) -> None:
    done = tandem("list", "json=rows.json")
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert {"scenario", "plant", "policy", "surrogate", "network"} <= {row["group"] for row in rows}
    for row in rows:
        assert row["description"], row
        assert row["name"] in done.stdout


@pytest.mark.parametrize(
    "value", ["a b", "seed=3", "x[1]", "a,b", "it's", "back\\slash", "tail\\", "${here}", "(x)", "q\\'"]
)
def test_a_path_reaches_the_configuration_unchanged(value: str) -> None:
    from twin.lab.configure.compose import compose

    config = compose("run", quote_paths([f"out={value}"]))
    assert config.out == value


def test_a_run_leaves_a_whole_directory(tandem: Tandem, tandem_process: Tandem, tmp_path: Path) -> None:
    done = tandem_process("run", *SHORT, "out=odd [name], a=b", "json=out rows.json")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["odd [name], a=b", "out rows.json"]
    run = tmp_path / "odd [name], a=b"
    facts = json.loads((run / "run.json").read_text())
    assert facts["status"] == "finished"
    assert facts["sim_s"] == pytest.approx(8640.0, abs=600)
    assert facts["choices"]["plant"] == "line_small"
    assert (run / "report.html").is_file()
    kpis = json.loads((run / "kpis.json").read_text())
    printed = {row["name"]: row["value"] for row in json.loads((tmp_path / "out rows.json").read_text())}
    assert printed["profit_per_hour"] == kpis["profit_per_hour"]
    page = (run / "report.html").stat().st_mtime_ns
    assert tandem("report", run.name).returncode == 0
    assert (run / "report.html").stat().st_mtime_ns > page


def test_the_same_run_twice_is_the_same_bytes(tandem: Tandem, tandem_process: Tandem, tmp_path: Path) -> None:
    """In this process, which has done other things before, and in one of its own."""
    from twin.lab.record.run_directory import TIMING

    for run, out in ((tandem, "a"), (tandem_process, "b")):
        assert run("run", *SHORT, "surrogate=linear", "report=false", "verdict=true", f"out={out}").returncode == 0
    names = sorted(str(p.relative_to(tmp_path / "a")) for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert any(name.endswith(".parquet") for name in names)
    assert names == sorted(str(p.relative_to(tmp_path / "b")) for p in (tmp_path / "b").rglob("*") if p.is_file())
    for name in names:
        first, second = (tmp_path / out / name for out in "ab")
        if name == "run.json":
            one, two = (
                {k: v for k, v in json.loads(p.read_text()).items() if k not in TIMING} for p in (first, second)
            )
            assert one == two
        else:
            assert first.read_bytes() == second.read_bytes(), name


def test_a_sweep_runs_every_combination_into_one_json(tandem: Tandem, tmp_path: Path) -> None:
    done = tandem(
        "run", "-m", *SHORT[:3], "policy=run_to_failure,age_based", "seed=range(2)", "report=false", "json=all.json"
    )
    assert done.returncode == 0, done.stderr
    runs = sorted(path for path in (tmp_path / "runs").iterdir() if path.is_dir())
    assert len(runs) == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["all.json", "runs"], "Hydra leaves nothing behind"
    listed = tandem("runs", "policy=age_based", "json=listed.json")
    assert listed.returncode == 0, listed.stderr
    assert "2 of 4 runs" in listed.stdout
    assert {row["status"] for row in json.loads((tmp_path / "listed.json").read_text())} == {"finished"}
    rows = json.loads((tmp_path / "all.json").read_text())
    assert len({(row["policy"], row["seed"]) for row in rows}) == 4

    compared = tandem("compare", "runs", "json=differences.json")  # the baseline is the first that was typed
    assert compared.returncode == 0, compared.stderr
    row = json.loads((tmp_path / "differences.json").read_text())[0]
    assert {"metric", "policy", "baseline", "difference", "low", "high", "n"} <= row.keys()
    assert (row["policy"], row["baseline"], row["n"]) == ("age_based", "run_to_failure", 2)


def test_a_sweep_tells_a_mistake_in_one_line(tandem: Tandem, tmp_path: Path) -> None:
    done = tandem("run", "-m", "policy=run_to_failure,nonsense", "quick=true")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nonsense" in done.stderr
    assert "age_based" in done.stderr
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_a_readable_partial_run(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "twin.lab.cli", "run", *SHORT, "days=3000", "part=3600", "out=run"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        give_up = time.monotonic() + 60
        while not list(tmp_path.glob("run/tables/kpis/*.parquet")) and time.monotonic() < give_up:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["status"] == "interrupted"
    assert 0 < facts["sim_s"] < 3000 * 86_400
    assert "interrupted" in (tmp_path / "run" / "report.html").read_text()
    from twin.lab import load

    history = load(tmp_path / "run").kpi_history
    assert history["time"].max() == facts["sim_s"]


@pytest.mark.slow
def test_a_study_makes_what_is_missing_and_no_more(tandem_process: Tandem, tmp_path: Path) -> None:
    study = ("compare", "experiment=policies", "seeds=1", "surrogate=ewma", *SHORT[:2], "runs=study", "workers=2")
    done = tandem_process(*study, timeout=300)
    assert done.returncode == 0, done.stderr
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "study").glob("*/run.json")}
    arms = yaml.safe_load((ROOT / "conf/experiment/policies.yaml").read_text())["study"]["arms"]
    assert sorted(path.parent.name for path in made) == sorted(f"{arm}_seed0" for arm in arms)
    (tmp_path / "study" / "ideal_seed0" / "run.json").write_text('{"status": "running"}')
    assert tandem_process(*study).returncode == 0
    again = {path: path.stat().st_mtime_ns for path in made}
    assert [path.parent.name for path in made if again[path] != made[path]] == ["ideal_seed0"]


def test_a_line_in_deadlock_is_told_of_with_who_waits_for_whom(tandem: Tandem, tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").write_text(
        "tick: 600.0\nstations:\n  a: {cycle: 1.0, to: b}\n"
        "  b: {cycle: 1.0, buffer: 2, to: [c, out], routing: share, shares: [1, 1]}\n"
        "  c: {cycle: 3.0, buffer: 2, to: b}\n  out: {cycle: 0.5, buffer: 1}\n"
    )
    light = ("days=0.1", "policy=run_to_failure", "surrogate=ewma")
    done = tandem("run", "plant.file=loop.yaml", "out=run", *light)
    assert done.returncode == 0, done.stderr
    told = "deadlock, seen at 0.1667 h: a waits for b; b waits for c; c waits for b; out waits for b"
    assert told in " ".join(done.stdout.split())
    assert told in (tmp_path / "run/report.html").read_text()
