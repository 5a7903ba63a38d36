"""The battery: exact flows, losses, limits, fade."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sim.power.battery import Battery
from tests.sim.power.grids import bare, command, hours

PLAIN = {"capacity": 40.0, "power": 20.0, "efficiency": 0.9, "initial": 0.0}


def battery_of(**fields: Any) -> tuple[Any, Battery]:
    plant = bare(battery=PLAIN | fields)
    battery = plant._site.battery
    assert battery is not None
    command(plant, "battery.follow", 0.0)
    return plant, battery


def test_it_is_full_at_the_very_moment_that_it_should_be() -> None:
    plant, battery = battery_of()
    command(plant, "battery.power", -20.0)
    hours(plant, 5)
    full = 40.0 / (20.0 * 0.9)
    assert battery.charged == pytest.approx(20.0 * full, rel=1e-12)
    assert battery.energy == 40.0
    assert plant._site.grid.imported == pytest.approx(50.0 + 20.0 * full, rel=1e-12)


def test_a_round_trip_loses_what_both_ways_lose() -> None:
    plant, battery = battery_of()
    command(plant, "battery.power", -20.0)
    hours(plant, 5)
    command(plant, "battery.power", 10.0)
    hours(plant, 8)
    assert battery.energy == 0.0
    assert battery.discharged / battery.charged == pytest.approx(0.81)
    assert battery.losses == pytest.approx(battery.charged - battery.discharged)


def test_the_reserve_is_kept_with_the_grid_and_used_without() -> None:
    grid = {"outages": {"every": 36_000.0, "lasts": 3600.0}}
    plant = bare(battery=PLAIN | {"initial": 1.0, "reserve": 0.5}, grid=grid)
    battery = plant._site.battery
    assert battery is not None
    hours(plant, 9)
    assert battery.energy == 20.0
    hours(plant, 2)
    assert battery.energy == pytest.approx(20.0 - 10.0 / 0.9)
    assert plant.kpis()["unserved_kwh"] == 0.0


def test_following_leaves_the_grid_alone() -> None:
    plant = bare(battery=PLAIN | {"initial": 1.0})
    hours(plant, 3)
    assert plant._site.grid.imported == 0.0


def test_it_helps_to_keep_under_the_peak_cap() -> None:
    plant, _ = battery_of(initial=1.0)
    command(plant, "grid.peak_cap", 6.0)
    hours(plant, 2)
    assert plant.kpis()["peak_kw"] == pytest.approx(6.0)


def test_calendar_fade_is_the_rate_times_the_stress() -> None:
    """Xu et al. 2018: at 25 deg C and half charge the stress is one."""
    plant, battery = battery_of(fade={"calendar": 0.02}, initial=0.5, heat={"lag": 1e9})
    hours(plant, 24 * 30)
    assert battery.lost == pytest.approx(0.02 * 30 / 365, rel=1e-3)
    _, warmer = battery_of(fade={"calendar": 0.02}, initial=0.5)
    warmer.ambient = warmer.temperature = 45.0
    before = warmer.lost
    warmer.pass_time(0.01)
    assert (warmer.lost - before) / (0.02 * 0.01 / 8760) == pytest.approx(math.exp(0.0693 * 20), rel=1e-2)


def cycled(depth: float, count: int) -> float:
    plant, battery = battery_of(fade={"cycle": 1e-4, "depth_exponent": 2.0}, efficiency=1.0, heat={"lag": 1e9})
    for _ in range(count):
        for power in (-20.0, 20.0):
            command(plant, "battery.power", power)
            hours(plant, 2.0 * depth)
    return battery.lost


def test_cycle_fade_goes_with_the_depth_to_its_exponent() -> None:
    assert cycled(0.8, 10) / cycled(0.4, 10) == pytest.approx(4.0, rel=1e-2)
    assert cycled(0.4, 20) / cycled(0.4, 10) == pytest.approx(2.0, rel=0.1)


def test_new_cells_are_new() -> None:
    plant, battery = battery_of(fade={"calendar": 5.0}, upkeep={"preventive": 3600.0, "preventive_cost": 70.0})
    hours(plant, 2000)
    assert battery.health < 0.95
    assert battery.one_way < 0.9
    command(plant, "battery.maintain")
    assert battery.limits(0.0) == (0.0, 0.0)
    hours(plant, 1)
    assert battery.health > 0.999
    assert battery.cost == 70.0
