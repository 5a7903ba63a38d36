"""Every yaml in conf/, found rather than listed, is described, composes, and runs for a short horizon."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.contract import Controller, Plant
from tests.conftest import ROOT
from twin.lab.check.finding import OK
from twin.lab.check.subject import subject
from twin.lab.check.suite import check
from twin.lab.check.twin_checks import is_a_value
from twin.lab.configure.choices import describe, groups
from twin.lab.configure.compose import compose
from twin.lab.errors import UserError

GROUPS = groups()
RUNNABLE = ("scenario", "plant", "network", "surrogate", "policy", "twin")
CASES = [(group, choice) for group in RUNNABLE for choice in GROUPS.get(group, [])]
# Big enough for every horizon that is scored in it to come true.
LIGHT = ("surrogate=ewma", "policy=run_to_failure", "network=perfect", "plant=line_small")
# What makes a choice cheap enough to be tried: one that simulates for every forecast.
CHEAP = {("surrogate", "forks"): ("surrogate.replications=2",)}

NOBODY = ("surrogate", "none")  # forecasts nothing, so there is nothing to check


def overrides(group: str, choice: str) -> list[str]:
    kept = [o for o in LIGHT if o.split("=")[0] != group and not (group == "scenario" and o.startswith("plant="))]
    return [*kept, f"{group}={choice}", *CHEAP.get((group, choice), ())]


@cache
def plants() -> list[str]:
    """Every plant, the first of each class before the others."""
    choices = dict.fromkeys(["line_small", *GROUPS["plant"]])
    classes = {compose("run", [f"plant={choice}"]).plant._target_: choice for choice in reversed(choices)}
    return list(dict.fromkeys([*reversed(classes.values()), *choices]))


@cache
def fitting(choice: str) -> list[str]:
    """Overrides for a policy, with the first plant that it can run: a field's own policies need that field's assets."""
    for plant in plants():
        arguments = [
            *(o for o in LIGHT if o.split("=")[0] not in ("policy", "plant")),
            f"plant={plant}",
            f"policy={choice}",
        ]
        try:
            built(arguments)
        except UserError:
            continue
        return arguments
    raise AssertionError(f"no plant can be run by policy={choice}")


def built(arguments: list[str]) -> tuple[Any, Any, dict[str, Any]]:
    from omegaconf import OmegaConf

    from twin.lab.configure.checks import check
    from twin.lab.core import build

    config: Any = OmegaConf.to_container(compose("run", arguments), resolve=True)
    check(config)
    return *build.pair(config, "cpu"), config


@pytest.mark.parametrize(("group", "choice"), [(g, c) for g, found in GROUPS.items() for c in found])
def test_a_choice_says_what_it_is(group: str, choice: str) -> None:
    assert describe(group, choice)
    assert yaml.safe_load((ROOT / "conf" / group / f"{choice}.yaml").read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize(("group", "choice"), CASES)
def test_a_choice_runs_and_is_recorded(group: str, choice: str, tmp_path: Path) -> None:
    from twin.lab import load
    from twin.lab.running.execute import execute

    chosen = fitting(choice) if group == "policy" else overrides(group, choice)
    config = compose("run", [*chosen, f"out='{tmp_path}/run'"])
    ticks = 43 * config.plant.tick / 86_400.0  # enough for every horizon that is scored here
    config.days = ticks if group != "scenario" else config.days / 300
    path = execute(config)
    run = load(path)
    assert run.run["status"] == "finished"
    assert run.run["choices"][group] == choice
    assert run.run["sim_s"] > 0
    assert len(run.readings)
    assert bool(len(run.forecasts)) == ((group, choice) != NOBODY)
    assert (run.run["objective"]["figure"] or next(iter(run.kpis))) in run.kpis
    assert len(run.kpis) > 20
    assert (path / "report.html").stat().st_size > 10_000
    assert not [name for name, value in run.kpis.items() if math.isinf(value)]  # NaN: a mean or share of nothing
    json.loads((path / "kpis.json").read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", GROUPS.get("experiment", []))
def test_every_arm_of_a_study_can_be_built(name: str) -> None:
    from twin.lab.sweep.study import named

    study = named(name)
    assert study.baseline
    for arm in study.arms:
        plant, twin, _ = built(study.overrides(arm, 0))
        assert isinstance(plant, Plant)
        assert isinstance(twin, Controller)


CHECKED = [case for case in CASES if case[0] in ("plant", "policy", "surrogate") and case != NOBODY]


@pytest.mark.parametrize(("group", "choice"), CHECKED)
def test_a_choice_keeps_to_its_contract(group: str, choice: str) -> None:
    """Every check of `tandem check`: values, forks, messages, forecasts, actions."""
    beside = ["policy=age_based", "network=lossy"] if group == "surrogate" else []
    found = list(check(subject([f"{group}={choice}", *beside])))
    assert len(found) >= 4
    assert [finding for finding in found if finding.verdict != OK] == []


@pytest.mark.parametrize("choice", GROUPS["twin"])
def test_a_twin_is_a_value_when_things_have_happened(choice: str) -> None:
    """Saved and taken up with its plant, in objects made anew, it goes on the same; lives have ended meanwhile."""
    assert is_a_value(subject(["surrogate=ewma", f"twin={choice}", "policy=age_based", "network=lossy"])) >= 4
