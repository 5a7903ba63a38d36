"""What relieving a bottleneck is worth: by pairs of forks, under the run's own commands."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd
import pytest

from sim.contract import Event, Plant
from sim.plants.production_line import ProductionLine
from twin.lab.core.held import Held, held
from twin.lab.core.relief import objective_total, reliefs
from twin.sensing.lives import Lives
from twin.units import DAY, HOUR

STATIONS = {
    "saw": {"type": "saw", "cycle": 50.0, "to": "mill"},
    "mill": {"type": "mill", "cycle": {"law": "gamma", "mean": 80.0, "cv": 0.2}, "buffer": 4},
}
UPKEEP = {"preventive": 600.0, "corrective": 3600.0, "preventive_cost": 5.0, "corrective_cost": 50.0}
NONE = Held((), {}, {}, {})


def plant(**common: Any) -> ProductionLine:
    return ProductionLine(seed=1, stations=STATIONS, common=common, economics={"margin": 1.0})


def test_relief_of_the_limit_is_worth_its_parts_and_relief_elsewhere_nothing() -> None:
    line = plant()
    line.advance(2 * DAY)
    found = {one.bottleneck.name: one for one in reliefs(line, line.bottlenecks(), NONE, seed=0, events=10**9)}
    assert found["mill"].distinguishable
    assert found["mill"].gain.value == pytest.approx(4.5, rel=0.05)  # a tenth of 45 parts an hour at 1 EUR
    assert not found["saw"].distinguishable
    assert line.now == 2 * DAY  # the plant itself stays where it is


def test_a_short_run_and_a_plant_without_a_limit_tell_nothing() -> None:
    line = plant()
    line.advance(0.5 * DAY)
    assert reliefs(line, line.bottlenecks(), NONE, seed=0, events=1000) == []
    assert reliefs(line, [], NONE, seed=0, events=1000) == []


class Followed:
    """A plant that only notes what it is told."""

    def __init__(self) -> None:
        self.now, self.told, self.events = 10 * DAY, [], []

    def advance(self, until: float) -> None:
        self.now = until

    def apply(self, action: Any) -> None:
        self.told.append(((action.time - 10 * DAY) / HOUR, action.actuator, action.value))
        if action.actuator == "mill.maintain":
            self.events = [Event(self.now, "mill", "maintained")]

    def journal(self) -> list[Event]:
        events, self.events = self.events, []
        return events


def test_the_last_days_commands_are_repeated_and_assets_renewed_at_the_age_at_which_the_run_did() -> None:
    spec = plant(wear={"life": 90000.0}, maintenance=UPKEEP).spec
    lives = Lives(spec)
    start = [Event(day * DAY, "mill", kind) for day in (2, 4, 9) for kind in ("maintenance_started", "maintained")]
    lives.observe(start)
    decisions = pd.DataFrame(
        {
            "time": [8.5 * DAY, 9.25 * DAY, 9.75 * DAY, 9 * DAY + 1],
            "actuator": ["saw.speed", "saw.speed", "saw.speed", "mill.maintain"],
            "value": [0.7, 0.9, 1.1, 1.0],
        }
    )
    commands = held(spec, lives, decisions, 10 * DAY)
    assert commands.ages == {"mill.maintain": pytest.approx(3 * DAY)}  # lives of 2, 2 and 5 days
    followed = Followed()
    commands.carry_on(cast(Plant, followed), 12.6 * DAY)
    moves = [(hour, value) for hour, key, value in followed.told if key == "saw.speed"]
    assert moves == [(6, 0.9), (18, 1.1), (30, 0.9), (42, 1.1), (54, 0.9)]
    assert [hour for hour, key, _ in followed.told if key == "mill.maintain"] == [48]  # renewed on day 9, so on day 12


@pytest.mark.parametrize(
    ("figure", "total"), [("profit_per_hour", 48.0), ("cost_per_day", 4.0), ("cost", 2.0), ("", 2.0)]
)
def test_the_total_of_a_rate_is_the_rate_times_the_time(figure: str, total: float) -> None:
    assert objective_total(figure, {"cost": 2.0, "profit_per_hour": 1.0, "cost_per_day": 2.0}, 2 * DAY) == total
