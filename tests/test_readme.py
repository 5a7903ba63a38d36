"""The README's scenario in two files, copied from its text and run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text[text.index("## Add a scenario in two files") :]
    return re.findall(r"```yaml\n(.*?)```", section[: section.index("\n## ", 5)], re.DOTALL)


def test_the_scenario_of_the_readme_runs_as_it_is_printed(tmp_path: Path) -> None:
    plant, scenario = blocks()
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
