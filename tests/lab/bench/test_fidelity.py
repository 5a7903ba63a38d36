"""tandem bench fidelity: a plant run at random, twins in its shadow, forks that know."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.contract import Action
from sim.plants.production_line import ProductionLine
from tests.twin.toy import ToyFleet, toy_spec
from twin.lab.bench.fidelity import truths
from twin.lab.bench.fidelity.exploring import MOST, MOVE, ORDER, Choices, Exploring, draw_plans
from twin.lab.bench.fidelity.fidelity import Score, moments, shadows, watched, worth
from twin.lab.bench.fidelity.truths import ForkQuestion
from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.errors import UserError
from twin.lab.jobs.bench import main
from twin.lab.workers import Workers
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.smoothing import Persistence
from twin.twin import Twin


class At:
    """A window at a tick."""

    def __init__(self, tick: int) -> None:
        self.tick, self.now = tick, 600.0 * tick


def test_exploring_acts_with_the_chances_that_it_tells() -> None:
    policy, other = (Exploring(spec=toy_spec(), seed=seed) for seed in (1, 2))
    ticks = 20_000
    found = [policy.act(At(tick), None) for tick in range(ticks)]  # type: ignore[arg-type]
    for what, chance in (("maintain", ORDER), ("speed", MOVE)):
        for asset in range(3):
            count = sum(a.actuator == f"pump_{asset}.{what}" for actions in found for a in actions)
            assert count == pytest.approx(ticks * chance, abs=4 * np.sqrt(ticks * chance))
    moves = [a for actions in found for a in actions if a.actuator.endswith("speed")]
    assert all(0.5 <= a.value <= 1.5 for a in moves)
    assert np.mean([a.value == 1.0 for a in moves]) == pytest.approx(0.5, abs=2 / np.sqrt(len(moves)))
    assert {a.propensity for a in moves} == {MOVE}
    assert {a.reason for a in moves} == {f"explores: p = {MOVE:.5f}"}
    again = [Exploring(spec=toy_spec(), seed=1).act(At(tick), None) for tick in range(500)]  # type: ignore[arg-type]
    assert found[:500] == again
    assert found[:500] != [other.act(At(tick), None) for tick in range(500)]  # type: ignore[arg-type]


def test_plans_are_what_is_published() -> None:
    spec, horizon = toy_spec(), 24
    twin = Twin(spec=spec, surrogate=Persistence, policy=RunToFailure)  # type: ignore[arg-type]
    now = twin.window.hold()
    plans = draw_plans(Choices(spec), now, count=3001, horizon=horizon, seed=0, tick=7)
    assert plans[0] is now
    ordered = np.array([np.isfinite(plan.orders).sum() for plan in plans[1:]])
    moved = np.array([np.nansum(plan.setpoints != now.setpoints) - 1 for plan in plans[1:]])  # NaN of the site differs
    assert set(ordered) <= set(range(MOST + 1))
    assert moved.max() <= MOST
    assert np.mean(ordered > 0) == pytest.approx(2 / 3, abs=0.03)
    waits = np.concatenate([plan.orders[np.isfinite(plan.orders)] for plan in plans[1:]])
    assert np.mean(waits == 0) == pytest.approx(0.5, abs=0.03)
    assert waits.max() == horizon - 1
    assert np.all(waits == waits.round())


def test_moments_lie_in_the_last_third() -> None:
    assert moments(432, 4) == [289, 337, 384, 432]
    assert len(moments(9, 40)) == 3


def test_what_a_forecast_is_worth_in_forks() -> None:
    def row(name: str, tau: float) -> Score:
        return Score(name, np.array([tau, np.nan]), np.zeros(2))

    rows = [row(f"forks {n}", tau) for n, tau in ((1, 0.4), (2, 0.6), (4, 0.8), (8, 0.9))]
    assert [worth(row("any", tau), rows) for tau in (0.3, 0.4, 0.6, 0.95)] == [0.0, 1.0, 2.0, float("inf")]
    assert worth(row("any", 0.7), rows) == pytest.approx(8**0.5)
    assert np.isnan(worth(row("any", np.nan), rows))


def told(names: str, processes: int = 1) -> tuple[dict[str, Any], list[Any]]:
    from twin.lab.core.build import pair

    given = ["plant=line_small", "policy=run_to_failure", "twin.horizons=[1,12]", "twin.learner.start=16"]
    configs = {n: resolved(compose("run", [f"surrogate={n}", *given])) for n in names.split(",")}
    plant, _ = pair(next(iter(configs.values())), "cpu")
    twins = shadows(configs, plant.spec, "cpu", ask=[60, 80], plans=4, seed=0)
    with Workers(processes) as workers:
        points = watched(plant, twins, ticks=80, ask=[60, 80], forks=8, seed=0, workers=workers, tell=lambda _: None)
    return {shadow.name: shadow for shadow in twins}, points


def test_a_twin_in_the_shadow_is_as_it_would_be_alone() -> None:
    together, points = told("ewma,mlp")
    alone, same = told("mlp")
    for tick in (60, 80):
        assert np.array_equal(together["mlp"].values[tick], alone["mlp"].values[tick])
        assert np.array_equal(together["mlp"].alone[tick], alone["mlp"].alone[tick])
    assert all(np.array_equal(a.values, b.values, equal_nan=True) for a, b in zip(points, same, strict=True))
    assert len({round(x, 9) for x in together["ewma"].alone[80]}) == 1  # knows nothing of plans
    assert len({round(x, 9) for x in together["ewma"].values[80]}) > 1  # but what an order costs
    assert len({round(x, 9) for x in together["mlp"].alone[80]}) > 1
    actions = [len(shadow.twin.window.lives.maintenance_starts) for shadow in together.values()]
    assert actions[0] == actions[1]


def test_a_plant_without_actuators_has_nothing_to_rank() -> None:
    spec = ToyFleet(0).spec
    bare = replace(spec, actuators=(), objective=replace(spec.objective, orders=()))
    with pytest.raises(ValueError, match="nothing to rank"):
        Exploring(spec=bare, seed=0)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ("points=3", "plans=4", "forks=8", "days=2", "plant=line_small", "horizons=1,12")
    main(["fidelity", "surrogates=ewma,mlp+width=16", *small, f"json={tmp_path}/f.json"])
    assert "3 points, 18 pairs of plans" in capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads((tmp_path / "f.json").read_text())}
    assert {"fidelity.mlp+width=16", "fidelity.forks 4", "fidelity.half of the forks", "fidelity.truth"} <= rows.keys()
    assert rows["fidelity.ewma, learned alone"]["value"] == 0.0  # it gives every plan the same
    assert all(-1 <= row["value"] <= 1 for row in rows.values() if "tau" in row)


def test_truths_that_are_kept_are_not_found_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    small = ("fidelity", "points=2", "plans=3", "forks=8", "days=1", "plant=line_small", "horizons=1,12")

    def rows(*given: str) -> list[dict[str, Any]]:
        main([*small, *given, f"json={tmp_path}/f.json"])
        return [row for row in json.loads((tmp_path / "f.json").read_text()) if row["name"] != "fidelity.cost"]

    fresh = rows("surrogates=ewma")
    assert [one | {"learning_s": 0, "whatif_s": 0} for one in rows("surrogates=ewma", f"truths={kept}")] == [
        one | {"learning_s": 0, "whatif_s": 0} for one in fresh
    ]
    assert len(list(kept.iterdir())) == 2
    monkeypatch.setattr(truths, "judged", None)  # no fork from here on
    assert rows("surrogates=persistence", f"truths={kept}")[-1] == fresh[-1]
    one = min(kept.iterdir())
    whole, other = one.read_bytes(), io.BytesIO()
    np.save(other, np.zeros(3))
    for broken in (whole[:100], b"", whole[: len(whole) // 2], other.getvalue()):
        one.write_bytes(broken)
        with pytest.raises(UserError, match=f"truths = {kept}: {one.name} is no truth"):
            rows("surrogates=ewma", f"truths={kept}")
    with pytest.raises(UserError, match=f"truths = {one}: is no folder"):
        rows("surrogates=ewma", f"truths={one}")


def test_a_truth_is_known_by_all_that_it_follows_from() -> None:
    order = Action(600.0, "pump_0.speed", 1.5)
    question = ForkQuestion(ProductionLine, b"state", [[], [order]], 6000.0, 8, 0, 1)
    changed = (
        {"snapshot": question.snapshot + b" "},
        {"orders": [[], [replace(order, value=1.4)]]},
        {"until": 6600.0},
        {"forks": 9},
        {"seed": 1},
        {"tick": 2},
    )
    names = {question.name(), *(replace(question, **change).name() for change in changed)}  # type: ignore[arg-type]
    assert len(names) == 1 + len(changed)
    assert ForkQuestion(ProductionLine, b"state", [[], [order]], 6000.0, 8, 0, 1).name() == question.name()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("surrogates=forks", "stand in the table anyway"),
        ("surrogates=oracle", "there is no such surrogate"),
        ("plans=1", "plans = 1: must be a whole number from 2"),
        ("days=-1", "days = -1: must be a number > 0"),
        ("days=0.001", "days = 0.001: must be at least a tick"),
        ("device=foo", "device = foo: must be one of auto, cpu, cuda"),
        ("workers=0", "workers = 0: must be a whole number from 1"),
        ("horizons=6,1", "must be one number or more, rising"),
        ("moments=3", "has no such option"),
    ],
)
def test_what_is_asked_wrongly_is_told(wrong: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        main(["fidelity", wrong])
