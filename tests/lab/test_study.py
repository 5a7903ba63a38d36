"""A study makes the runs that are missing, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from twin.lab import study as module
from twin.lab.compose import compose
from twin.lab.rundir import fingerprint
from twin.lab.study import Study, carry_out, named


@pytest.fixture
def study() -> Study:
    arms = {"wise": ["policy=predictive"], "lazy": ["policy=run_to_failure", "++plant.wear=false"]}
    return Study(
        name="small", seeds=2, metric="profit_per_hour", arms=arms, baseline=["lazy"], extra=["days=2", "quick=true"]
    )


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the runs that were made, by a stand-in that leaves what a run leaves."""
    from omegaconf import OmegaConf

    names: list[str] = []

    def make(study: Study, base: Path, arm: str, seed: int) -> None:
        path = base / f"{arm}_seed{seed}"
        path.mkdir(parents=True, exist_ok=True)
        config = OmegaConf.to_container(compose("run", study.overrides(arm, seed)), resolve=True)
        assert isinstance(config, dict)
        config |= {"days": 1, "report": False}
        (path / "config.yaml").write_text(yaml.safe_dump(config))
        (path / "kpis.json").write_text(json.dumps({"profit_per_hour": float(seed)}))
        (path / "run.json").write_text(json.dumps({"status": "finished", "seed": seed, "code": fingerprint()}))
        names.append(path.name)

    monkeypatch.setattr(module, "_make", make)
    return names


def test_what_is_missing_is_made_and_no_more(study: Study, made: list[str], tmp_path: Path) -> None:
    found = carry_out(study, base=tmp_path, workers=1)
    assert sorted(made) == ["lazy_seed0", "lazy_seed1", "wise_seed0", "wise_seed1"]
    assert {arm: sorted(seeds) for arm, seeds in found.items()} == {"wise": [0, 1], "lazy": [0, 1]}
    made.clear()
    carry_out(study, base=tmp_path, workers=1)
    assert not made


@pytest.mark.parametrize("fact", [{"status": "interrupted"}, {"code": "older"}])
def test_an_unfinished_run_and_one_of_older_code_are_made_again(
    study: Study, made: list[str], tmp_path: Path, fact: dict[str, str]
) -> None:
    carry_out(study, base=tmp_path, workers=1)
    made.clear()
    path = tmp_path / "wise_seed1" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fact))
    carry_out(study, base=tmp_path, workers=1)
    assert made == ["wise_seed1"]


def test_other_options_make_other_runs(study: Study, made: list[str], tmp_path: Path) -> None:
    carry_out(study, base=tmp_path, workers=1)
    made.clear()
    other = Study(**{**vars(study), "extra": ("days=2", "quick=true", "network=lossy")})
    carry_out(other, base=tmp_path, workers=1)
    assert len(made) == 4


def test_a_run_that_fails_is_named(study: Study, tmp_path: Path) -> None:
    bad = Study(**{**vars(study), "extra": ("days=-1",)})
    with pytest.raises(ValueError, match=r"seed \d failed: days = -1: must be a number > 0"):
        carry_out(bad, base=tmp_path, workers=2)
    assert not list(tmp_path.rglob("run.json"))


def test_a_study_is_born_valid(study: Study) -> None:
    with pytest.raises(ValueError, match="seeds = 0: must be a whole number >= 1"):
        Study(**{**vars(study), "seeds": 0})
    with pytest.raises(ValueError, match="reference = seer: there is no such arm; arms are wise, lazy"):
        Study(**{**vars(study), "reference": "seer"})
    with pytest.raises(ValueError, match="experiment = nothing: there is no such experiment"):
        named("nothing")
