"""A study says which runs it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.lab.sweep.run_request import RunRequest
from twin.lab.sweep.study import Study, named

SHORT = ("plant=line_small", "network=perfect", "surrogate=ewma", "days=0.1")


@pytest.fixture
def study() -> Study:
    arms = {"wise": ["policy=predictive"], "lazy": ["policy=run_to_failure", "++plant.wear=false"]}
    return Study(name="small", seeds=2, metric="profit_per_hour", arms=arms, baseline=["lazy"], extra=SHORT)


def test_requests_are_those_of_some_arms_and_seeds(study: Study, tmp_path: Path) -> None:
    requests: list[RunRequest] = study.requests(tmp_path, arms=["lazy"], seeds=[4, 7])
    assert [Path(request.path).name for request in requests] == ["lazy_seed4", "lazy_seed7"]
    assert [request.config["seed"] for request in requests] == [4, 7]
    assert not requests[0].config["report"], "a study wants figures; report=true asks for pages"


def test_what_arms_have_in_common_and_where_seeds_begin(study: Study) -> None:
    both = Study(**{**vars(study), "common": ["days=2", "policy=age_based"], "first_seed": 40, "extra": ()})
    assert both.trusted_arm("wise", []) == ["days=2", "policy=age_based", "policy=predictive"]
    assert list(both.seed_range()) == [40, 41]
    assert named("dispatch").requests(Path(), arms=["mpc"], seeds=[0])[0].config["days"] == 182
    with pytest.raises(ValueError, match="first_seed = soon: must be frozen or a whole number >= 0"):
        Study(**{**vars(study), "first_seed": "soon"})


def test_a_study_is_born_valid(study: Study) -> None:
    with pytest.raises(ValueError, match="seeds = 0: must be a whole number >= 1"):
        Study(**{**vars(study), "seeds": 0})
    with pytest.raises(ValueError, match="reference = seer: there is no such arm; arms are wise, lazy"):
        Study(**{**vars(study), "reference": "seer"})
    with pytest.raises(ValueError, match="arm = seer: there is no such arm"):
        study.requests(Path(), arms=["seer"])
    with pytest.raises(ValueError, match="experiment = nothing: there is no such experiment"):
        named("nothing")
