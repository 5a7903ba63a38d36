"""make, step: choices by keyword, parts of one's own, mistakes in one line."""

from __future__ import annotations

import doctest
import functools
import subprocess
import sys
from typing import Any

import pytest

from tests.lab.interactive.own import EveryDay, Flat, TwoStations
from twin.lab import make, step
from twin.lab.errors import UserError
from twin.lab.interactive import asking, making, running, stepping
from twin.policies.maintenance.age_based import AgeBased

LIGHT = ("numpy", "torch", "pandas", "hydra", "scipy")


@pytest.mark.parametrize("module", [making, stepping, asking, running], ids=lambda module: module.__name__)
def test_the_examples_of_the_docstrings_hold(module: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(module)
    assert result.attempted >= 3
    assert not result.failed


def test_importing_the_lab_imports_nothing_heavy() -> None:
    code = f"import sys, twin.lab; print([m for m in {LIGHT} if m in sys.modules], dir(twin.lab))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("[] ")


def test_choices_are_those_of_the_command_line() -> None:
    plant, twin = make("energy", surrogate="ewma", policy="self_consumption", network="perfect", seed=3)
    assert plant.spec.tick == 3600.0
    assert type(twin.surrogate).__name__ == "EWMA"
    assert type(twin.policy).__name__ == "SelfConsumption"


def test_numbers_inside_a_choice_are_given_dotted_or_in_a_mapping() -> None:
    options = {"twin.learner.start": 16, "plant.technicians": 1}
    _, twin = make(surrogate="ewma", **options)
    assert twin.learner.start == 16 if hasattr(twin.learner, "start") else twin.learner._start == 16
    _, twin = make(surrogate="ewma", twin={"horizons": [1, 2], "memory": {"capacity": 500}})
    assert twin.shape.horizons == (1, 2)
    assert twin.memory.capacity == 500


def test_a_plant_may_be_a_name_a_file_a_class_or_an_object(tmp_path: Any) -> None:
    file = tmp_path / "a line.yaml"
    file.write_text("stations: {press: {cycle: {law: deterministic, mean: 60.0}}}")
    by = {"surrogate": "ewma", "policy": "run_to_failure"}
    assert len(make(plant="line_small", **by)[0].spec.assets) == 4
    assert [a.name for a in make(plant=file, **by)[0].spec.assets] == ["press", "line"]
    plant, twin = make(plant=TwoStations, seed=7, **by)
    assert twin.spec is plant.spec
    mine = TwoStations(seed=1)
    assert make(plant=mine, **by)[0] is mine


@pytest.mark.parametrize("policy", [EveryDay, functools.partial(EveryDay, ticks=6)])
def test_a_policy_of_ones_own_acts(policy: Any) -> None:
    plant, twin = make(surrogate="ewma", policy=policy)
    actions = [action for _ in range(12) for action in step(plant, twin).actions]
    assert [action.reason for action in actions] == ["it is time"] * 2


def test_an_object_is_taken_as_it_is() -> None:
    policy = EveryDay(spec=make(surrogate="ewma")[0].spec, ticks=1)
    plant, twin = make(surrogate="ewma", policy=policy)
    step(plant, twin)
    assert twin.policy is policy
    assert policy.asked == 1


def test_a_surrogate_of_ones_own_learns_and_forecasts() -> None:
    plant, twin = make(surrogate=functools.partial(Flat, level=1.0), policy="run_to_failure", twin={"learner.start": 1})
    for _ in range(12):
        step(plant, twin)
    assert isinstance(twin.surrogate, Flat)
    assert twin.surrogate.batches > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"policy": "predictiv"}, "policy = predictiv: there is no such policy; there are "),
        ({"surrogat": "mlp"}, "surrogat: there is no such option; did you mean surrogate"),
        (
            {"twin": {"learner.strat": 1}},
            "twin.learner.strat: there is no such option; did you mean twin.learner.start",
        ),
        ({"seed": -1}, "seed = -1: must be a whole number >= 0"),
        ({"days": {1, 2}}, "days = {1, 2}: has no text in a configuration"),
        ({"policy": object()}, "policy = object: has no act"),
        ({"surrogate": EveryDay}, "surrogate = EveryDay: "),
        ({"policy": AgeBased, "policy.retry": 3}, "policy.retry=3: policy is an object of yours"),
        (
            {"policy": functools.partial(AgeBased, retry=0)},
            "policy = AgeBased: WorkOrders: retry = 0: must be >= 1 tick",
        ),
        ({"plant": "nowhere.yaml"}, "plant.file=nowhere.yaml: cannot be read"),
        ({"plant": TwoStations, "plant.tick": 1.0}, "plant.tick=1.0: plant is an object of yours"),
    ],
)
def test_mistakes_are_told_in_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as refused:
        make(**options)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_scenario_that_is_not_there_is_told() -> None:
    with pytest.raises(UserError, match="scenario = bakery: there is no such scenario; there are assembly, energy"):
        make("bakery")


def test_a_plant_is_stepped_with_its_own_twin_only() -> None:
    plant, twin = make(plant="line_small", surrogate="ewma")
    step(plant.fork(), twin)
    other, _ = make("energy", surrogate="ewma")
    with pytest.raises(UserError, match="step: the twin was made for another plant"):
        step(other, twin)
