"""`policy=module.Class` and `surrogate=module.Class`: classes of one's own on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.lab.cli import main
from twin.lab.configure.compose import compose
from twin.lab.errors import UserError

PARTS = """
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.smoothing import Persistence


class Idle(RunToFailure):
    def __init__(self, *, spec, factor=1.5, limit=None):
        super().__init__(spec=spec)
        self.factor = factor


class Still(Persistence):
    def __init__(self, *, shape, seed, device, rate):
        super().__init__(shape=shape, seed=seed, device=device, rate=rate)
"""


@pytest.fixture(autouse=True)
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parts_of_mine.py").write_text(PARTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_its_arguments_are_keys() -> None:
    config = compose("run", ["policy=parts_of_mine.Idle", "policy.factor=2.0"])
    assert config.policy == {
        "_target_": "parts_of_mine.Idle",
        "_partial_": True,
        "factor": 2.0,
        "limit": None,
    }
    assert config.choices.policy == "parts_of_mine.Idle"


def test_both_run_beside_a_plant_of_a_file_and_in_a_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text("stations: {cutter: {cycle: 40.0}}\n")
    own = ["plant.file=mine.yaml", "surrogate=parts_of_mine.Still", "surrogate.rate=0.1", "days=0.05", "report=false"]
    main(["run", *own, "-m", "policy=run_to_failure,parts_of_mine.Idle", "out=sweep"])
    assert len(list(Path("sweep").glob("*/kpis.json"))) == 2
    main(["check", "policy=parts_of_mine.Idle"])
    assert "failed" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["policy=parts_of_mine.Idel"], "policy = parts_of_mine.Idel: there is no such class"),
        (["policy=nowhere_at_all.Idle"], "its folder must be in PYTHONPATH"),
        (
            ["policy=parts_of_mine.Idle", "policy.fctor=1"],
            "policy.fctor: there is no such option; did you mean policy.",
        ),
        (["surrogate=parts_of_mine.Still"], "rate is missing: give surrogate.rate="),
    ],
)
def test_a_mistake_is_told_in_one_line(overrides: list[str], message: str) -> None:
    with pytest.raises(UserError) as refused:
        compose("run", overrides)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
