"""Losses, excess and shares: by hand, told only where they mean something, with their definitions and the money."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.lab.compare.compared import arms, make_arm, make_run
from twin.lab import losses
from twin.lab.compare import comparison, lower_bound
from twin.lab.compare.loss_rows import loss_rows
from twin.lab.compare.metric import Values
from twin.lab.compare.tables import grids, notes
from twin.lab.compare.terms import Terms

LUCK = (0.0, 10.0, -5.0, 3.0)
GAINS = {"lazy": (0.0,) * 4, "wise": (7.0, 7.1, 7.2, 7.3), "seer": (9.0,) * 4, "heaven": (20.0,) * 4}


def profits() -> Values:
    return {arm: {seed: 100 + LUCK[seed] + gain for seed, gain in enumerate(of)} for arm, of in GAINS.items()}


def terms(**more: object) -> Terms:
    return Terms(["profit_per_hour"], ["lazy"], **more)  # type: ignore[arg-type]


def test_excess_is_the_ratio_of_mean_losses_beside_the_money() -> None:
    asked = terms(reference="seer", ideal="heaven", practice="lazy")
    rows, remarks = loss_rows(profits(), "profit_per_hour", asked, 1)
    by_arm = {row["policy"]: row for row in rows}
    assert set(by_arm) == {"lazy", "wise"}
    assert by_arm["lazy"]["loss"] == pytest.approx(20)
    assert by_arm["lazy"]["difference"] == pytest.approx(20 / 11 - 1)
    assert by_arm["wise"]["difference"] == pytest.approx((20 - 7.15) / 11 - 1)
    assert by_arm["wise"]["gain"] == pytest.approx(7.15 - 9)
    assert by_arm["wise"]["gain_low"] < 7.15 - 9 < by_arm["wise"]["gain_high"]
    assert by_arm["wise"]["share"] == pytest.approx(7.15 / 9)
    assert by_arm["lazy"]["share"] is None, "practice closes nothing of its own gap"
    assert by_arm["wise"]["reference_loss"] == pytest.approx(11)
    assert not remarks


def test_of_costs_less_is_lost_from_the_bound() -> None:
    costs = {arm: {seed: -value for seed, value in of.items()} for arm, of in profits().items() if arm != "heaven"}
    bounds = {seed: -(120 + luck) for seed, luck in enumerate(LUCK)}
    rows, _ = loss_rows(costs, "cost_per_day", terms(reference="seer", bound=True), -1, bounds)
    assert {row["policy"]: round(row["difference"], 9) for row in rows} == {
        "lazy": round(20 / 11 - 1, 9),
        "wise": round(12.85 / 11 - 1, 9),
    }
    assert rows[0]["gain"] == pytest.approx(9), "lazy costs 9 more"


def test_a_share_is_told_only_of_a_gap_that_is_told_from_nothing() -> None:
    practice, reference = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 2.5, 2.0, 4.7])
    assert losses.share(practice, practice, reference, 1) is None, ".3 with a standard error of .5"
    assert losses.share(practice + 1, practice, practice + 2, 1) == 0.5
    assert losses.share(practice + 1, practice, practice - 2, 1) is None, "a reference below practice is none"
    assert losses.share(practice - 3, practice, practice - 2, -1) == 1.5, "of costs less is better"
    found = profits()
    found["seer"] = {seed: value + (9, -9, 8, -7)[seed] for seed, value in found["lazy"].items()}
    rows, remarks = loss_rows(found, "profit_per_hour", terms(reference="seer", practice="lazy"), 1)
    assert all(row["share"] is None and row["loss"] is None for row in rows)
    assert remarks == ["no share: seer is not better than lazy by more than 2 paired standard errors"]


def test_excess_needs_a_reference_that_loses() -> None:
    rows, remarks = loss_rows(profits(), "profit_per_hour", terms(reference="heaven", ideal="seer"), 1)
    assert all(row["difference"] is None for row in rows)
    assert remarks == ["no excess over heaven: mean loss of the reference = -11: must be > 0 for a ratio"]
    with pytest.raises(ValueError, match=r"ideal = hell: there is no such arm; .*lazy"):
        loss_rows(profits(), "profit_per_hour", terms(reference="seer", ideal="hell"), 1)
    with pytest.raises(ValueError, match="ideal and bound: losses are counted from one of them"):
        terms(reference="seer", ideal="heaven", bound=True)
    with pytest.raises(ValueError, match="practice: goes with reference=ARM"):
        terms(practice="lazy")


def test_the_table_says_what_its_words_mean(tmp_path: Path) -> None:
    for name, profit in (("lazy", 100.0), ("wise", 130.0), ("seer", 150.0), ("heaven", 200.0)):
        make_arm(tmp_path, name, profit=profit, plant={"wear": False} if name == "heaven" else None)
    found = {name.split()[0]: own for name, own in arms(tmp_path).items()}
    told = comparison.carry_out(found, terms(reference="seer", ideal="heaven", practice="lazy"))
    (_, (_, lost, _)) = grids(told)[0]
    assert lost.head == ["arm", "J", "excess", "95 % interval", "minus seer", "95 % interval", "share"]
    assert [row[0] for row in lost.rows] == ["wise", "lazy"]
    assert [note.partition(":")[0] for note in lost.notes] == [
        "J, the loss",
        "Excess",
        "Difference from seer",
        "Share",
    ]
    row = next(row for row in told.rows() if row["metric"] == "profit_per_hour.excess_loss")
    assert {"loss", "gain", "gain_low", "gain_high", "share"} <= row.keys()
    costs = comparison.carry_out(found, terms(reference="seer", varied=["plant.wear"]))
    assert grids(costs)[0][1][1].head == ["arm", "minus seer", "95 % interval"]


def test_runs_are_compared_from_the_day_on_that_their_scenario_says(tmp_path: Path) -> None:
    time = 600.0 * np.arange(1, 289)
    for policy, late in (("lazy", 10.0), ("wise", 30.0)):
        for seed in range(2):
            gain = np.where(time <= 86_400, 100.0, late + seed)
            history = {"profit_per_hour": np.cumsum(gain) / np.arange(1, 289), "quality": np.full(288, 0.9)}
            path = tmp_path / f"{policy}{seed}"
            make_run(path, seed=seed, policy=policy, time=time, history=history)
            with open(path / "config.yaml", "a") as file:
                file.write("scored_from: 1\n")
    both = Terms(["profit_per_hour", "quality"], ["lazy"])
    told = comparison.carry_out(arms(tmp_path), both)
    assert told.results[0].values["wise"] == {0: pytest.approx(30), 1: pytest.approx(31)}
    assert told.results[1].values["wise"] == {0: 0.9, 1: 0.9}
    assert "the first 1 days of every run are left out, as the scenario says; quality as" in notes(told)[0]
    assert told.rows()[0]["warmup_days"] == 1
    whole = comparison.carry_out(arms(tmp_path), Terms(["profit_per_hour"], ["lazy"], warmup=0.0))
    assert whole.results[0].values["wise"][0] == pytest.approx(65)


def test_a_study_counts_from_the_bound_of_each_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        for policy, cost in (("usual", 30.0), ("seer", 20.0)):
            path = tmp_path / f"{policy}{seed}"
            history = {"cost_per_day": np.full(144, cost + seed)}
            make_run(path, seed=seed, policy=policy, time=600.0 * np.arange(1, 145), history=history)
            facts = json.loads((path / "run.json").read_text())
            facts["objective"] = {"figure": "cost_per_day", "sense": -1, "unit": "EUR"}
            (path / "run.json").write_text(json.dumps(facts))
    monkeypatch.setattr(lower_bound, "lower_bound", lambda run, _: 10.0 + int(run.name[-1]))
    asked = Terms(["cost_per_day"], ["usual"], reference="seer", bound=True)
    told = comparison.carry_out(arms(tmp_path), asked)
    assert told.results[0].excesses[0]["difference"] == pytest.approx(1.0)
    (_, (_, lost, _)) = grids(told)[0]
    assert lost.caption.endswith("in EUR/day")
    assert lost.notes[0] == losses.BOUND
