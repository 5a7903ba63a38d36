"""The figures and the words of a verdict, from courses that were made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.contract import Objective
from twin.lab.record.history import History
from twin.lab.running.verdict import Verdict, judge, words
from twin.units import DAY

PROFIT = Objective("", "EUR", 1, figure="profit_per_hour")
COST = Objective("", "EUR", -1, figure="cost_per_day")


def course(rates: Any, figure: str = "profit_per_hour") -> History:
    """Of a rate in each tick of a tenth of a day, as its mean so far."""
    rates = np.asarray(rates, dtype=float)
    return History(figure, DAY / 10 * np.arange(1, len(rates) + 1), np.cumsum(rates) / np.arange(1, len(rates) + 1))


def steady(rate: float, figure: str = "profit_per_hour", ticks: int = 100, wave: float = 0.0) -> History:
    return course(rate + wave * np.cos(np.pi * (np.arange(ticks) // 10)), figure)


def told(own: History, practice: History, objective: Objective = PROFIT, **more: Any) -> Verdict:
    beside = {"practice": ("age_based", practice), **more.pop("beside", {})}
    return judge(own, beside, objective=objective, subject="predictive", seed=4, **more)


def test_a_run_that_earns_more_is_told_how_much_in_the_run() -> None:
    verdict = told(steady(130.0), steady(100.0))
    assert words(verdict)[0] == (
        "Verdict: the twin came out ahead of standard practice. predictive earned 130 EUR/h, age_based 100 EUR/h on "
        "the same luck: 30 EUR/h more, 7,200 EUR more in 10 days."
    )
    assert (verdict.difference, verdict.total) == (pytest.approx(30.0), pytest.approx(7200.0))
    assert "This is one seed (4). By batch means of 10 parts the difference is 30" in words(verdict)[-1]


def test_a_run_that_loses_is_told_to_lose() -> None:
    assert "the twin LOST to standard practice. predictive earned 90 EUR/h" in words(told(steady(90), steady(100)))[0]
    lost = told(steady(840.0, "cost_per_day"), steady(800.0, "cost_per_day"), COST)
    assert words(lost)[0] == (
        "Verdict: the twin LOST to standard practice. predictive cost 840 EUR/day, age_based 800 EUR/day on the same "
        "luck: 40 EUR/day more, 400 EUR more in 10 days."
    )
    won = told(steady(760.0, "cost_per_day"), steady(800.0, "cost_per_day"), COST)
    assert "came out ahead of standard practice. predictive cost 760" in words(won)[0]
    assert "400 EUR less in 10 days" in words(won)[0]


def test_what_chance_may_have_decided_is_said_to_be_so() -> None:
    assert "luck alone may have decided it" in words(told(steady(101.0, wave=9.0), steady(100.0)))[-1]
    assert "hardly chance" in words(told(steady(101.0, wave=0.3), steady(100.0)))[-1]
    assert "and short: luck alone" in words(told(steady(101.0, ticks=30), steady(100.0, ticks=30)))[-1]


def test_the_same_outcome_and_the_practice_itself_are_no_victory() -> None:
    assert "came out the same" in words(told(steady(100.0), steady(100.0)))[0]
    itself = told(steady(100.0), steady(100.0), alike=True)
    assert words(itself)[0].startswith("Verdict: this run is standard practice (age_based) itself, nothing to compare")


def test_scored_from_leaves_out_what_came_before() -> None:
    """10 until day 6, 40 in the four days after; practice 20 all along."""
    own = course(np.r_[np.full(60, 10.0), np.full(40, 40.0)])
    verdict = told(own, steady(20.0), since=6 * DAY)
    assert (verdict.own, verdict.practice.value) == (pytest.approx(40.0), pytest.approx(20.0))
    assert verdict.total == pytest.approx(20.0 * 96)
    assert "20 EUR/h more, 1,920 EUR more in days 6 to 10." in words(verdict)[0]
    assert verdict.json()["from_days"] == 6.0
    assert verdict.json()["hours"] == 96.0
    whole = told(own, steady(20.0), since=60 * DAY)
    assert (whole.since, whole.own) == (0.0, pytest.approx(22.0)), "a run that ends before is told as a whole"
    assert "Figures count from day 60 on; this run is told as a whole" in words(whole)[1]


@pytest.mark.parametrize(("wave", "share"), [(1.0, 0.75), (60.0, None)])
def test_a_share_is_told_only_where_the_reference_is_told_from_practice(wave: float, share: float | None) -> None:
    beside = {"reference": ("privileged_x", steady(140.0, wave=wave)), "ideal": ("run_to_failure", steady(200.0))}
    verdict = told(steady(130.0), steady(100.0), beside=beside)
    assert verdict.share == (None if share is None else pytest.approx(share))
    said = " ".join(words(verdict))
    assert ("75 % of its gain over practice" in said) == (share is not None)
    assert ("so no share is told" in said) == (share is None)
    assert "lost against that: twin 70, practice 100, reference 60 EUR/h" in said


def test_a_figure_of_one_s_own_is_told_without_parts() -> None:
    verdict = told(steady(3.0, "yield"), steady(2.0, "yield"), Objective("", "", figure="yield"), since=DAY)
    assert words(verdict)[0].endswith("predictive had yield 3, age_based 2 on the same luck: 1 more.")
    assert (verdict.total, verdict.half_width, verdict.since) == (None, None, 0.0)
