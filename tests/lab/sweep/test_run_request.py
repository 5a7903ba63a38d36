"""Orders: the way of a run to its worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from twin.lab.configure.compose import combinations
from twin.lab.configure.resolve import configurations
from twin.lab.errors import UserError
from twin.lab.sweep.run_request import RunRequest, run_request


def test_an_order_arrives_as_it_was_sent() -> None:
    (plain,) = configurations([["out=here", "days=0.1", "seed=7"]])
    sent = run_request(plain, Path("a b") / "ü", "a run", experiment="study", arm="x=1")
    assert RunRequest.decode(sent.encode()) == sent
    assert sent.config["seed"] == 7
    assert "out" not in sent.config
    assert sent.place == Path.cwd() / "a b" / "ü"


def test_seeds_are_set_as_hydra_would_set_them() -> None:
    wanted = [["policy=age_based", "seed=3"], ["policy=age_based", "seed=4"], ["seed=3", "policy=age_based"]]
    three, four, again = configurations(wanted)
    assert (three["seed"], four["seed"]) == (3, 4)
    assert three == again
    assert {**four, "seed": 3} == three


def test_a_mistake_in_any_combination_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    for bad, words in (("policy=nonsense", "nonsense"), ("seed=-1", "seed = -1"), ("days=0", "days = 0")):
        with pytest.raises(UserError, match=words):
            configurations([["seed=0"], [bad]])


def test_combinations_are_those_of_hydra() -> None:
    found = combinations(["policy=a,b", "seed=range(2)", "plant.x=[1,2]", "out='x, y'"])
    assert len(found) == 4
    assert found[1] == ["policy=a", "seed=1", "plant.x=[1,2]", "out='x, y'"]
    with pytest.raises(UserError, match=r"predictive.*key=value"):
        combinations(["predictive"])
