"""Grouping, shifts, limits by type and standing setpoints of the maintenance policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from sim import contract
from sim.contract import Event, Message, Schedule
from tests.twin.toy import TICK, toy_spec
from twin.forecast import Forecast, Plan
from twin.policies.maintenance.age_based import AgeBased
from twin.policies.maintenance.condition_based import ConditionBased
from twin.policies.maintenance.occasions import Calendar, Occasions
from twin.policies.setpoints.standing import StandingSetpoints
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window
from twin.units import HOUR

DAY_SHIFT = Schedule("shifts", "technicians", "people", (0.0, 6 * HOUR, 22 * HOUR), (0.0, 2.0, 0.0), 24 * HOUR)
SPEC = replace(toy_spec(), known_future=(DAY_SHIFT,), technicians=2.0)


def never(plans: Sequence[Plan]) -> Forecast:
    raise AssertionError(f"asked about {len(plans)} plans")


def window(hour: float, down: tuple[str, ...] = ()) -> Window:
    result, empty = Window(spec=SPEC, cleaner=Cleaner(spec=SPEC)), np.zeros(0)
    events = tuple(Event(1.0, name, contract.FAILED) for name in down)
    result.add(Message("events", 0, 0.0, 0.0, empty.astype(np.int32), empty, empty, events))
    result.close(hour * HOUR)
    return result


def test_the_calendar_tells_who_is_there_and_when_that_changes() -> None:
    calendar = Calendar(spec=SPEC)
    assert [calendar.on_duty(hour * HOUR) for hour in (5, 6, 21.9, 22)] == [0, 2, 2, 0]
    assert calendar.until(20 * HOUR, there=False) == 2 * HOUR
    assert calendar.until(23 * HOUR, there=True) == 7 * HOUR
    always = Calendar(spec=replace(toy_spec(), technicians=1.0))
    assert (always.on_duty(0.0), always.until(0.0, there=True), always.until(0.0, there=False)) == (1.0, 0.0, np.inf)
    assert Calendar(spec=toy_spec()).on_duty(0.0) == np.inf  # a plant that tells nothing of technicians
    shifts_alone = Calendar(spec=replace(SPEC, technicians=np.inf))
    assert shifts_alone.until(20 * HOUR, there=False) == 2 * HOUR


def test_work_is_due_sooner_beside_other_work_and_before_the_night() -> None:
    occasions = Occasions(spec=SPEC, assets=[0, 1, 2], join=0.5, dusk=0.7, dusk_ticks=12)
    for hour, down, shares in (
        (12.0, (), [1.0, 1.0, 1.0]),
        (12.0, ("pump_0",), [1.0, 0.5, 0.5]),  # an asset does not join itself
        (12.0, ("pump_0", "pump_1"), [1.0, 1.0, 1.0]),  # both technicians have a job
        (21.0, (), [0.7, 0.7, 0.7]),
        (21.0, ("pump_1",), [0.5, 0.7, 0.5]),
        (23.0, ("pump_1",), [0.7, 0.7, 0.7]),  # nobody is there
    ):
        assert occasions.shares(window(hour, down)).tolist() == shares, (hour, down)


def test_policies_without_occasions_are_as_before() -> None:
    occasions = Occasions(spec=SPEC, assets=[0, 1, 2], join=1.0, dusk=1.0)
    assert occasions.shares(window(21.0, ("pump_1",))).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Occasions(spec=SPEC, assets=[0], join=0.0, dusk=1.0), "join = 0.0: must be > 0 and <= 1"),
        (lambda: Occasions(spec=SPEC, assets=[0], join=1.0, dusk=1.1), "dusk = 1.1"),
        (lambda: ConditionBased(spec=SPEC, threshold=2.0, thresholds={"saw": 2.0}), "thresholds.saw: there is no such"),
        (lambda: ConditionBased(spec=SPEC, threshold=2.0, thresholds={"pump": 0.5}), "thresholds.pump = 0.5"),
        (lambda: AgeBased(spec=SPEC, intervals={"pump": 0.0}), "intervals.pump = 0.0"),
        (lambda: AgeBased(spec=SPEC, intervals={"mill": 9.0}), "there are pump, site"),
        (lambda: StandingSetpoints(spec=SPEC, values={"pump": {"pace": 1.0}}), "there are pump.speed"),
        (lambda: StandingSetpoints(spec=SPEC, values={"pump": {"speed": 2.0}}), "must be >= 0.5 and <= 1.5"),
    ],
)
def test_what_does_not_fit_the_plant_is_named(make: object, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", r"\(")):
        make()  # type: ignore[operator]


def test_stated_intervals_hold_from_the_first_tick() -> None:
    policy = AgeBased(spec=SPEC, intervals={"pump": 12.0}, dusk=0.5)
    assert policy.act(window(10.0), never) == []
    assert len(policy.act(window(12.5), never)) == 3


def test_standing_setpoints_are_sent_once_and_again_where_they_were_lost() -> None:
    setpoints = StandingSetpoints(spec=SPEC, values={"pump": {"speed": 0.8}}, retry=3)
    here = window(1.0)
    assert [(a.actuator, a.value) for a in setpoints.act(here)] == [(f"pump_{i}.speed", 0.8) for i in range(3)]
    here.close(here.now + TICK)
    assert setpoints.act(here) == []
    here.setpoints[:2] = 0.8  # confirmed for two
    here.close(here.now + 3 * TICK)
    assert [a.actuator for a in setpoints.act(here)] == ["pump_2.speed"]
