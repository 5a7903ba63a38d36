"""The reference for signals: its arithmetic of releases, and that it beats what sees less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.sim.road.networks import load
from twin.lab.core.privileged.dispatch import run_policy
from twin.lab.core.privileged.green_plans import lengths, make_plans
from twin.lab.core.privileged.releases import Arrivals
from twin.lab.core.privileged.signals import PrivilegedSignals
from twin.policies.base import Policy
from twin.policies.crossings.actuated import Actuated
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

LANES: Any = {"headway": 2.0, "last": -np.inf, "startup": 4.0, "yellow": 1.0}


def test_vehicles_pass_a_headway_apart_while_green_lasts() -> None:
    arrivals = Arrivals(ready=np.array([0.0, 0.0, 0.0, 30.0]), to=[], **LANES)
    greens = [(np.array([10.0, 10.0]), np.array([15.5, 40.0])), (np.array([50.0, 50.0]), np.array([0.0, 0.0]))]
    passing = arrivals.passing(greens, now=5.0)
    assert passing[:, 0].tolist() == [14.0, 16.0, 54.0, 56.0]  # the third finds the signal closed
    assert passing[:, 1].tolist() == [14.0, 16.0, 18.0, 30.0]
    assert arrivals.loss(passing, stop=3.0).tolist() == [14 + 16 + 54 + 26 + 4 * 3, 14 + 16 + 18 + 3 * 3]


def test_plans_are_every_combination_and_tell_each_stage_its_greens() -> None:
    plans = make_plans(ends=[20.0, 10.0], greens=[(1, [5.0, 9.0])], running=0, since=0.0, intergreen=5.0, stages=2)
    assert len(plans.end) == 2 * 2 * 4
    one = int(np.flatnonzero((plans.end == 10.0) & (plans.green == 9.0) & (plans.after == 15.0))[0])
    told = [[(float(a[one]), float(b[one])) for a, b in plans.greens(stage)] for stage in (0, 1)]
    assert told[0][:2] == [(0.0, 10.0), (29.0, 44.0)]
    assert told[1][0] == (15.0, 24.0)
    assert told[1][1][0] == 49.0


def test_greens_are_tried_finely_where_they_are_short() -> None:
    tried = lengths(5.0, 40.0)
    assert tried[:4] == [5.0, 6.0, 7.0, 8.0]
    assert 35.0 < tried[-1] <= 40.0


def no_forecast(_: Any) -> Any:
    raise AssertionError("it asks for no forecast")


def cost(make: Callable[..., Policy], failed: float) -> float:
    """EUR per hour of the corridor's first hour of a busy morning."""
    plant = load("corridor", 7, wear=False, profile=[1.3], incidents={}, detectors={"failed": failed})
    run_policy(plant, make, 120)
    assert plant.kpis()["commands_refused"] == 0
    return plant.figures()["cost_per_hour"]


def test_it_beats_actuation_with_all_detectors_and_does_without_any() -> None:
    reference = cost(PrivilegedSignals, failed=0.0)
    assert reference < 0.95 * cost(Actuated, failed=0.0)
    assert cost(PrivilegedSignals, failed=1.0) == reference


def test_it_says_that_it_is_privileged_and_cannot_do_without() -> None:
    plant = load("crossing", 1)
    assert PrivilegedSignals.privileged
    with pytest.raises(ValueError, match="only the lab can show it"):
        PrivilegedSignals(spec=plant.spec).act(Window(spec=plant.spec, cleaner=Cleaner(spec=plant.spec)), no_forecast)
    with pytest.raises(ValueError, match="waits = 0"):
        PrivilegedSignals(spec=plant.spec, waits=0)
