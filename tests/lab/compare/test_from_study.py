"""A study makes the runs that are missing, and no others, and reads them by arm and seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twin.lab.compare.from_study import carry_out
from twin.lab.configure.choices import choices
from twin.lab.sweep.study import Study, is_study, named

SHORT = ("plant=line_small", "network=perfect", "surrogate=ewma", "days=0.1")


@pytest.fixture
def study() -> Study:
    arms = {"wise": ["policy=predictive"], "lazy": ["policy=run_to_failure", "++plant.wear=false"]}
    return Study(name="small", seeds=2, metric="profit_per_hour", arms=arms, baseline=["lazy"], extra=SHORT)


def stamps(base: Path) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in base.glob("*/run.json")}


def test_what_is_missing_is_made_and_no_more(study: Study, tmp_path: Path) -> None:
    found = carry_out(study, base=tmp_path, workers=1)
    assert {arm: sorted(seeds) for arm, seeds in found.items()} == {"wise": [0, 1], "lazy": [0, 1]}
    made = stamps(tmp_path)
    assert sorted(made) == ["lazy_seed0", "lazy_seed1", "wise_seed0", "wise_seed1"]
    assert carry_out(study, base=tmp_path, workers=1) == found
    assert stamps(tmp_path) == made
    facts = json.loads((tmp_path / "wise_seed1" / "run.json").read_text())
    assert (facts["experiment"], facts["arm"]) == ("small", "wise")
    more = Study(**{**vars(study), "seeds": 3})
    assert sorted(carry_out(more, base=tmp_path, workers=1)["wise"]) == [0, 1, 2]
    assert stamps(tmp_path).items() > made.items()


@pytest.mark.parametrize("fact", [{"status": "interrupted"}, {"status": "running"}, {"code": "older"}])
def test_an_unfinished_run_and_one_of_older_code_are_made_again(
    study: Study, tmp_path: Path, fact: dict[str, str]
) -> None:
    one = Study(**{**vars(study), "seeds": 1})
    carry_out(one, base=tmp_path, workers=1)
    made, path = stamps(tmp_path), tmp_path / "wise_seed0" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fact))
    carry_out(one, base=tmp_path, workers=1)
    again = stamps(tmp_path)
    assert [name for name in made if again[name] != made[name]] == ["wise_seed0"]
    assert json.loads(path.read_text())["status"] == "finished"


def test_a_run_that_fails_is_named_and_the_others_are_made(study: Study, tmp_path: Path) -> None:
    arms = {**study.arms, "bad": ["+plant.conwip={nobody: 3}"]}
    bad = Study(**{**vars(study), "arms": arms, "seeds": 1})
    with pytest.raises(ValueError, match=r"1 of 3 runs failed; the first: .*bad_seed0: .*conwip: 'nobody'"):
        carry_out(bad, base=tmp_path, workers=1)
    assert {name for name in stamps(tmp_path) if not name.startswith("bad")} == {"wise_seed0", "lazy_seed0"}


@pytest.mark.slow
def test_every_arm_of_every_study_runs(tmp_path: Path) -> None:
    """A few ticks of each: what it takes to reproduce a table, but for the time."""
    for name in [name for name in choices("experiment") if is_study(name)]:
        study, base = named(name, seeds=1), tmp_path / name
        tick = max(float(request.config["plant"].get("tick", 600.0)) for request in study.requests(base))
        short = named(name, seeds=1, extra=[f"days={30 * tick / 86_400}"])
        found = carry_out(short, base=base, workers=2)
        assert found.keys() == short.arms.keys(), name
        assert all(short.metric in run.figures for seeds in found.values() for run in seeds.values()), name
