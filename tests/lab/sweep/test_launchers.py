"""Launchers: a run is the same bytes wherever it is made, and one that is killed takes no other along."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Tandem
from tests.lab.running.test_resume import files
from twin.lab.configure.resolve import configurations
from twin.lab.sweep.launchers import by_submitit
from twin.lab.sweep.launchers.choosing import launcher
from twin.lab.sweep.launchers.processes import Processes
from twin.lab.sweep.run_request import run_request

SHORT = ("plant=line_small", "network=lossy", "surrogate=linear", "days=0.1", "report=false", "seed=range(3)")
LONG = (*SHORT[:3], "days=20", "report=false", "checkpoint=14400", "seed=range(3)")
KINDS = {
    "processes": ("hydra/launcher=processes", "hydra.launcher.workers=2"),
    "ray": ("hydra/launcher=ray", "hydra.launcher.ray.init.num_cpus=2"),
    "submitit_local": ("hydra/launcher=submitit_local", "hydra.launcher.array_parallelism=2"),
}
MODULE = {
    "processes": "sys",
    "ray": "hydra_plugins.hydra_ray_launcher",
    "submitit_local": "hydra_plugins.hydra_submitit_launcher",
}


def by(kind: str) -> tuple[str, ...]:
    pytest.importorskip(MODULE[kind])
    return KINDS[kind]


def statuses(folder: Path) -> list[str]:
    found = sorted(folder.glob("*/run.json"))
    return [json.loads(path.read_text())["status"] for path in found]


@pytest.fixture(scope="module")
def sequential(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run after another leaves."""
    from twin.lab.sweep.multirun import multirun

    folder = tmp_path_factory.mktemp("sequential")
    multirun([*SHORT, f"out={folder}"])
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_as_one_after_another(
    kind: str, sequential: Path, tandem_process: Tandem, tmp_path: Path
) -> None:
    done = tandem_process("run", "-m", *SHORT, *by(kind), "out=runs", timeout=300)
    assert done.returncode == 0, done.stderr
    made = sorted(path.parent for path in tmp_path.glob("runs/*/run.json"))
    assert [path.name for path in made] == sorted(p.name for p in sequential.iterdir() if (p / "run.json").is_file())
    for path in made:
        assert files(path) == files(sequential / path.name)
    assert "3 runs: 3 finished already" in tandem_process("run", "-m", *SHORT, *by(kind), "out=runs").stderr


def heeding() -> None:
    """A shell's jobs in the background are born deaf to Ctrl-C, and so would be what tests start there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def begun(folder: Path, kind: str) -> tuple[subprocess.Popen[str], Path]:
    """A sweep of long runs, and the directory of one that has a checkpoint."""
    command = [sys.executable, "-P", "-m", "twin.lab.cli", "run", "-m", *LONG, *by(kind), "out=runs"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding,
    )
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        found = sorted(folder.glob("runs/*/checkpoint/0*/manifest.json"))
        if found:
            return process, found[0].parents[2]
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[1])


def holder(run: Path) -> int:
    """The process that is at work on a run: the one that has its directory open."""
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and any(os.readlink(fd) == str(run) for fd in (process / "fd").iterdir()):
                return int(process.name)
        except OSError:
            continue
    raise AssertionError("nobody")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc")
@pytest.mark.parametrize("kind", ["processes", "submitit_local"])
def test_a_killed_run_is_told_of_and_the_others_go_on(kind: str, tmp_path: Path) -> None:
    process, run = begun(tmp_path, kind)
    os.kill(holder(run), signal.SIGKILL)
    _, errors = process.communicate(timeout=400)
    assert process.returncode == 1, errors
    assert "1 of 3 runs failed; the first: runs/" in errors
    assert sorted(statuses(tmp_path / "runs")) == ["failed", "finished", "finished"]
    assert "lost" in errors or "killed" in json.loads((run / "run.json").read_text())["error"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc")
def test_ray_takes_a_lost_run_up_again_elsewhere(tmp_path: Path) -> None:
    process, run = begun(tmp_path, "ray")
    os.kill(holder(run), signal.SIGKILL)
    _, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    assert statuses(tmp_path / "runs") == ["finished"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_ctrl_c_ends_every_run_with_a_checkpoint(kind: str, tmp_path: Path) -> None:
    process, _ = begun(tmp_path, kind)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "interrupted; 0 of 3 runs stand finished; the same command goes on" in errors
    assert set(statuses(tmp_path / "runs")) == {"interrupted"}


def test_processes_are_born_valid() -> None:
    assert Processes(workers=3).workers == 3
    assert Processes(threads=10_000).workers == 1
    for bad in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match="must be a whole number >= 1"):
            Processes(workers=bad)  # type: ignore[arg-type]


FAKE = {
    # Runs the tasks of an array one after another, as the script that it is given asks for them.
    "sbatch": """#!/usr/bin/env bash
