"""The grid's bill and failures; loads that are shed, jobs that wait; the generator."""

from __future__ import annotations

import pytest

from sim.units import HOUR
from tests.sim.power.grids import bare, command, hours, load

OUTAGE = {"outages": {"every": 10 * HOUR, "lasts": 3 * HOUR}}
GENERATOR = {"rated": 20.0, "start_time": 60.0, "start_cost": 3.0, "fuel_price": 2.0, "min_load": 0.5}


def test_energy_is_paid_at_the_price_of_its_hour() -> None:
    tariff = {"times": [0.0, 12 * HOUR], "values": [0.1, 0.3], "repeat": 24 * HOUR}
    plant = hours(bare(tariff=tariff, carbon={"times": [0.0], "values": [0.4]}, economics={"carbon_price": 0.1}), 48)
    assert plant.kpis()["cost_energy"] == pytest.approx(2 * 10 * (12 * 0.1 + 12 * 0.3))
    assert plant.kpis()["cost_carbon"] == pytest.approx(480 * 0.4 * 0.1)
    assert plant.kpis()["cost_per_day"] == pytest.approx(plant.kpis()["cost"] / 2)


def test_a_peak_is_charged_once_in_each_period() -> None:
    plant = hours(bare(grid={"peak_charge": 5.0, "peak_period": 2.0}), 3 * 24)
    assert plant.kpis()["cost_peak"] == pytest.approx(2 * 10 * 5.0)


def test_an_outage_leaves_loads_unserved_those_of_least_priority_first() -> None:
    loads = {
        name: {"priority": rank, "profile": {"mean": 10.0, "shape": "flat", "noise": 0.0}}
        for name, rank in (("light", 2), ("heat", 1))
    }
    plant = bare(loads=loads, grid=OUTAGE, generator=GENERATOR | {"rated": 12.0}, economics={"unserved_cost": 4.0})
    hours(plant, 13)
    light, heat = plant._site.loads
    assert light.unserved == pytest.approx(10.0 / 60)  # until the generator runs
    assert heat.unserved == pytest.approx(10.0 / 60 + 8.0 * (3 - 1 / 60))
    assert plant.kpis()["cost_unserved"] == pytest.approx(4.0 * (light.unserved + heat.unserved))
    assert plant.kpis()["outage_hours"] == pytest.approx(3.0)
    assert [event.kind for event in plant.journal()] == ["outage", "restored"]


def test_fuel_follows_the_willans_line_and_each_start_costs() -> None:
    plant = bare(generator=GENERATOR)
    command(plant, "generator.power", 14.0)
    hours(plant, 2)
    command(plant, "generator.power", 0.0)
    hours(plant, 2)
    running = 2 - 1 / 60
    assert plant.kpis()["fuel_litres"] == pytest.approx(running * (0.06 * 20 + 0.24 * 14))
    assert plant.kpis()["cost_fuel"] == pytest.approx(2.0 * plant.kpis()["fuel_litres"] + 3.0)
    assert plant.kpis()["export_kwh"] == pytest.approx(4.0 * running)


def test_a_running_set_gives_at_least_its_least_load() -> None:
    plant = bare(
        generator=GENERATOR, grid={"export_limit": 0.0}, loads={"homes": {"profile": {"mean": 4.0, "noise": 0.0}}}
    )
    command(plant, "generator.power", 1.0)
    hours(plant, 1)
    assert plant._site.generator is not None
    assert plant._site.generator.flow == 10.0
    assert plant._site.dumped == pytest.approx(6.0 * (1 - 1 / 60))


def test_starts_and_hours_wear_a_generator_and_vibration_tells() -> None:
    ageing = {"life": 50.0, "rate_cv": 0.0, "noise_cv": 1e-3, "level_sd": 0.0}
    upkeep = {"corrective": 7200.0, "response": 3600.0, "corrective_cost": 100.0}
    plant = bare(generator=GENERATOR | {"ageing": ageing, "start_wear": 10.0, "upkeep": upkeep})
    command(plant, "generator.power", 14.0)
    hours(plant, 1)
    generator = plant._site.generator
    assert generator is not None
    young = generator.vibration()
    hours(plant, 38.5)
    assert generator.vibration() > 2 * young
    hours(plant, 0.7)
    assert not generator.up
    hours(plant, 3.1)
    assert generator.up
    assert [e.kind for e in plant.journal()][1:] == ["failed", "repair_started", "repaired"]
    assert generator.cost == 100.0


JOBS = {"every": 6 * HOUR, "energy": 22.0, "power": 11.0, "slack": 5.0}


def test_jobs_wait_as_long_as_they_are_told_and_no_longer() -> None:
    plant = bare(loads={"charging": {"jobs": JOBS}})
    command(plant, "charging.defer", 3.0)
    jobs = hours(plant, 8.99)._site.loads[0]
    assert jobs.energy == 0.0
    hours(plant, 2.02)
    assert jobs.energy == pytest.approx(22.0)
    command(plant, "charging.defer", 9.0)
    refused = plant.kpis()["commands_refused"]
    assert refused == 1


def test_deferring_less_starts_those_that_wait() -> None:
    plant = bare(loads={"charging": {"jobs": JOBS}})
    command(plant, "charging.defer", 5.0)
    jobs = hours(plant, 7)._site.loads[0]
    assert jobs.wanted == 0.0
    command(plant, "charging.defer", 0.0)
    assert jobs.wanted == 11.0


def test_outages_come_as_often_and_last_as_long_as_they_should() -> None:
    plant = hours(load(wear=False, sample=86_400.0, tick=86_400.0), 3 * 8760)
    figures = plant.kpis()
    expected = 3 * 365 * 24 * HOUR / (518_400.0 + 9000.0)
    assert figures["outages"] == pytest.approx(expected, abs=3 * expected**0.5)
    assert figures["outage_hours"] / figures["outages"] == pytest.approx(2.5, rel=0.3)
