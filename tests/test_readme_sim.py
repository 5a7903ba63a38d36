"""What sim/README.md tells a stranger to write works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from sim.contract import Plant, Truth
from tests.conftest import ROOT
from tests.sim.power.grids import load as load_microgrid
from twin.lab import make

TEXT = (ROOT / "sim" / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (code,) = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return str(code)


def test_the_plant_of_two_machines_passes_every_check(tmp_path: Path) -> None:
    (tmp_path / "two_machines.py").write_text(block("python"))
    (tmp_path / "two_machines.yaml").write_text(block("yaml"))
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}", "OMP_NUM_THREADS": "1"}

    def tandem(*arguments: str) -> str:
        command = [sys.executable, "-P", "-m", "twin.lab.cli", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    said = tandem("check", "plant=two_machines.yaml", "trust=two_machines")
    assert said.count("ok      ") == len(said.splitlines()) == 11
    run = ["run", "plant.file=two_machines.yaml", "policy=age_based", "surrogate=ewma", "days=0.2", "report=false"]
    tandem(*run, "trust=two_machines")


def test_it_names_every_member_and_every_key_that_a_plant_owes() -> None:
    for name in [*(n for n in vars(Plant) if not n.startswith("_")), *Truth.__annotations__]:
        assert re.search(rf"`{name}[`(]", TEXT), name


def test_it_names_every_room() -> None:
    for path in (ROOT / "sim").iterdir():
        if path.is_dir() and path.name != "__pycache__":
            assert f"`{path.name}/`" in TEXT, path.name


def test_the_table_of_loads_is_one_that_a_microgrid_takes(tmp_path: Path) -> None:
    (tmp_path / "site.csv").write_text(block("csv"))
    plant = load_microgrid(inputs={"csv": str(tmp_path / "site.csv")})
    assert {load.name for load in plant._site.loads} == {"home", "shop", "charging"}
    plant.advance(3600.0)
    assert plant._site.grid.price_now == 0.21


def test_recorded_counts_take_the_place_of_a_list_of_factors(tmp_path: Path) -> None:
    rows = [f"2024-01-01T{hour:02d}:00,{100 + 50 * (hour == 8)}" for hour in range(24)]
    (tmp_path / "counts.csv").write_text("\n".join(["when,vehicles", *rows]))
    chosen = {"file": str(tmp_path / "counts.csv"), "time": "when", "column": "vehicles"}
    plant, _ = make("traffic", surrogate="ewma", **{"plant.profile": chosen})
    factors = plant._roads.demands[0]._profile.factors
    assert factors[8] / factors[7] == 1.5
