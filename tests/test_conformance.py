"""Every yaml in conf/, found rather than listed, is described, composes, and runs for a short horizon."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.contract import Controller, Message, Plant
from tests.conftest import ROOT
from twin.lab.configure.compose import compose, describe, groups
from twin.lab.errors import UserError

GROUPS = groups()
RUNNABLE = ("scenario", "plant", "network", "surrogate", "policy", "twin")
CASES = [(group, choice) for group in RUNNABLE for choice in GROUPS.get(group, [])]
# Big enough for every horizon that is scored in it to come true.
LIGHT = ("surrogate=ewma", "policy=run_to_failure", "network=perfect", "plant=line_small")
# What makes a choice cheap enough to be tried: one that simulates for every forecast.
CHEAP = {("surrogate", "forks"): ("surrogate.replications=2",)}


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
    assert len(run.forecasts)
    assert (run.run["objective"]["figure"] or next(iter(run.kpis))) in run.kpis
    assert len(run.kpis) > 20
    assert (path / "report.html").stat().st_size > 10_000
    json.dumps(run.kpis, allow_nan=False)


@pytest.mark.parametrize("name", GROUPS.get("experiment", []))
def test_every_arm_of_a_study_can_be_built(name: str) -> None:
    from twin.lab.sweep.study import named

    study = named(name)
    assert study.baseline
    for arm in study.arms:
        plant, twin, _ = built(study.overrides(arm, 0))
        assert isinstance(plant, Plant)
        assert isinstance(twin, Controller)


def record(plant: Any, ticks: int) -> list[Message]:
    tick = plant.spec.tick
    start = round(plant.now / tick)
    return [message for i in range(ticks) for message in plant.advance((start + i + 1) * tick)]


def same(first: list[Message], second: list[Message]) -> bool:
    return len(first) == len(second) and all(
        (a.channel, a.sequence, a.sent, a.arrived, a.events) == (b.channel, b.sequence, b.sent, b.arrived, b.events)
        and a.values.tobytes() == b.values.tobytes()
        for a, b in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("choice", GROUPS["plant"])
def test_a_plant_is_a_value(choice: str) -> None:
    """It keeps to its contract: a fork and a restored snapshot go on as it does, a reseeded fork does not."""
    plant, _, _ = built([*overrides("plant", choice), "seed=4"])
    assert isinstance(plant, Plant)
    record(plant, 20)
    fork, other, restored = plant.fork(), plant.fork(reseed=9), type(plant).restore(plant.snapshot())
    ahead = record(plant, 20)
    assert same(ahead, record(fork, 20))
    assert same(ahead, record(restored, 20))
    assert not same(ahead, record(other, 20))


@pytest.mark.parametrize("choice", GROUPS["plant"])
def test_messages_keep_to_the_spec(choice: str) -> None:
    plant, _, _ = built([*overrides("plant", choice), "network=lossy"])
    before, spec = 0.0, plant.spec
    for message in record(plant, 30):
        assert message.arrived >= before
        assert message.arrived >= message.sent
        assert len(message.signals) == len(message.times) == len(message.values)
        if len(message.signals):
            assert 0 <= message.signals.min() <= message.signals.max() < len(spec.signals)
            assert message.times.max() <= message.sent
        before = message.arrived


class Asker:
    """A policy that only asks, twice."""

    def __init__(self) -> None:
        self.answers: list[Any] = []

    def act(self, window: Any, predict: Any) -> list[Any]:
        plans = [window.intend([])]
        self.answers = [predict(plans), predict(plans)]
        return []


@pytest.mark.parametrize("choice", GROUPS["surrogate"])
def test_forecasts_are_distributions(choice: str) -> None:
    """Quantiles do not cross, the chance of failing grows with the horizon, and asking changes nothing."""
    plant, twin, _ = built(overrides("surrogate", choice))
    twin.policy = Asker()
    for number in range(1, 40):
        for message in plant.advance(number * plant.spec.tick):
            twin.observe(message)
        twin.decide(number * plant.spec.tick)
    forecast, again = twin.policy.answers
    steps = np.diff(forecast.quantiles, axis=-1)
    assert np.all(np.isnan(steps) | (steps >= 0))
    assert np.all((forecast.hazard >= 0) & (forecast.hazard <= 1))
    assert np.all(forecast.failure_within(36) >= forecast.failure_within(6))
    assert np.array_equal(forecast.quantiles, again.quantiles, equal_nan=True)
    assert np.array_equal(forecast.hazard, again.hazard)


def plain(values: Any) -> list[Any]:
    """A column as a list, spelled out where it is coded."""
    from twin.lab.record.recorder import Words

    return values.names[values.codes].tolist() if isinstance(values, Words) else list(values)


class Rows:
    """A recorder that remembers everything."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def append(self, table: str, columns: dict[str, Any]) -> None:
        self.rows.append((table, {name: plain(values) for name, values in columns.items()}))

    def cut(self, now: float) -> None:
        self.rows.append(now)


# Lives so short that there is something to decide, a twin that learns early.
BUSY = (
    "plant.common.wear.life=6000", "plant.stations.mill.wear.life=5000", "plant.common.maintenance.corrective.mean=2000",
    "twin.learner.start=16", "network=lossy", "policy=age_based", "surrogate=ewma", "plant=line_small",
)  # fmt: skip


@pytest.mark.parametrize(("group", "choice"), [case for case in CASES if case[0] in ("surrogate", "policy", "twin")])
def test_a_twin_is_a_value(group: str, choice: str) -> None:
    """Saved and taken up with its plant, in objects made anew, it says and does the same, to the bit."""
    from twin.lab.core.build import connect
    from twin.lab.core.loop import Experiment
    from twin.lab.running.archive import decode, encode

    arguments = [*(o for o in BUSY if o.split("=")[0] != group), f"{group}={choice}", *CHEAP.get((group, choice), ())]
    try:
        plant, twin, _ = built(arguments)
    except UserError:  # a field's own policy has a plant of its field, on which less may happen
        arguments, least = fitting(choice), 0
        plant, twin, _ = built(arguments)
    else:
        least = 4
    horizon, rows = 40 * plant.spec.tick, Rows()
    Experiment(plant=plant, twin=twin, recorder=rows, horizon=horizon).run()
    data, snapshot = encode(twin.state()), plant.snapshot()

    fresh, again, _ = built([*arguments, "seed=77"])
    again.load(decode(data))
    fresh = type(fresh).restore(snapshot)
    connect(fresh, again)
    assert encode(again.state()) == data
    rows, others = Rows(), Rows()
    Experiment(plant=plant, twin=twin, recorder=rows, horizon=2 * horizon).run()
    Experiment(plant=fresh, twin=again, recorder=others, horizon=2 * horizon).run()
    assert repr(rows.rows) == repr(others.rows)
    assert len(twin.window.lives.finished) >= least