script="${@: -1}"; cp "$script" "$FAKE_SLURM/script"; echo "Submitted batch job 77"
range=$(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$script")
for task in $(seq 0 "$range"); do
    SLURM_JOB_ID=$((100 + task)) SLURM_ARRAY_JOB_ID=77 SLURM_ARRAY_TASK_ID=$task SLURM_LOCALID=0 SLURM_PROCID=0 \\
    SLURM_NODEID=0 SLURM_NTASKS=1 SLURM_JOB_NUM_NODES=1 SLURM_JOB_NODELIST=here \\
    bash "$script" >"$FAKE_SLURM/log" 2>&1 </dev/null
done >/dev/null 2>&1 &
""",
    "srun": """#!/usr/bin/env bash
while [ "${1:0:1}" = - ]; do case "$1" in --output|--error) shift 2 ;; *) shift ;; esac; done
exec "$@"
""",
    "sacct": """#!/usr/bin/env bash
echo "JobID|State|NodeList"; for task in 0 1 2; do echo "77_$task|RUNNING|here"; done
""",
    "scancel": "#!/usr/bin/env bash\n",
    "scontrol": "#!/usr/bin/env bash\necho here\n",
}


@pytest.mark.slow
def test_slurm_gets_one_array_of_all_runs(
    sequential: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tandem_process: Tandem
) -> None:
    """Against a stand-in for Slurm that carries out what it is sent."""
    pytest.importorskip("submitit")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in FAKE.items():
        (tools / name).write_text(text)
        (tools / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_SLURM", str(tools))
    options = ("hydra/launcher=submitit_slurm", "hydra.launcher.partition=short", "hydra.launcher.timeout_min=30")
    done = tandem_process("run", "-m", *SHORT, *options, "threads=2", "out=runs", timeout=300)
    assert done.returncode == 0, done.stderr + (tools / "log").read_text()
    script = (tools / "script").read_text()
    wanted = ("--array=0-2%", "--partition=short", "--time=30", "--cpus-per-task=2", "--mem=4GB", "--job-name=tandem")
    for word in wanted:
        assert f"#SBATCH {word}" in script
    assert "export OMP_NUM_THREADS=" in script
    assert statuses(tmp_path / "runs") == ["finished"] * 3


def test_a_lost_job_says_why() -> None:
    class Lost:
        job_id = "77_1"

        def results(self) -> Any:
            raise RuntimeError("out of memory\nand more")

    assert by_submitit._ending(Lost()) == "its job 77_1 was lost: RuntimeError: out of memory"


def test_an_order_says_how_many_threads_a_worker_needs(tmp_path: Path) -> None:
    (plain,) = configurations([["threads=3"]])
    found = launcher(
        ["hydra/launcher=processes"], folder=str(tmp_path), threads=run_request(plain, tmp_path, "").config["threads"]
    )
    assert found.workers == max(1, (os.cpu_count() or 1) // 3)
