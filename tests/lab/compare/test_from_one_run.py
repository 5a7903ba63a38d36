"""The command that a verdict names for more seeds makes the run and its practice at each, and compares them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Tandem

SHORT = ("plant=line_small", "surrogate=none", "days=0.1", "report=false")


def test_the_command_of_a_verdict_makes_its_seeds(tandem: Tandem, tmp_path: Path) -> None:
    assert tandem("run", *SHORT, "policy=run_to_failure", "seed=5", "verdict=true", "out=my run").returncode == 0
    told = json.loads((tmp_path / "my run/verdict.json").read_text())
    assert told["command"] == "tandem compare from=. seeds=30"
    done = tandem("compare", "from=my run", "seeds=2", "workers=1", "json=rows.json")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "my run_seeds").iterdir()} == {
        f"{arm}_seed{seed}" for arm in ("twin", "practice") for seed in (0, 1)
    }
    assert not list((tmp_path / "my run_seeds").glob("*/verdict.json")), "a study's runs are told beside nothing"
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert (rows[0]["metric"], rows[0]["policy"], rows[0]["baseline"]) == ("profit_per_hour", "twin", "practice")
    again = tandem("compare", "from=.", "seeds=2", "workers=1", folder=tmp_path / "my run")
    assert "4 finished already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["from=nowhere"], "nowhere: is not a run directory"),
        (["from=a", "b"], "b: from= makes its own runs; to compare runs leave it out"),
        (["from=a", "experiment=policies"], "experiment: from= makes its own runs"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_line(tandem: Tandem, arguments: list[str], words: str) -> None:
    refused = tandem("compare", *arguments)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert words in refused.stderr
