"""The share of the saving towards perfect foresight, of runs that were made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Tandem
from twin.lab.bench.saving import BOUND, savings
from twin.lab.cli import main
from twin.lab.compare.arms import arms, find, read


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saving")
    main(
        [
            "run",
            "-m",
            "scenario=energy",
            "plant=microgrid_reference",
            "policy=self_consumption,mpc,privileged_mpc",
            "seed=0,1",
            "days=2",
            "surrogate=ewma",
            "report=false",
            "network=perfect",
            f"out={folder}",
        ]
    )
    return folder


def test_on_the_reference_case_foresight_captures_nearly_all_and_nothing_more(runs: Path) -> None:
    found = {one.arm: one for one in savings(arms([read(path) for path in find([runs])]), "self_consumption")}
    assert found["self_consumption"].share == 0.0
    assert found[BOUND].share == 1.0
    assert found[BOUND].loss == 0.0
    assert -1e-6 < found["privileged_mpc"].loss < found["mpc"].loss
    assert 0.9 < found["privileged_mpc"].share < 1.0 + 1e-6
    assert found["mpc"].share < found["privileged_mpc"].share
    for seed in (0, 1):
        assert found[BOUND].costs[seed] <= min(one.costs[seed] for one in found.values()) * (1 + 1e-6)


def test_the_command_tells_it(runs: Path, tmp_path: Path, tandem: Tandem) -> None:
    done = tandem("bench", "saving", str(runs), f"json={tmp_path / 'rows.json'}")
    assert done.returncode == 0, done.stderr
    assert "100 %" in done.stdout
    rows = {row["name"]: row["value"] for row in json.loads((tmp_path / "rows.json").read_text())}
    assert set(rows) == {BOUND, "self_consumption", "mpc", "privileged_mpc"}
    for wrong, says in (
        ((str(runs), "baseline=none"), "baseline = none: there is no such arm; arms are"),
        ((), "bench saving takes run directories"),
        ((str(tmp_path),), "is no run directory"),
    ):
        done = tandem("bench", "saving", *wrong)
        assert done.returncode == 2
        assert says in done.stderr
