"""The site as a whole: energy is conserved at every bus and instant, luck does not depend on what is done."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.plants.microgrid import Microgrid
from sim.units import HOUR
from tests.sim.power.grids import bare, command, hours, load

OFTEN = {
    "outages": {
        "every": {"law": "exponential", "mean": 8 * HOUR},
        "lasts": {"law": "lognormal", "mean": 2 * HOUR, "cv": 1.0},
    }
}
COMMANDS = st.lists(st.tuples(st.integers(0, 11), st.floats(0, 1)), min_size=4, max_size=30)


def gaps(plant: Microgrid) -> list[float]:
    """What goes into each bus less what comes out of it, kW: the site's, and the panels'."""
    site = plant._site
    battery, generator, inverter = site.battery, site.generator, site.inverter
    assert battery is not None
    assert generator is not None
    assert inverter is not None
    into = sum(s.flow for s in site.sources) + battery.flow + generator.flow + site.grid.flow
    out = sum(consumer.served for consumer in site.loads) + site._dump
    panels = inverter.panels.available - inverter.flow - inverter._loss - inverter._idle
    return [into - out, panels]


def lawful(plant: Microgrid) -> None:
    """Nothing beyond its limits."""
    site = plant._site
    battery, grid = site.battery, site.grid
    assert battery is not None
    assert -1e-9 <= battery.energy <= battery.capacity + 1e-9
    assert abs(battery.flow) <= battery.power
    assert 0.0 <= -battery._inside - battery.flow <= 0.1 * abs(battery.flow)
    assert -grid.export_limit - 1e-9 <= grid.flow <= grid.import_limit + 1e-9
    assert grid.up or grid.flow == 0.0
    assert all(0.0 <= consumer.served <= consumer.wanted + 1e-12 for consumer in site.loads)
    assert all(source.flow >= 0.0 for source in site.sources)
    assert site._dump >= 0.0
    assert not site._dump > 1e-9 or all(source.flow < 1e-9 for source in site.sources)


@settings(max_examples=25)
@given(commands=COMMANDS, seed=st.integers(0, 5), day=st.integers(1, 365))
@example(commands=[(0, 0.0)] * 7 + [(4, 0.0), (0, 0.0)], seed=2, day=63)  # full, and idle after a cycle's end
@example(commands=[(0, 0.0)] * 11 + [(2, 1e-40), (4, 0.0)] + [(0, 0.0)] * 4, seed=0, day=1)  # a reserve of nearly 0
def test_energy_is_conserved_at_every_bus_and_instant(commands: list[Any], seed: int, day: int) -> None:
    grid = OFTEN | {"import_limit": 60.0, "export_limit": 30.0}
    plant = load("microgrid_windy", seed=seed, grid=grid, weather={"first_day": float(day)})
    battery = plant._site.battery
    assert battery is not None
    start = battery.energy
    for which, share in commands:
        actuator = plant.spec.actuators[which % len(plant.spec.actuators)]
        command(plant, actuator.key, actuator.low + share * (actuator.high - actuator.low))
        end = plant.now + 2 * HOUR
        while plant.kernel.peek() < end:
            plant.kernel.step()
            assert max(map(abs, gaps(plant))) < 1e-9
            lawful(plant)
        plant.advance(end)
    site = plant._site
    site.accrue()
    generator = site.generator
    assert generator is not None
    assert site.residual < 1e-9
    assert battery.energy == pytest.approx(start + battery.charged - battery.discharged - battery.losses, abs=1e-7)
    taken = sum(s.energy for s in site.sources) + generator.energy + site.grid.imported + battery.discharged
    given_ = sum(consumer.energy for consumer in site.loads) + site.grid.exported + battery.charged + site.dumped
    assert taken == pytest.approx(given_, rel=1e-11)


def test_the_counter_of_cost_is_the_sum_of_its_parts() -> None:
    plant = hours(load(seed=3), 60 * 24)
    figures = plant.kpis()
    parts = [value for name, value in figures.items() if name.startswith("cost_") and name != "cost_per_day"]
    assert figures["cost"] == pytest.approx(sum(parts))
    assert figures["failures_wear"] + figures["failures_shock"] == figures["maintenance_corrective"]


def test_what_is_done_does_not_change_the_luck() -> None:
    """Common random numbers: sun, loads, outages and jobs are the same whatever the controller does."""
    idle, busy = load(seed=6, sample=86_400.0), load(seed=6, sample=86_400.0)
    for step in range(60):
        command(busy, "battery.power", 50.0 * (-1) ** step)
        command(busy, "generator.power", 40.0 * (step % 2))
        command(busy, "charging.defer", float(step % 8))
        for plant in (idle, busy):
            hours(plant, 12)
    first, second = idle._site, busy._site
    assert first.light == pytest.approx(second.light, rel=1e-12)
    assert first.grid.outages == second.grid.outages > 0
    wanted = [[consumer.energy + consumer.unserved for consumer in site.loads[:3]] for site in (first, second)]
    assert wanted[0] == pytest.approx(wanted[1])
    assert first.loads[3]._number == second.loads[3]._number  # type: ignore[attr-defined]


def test_prices_are_known_ahead_and_orders_are_priced() -> None:
    spec = load().spec
    assert {schedule.kind for schedule in spec.known_future} == {"price", "export_price", "carbon"}
    assert spec.objective.sense == -1
    orders = {order.asset: order for order in spec.objective.orders}
    assert set(orders) == {"panels", "inverter", "battery", "generator"}
    assert orders["generator"].corrective_total > orders["generator"].preventive_total
    assert orders["panels"].corrective_total == orders["panels"].preventive_total


def test_without_wear_nothing_fails_or_fades() -> None:
    figures = hours(load(wear=False), 100 * 24).kpis()
    assert figures["maintenance_corrective"] == 0
    assert figures["battery_health"] == 1.0
    assert figures["cost_wear"] == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"battery": {"capacity": -1.0, "power": 1.0}}, "battery.capacity = -1"),
        ({"battery": {"capacity": 1.0, "power": 1.0, "size": 3}}, "'size' is unknown"),
        ({"panels": {"rated": 1.0, "washing": 2.0}}, "panels.washing = 2"),
        ({"generator": {"rated": 5.0, "min_load": 1.5}}, "generator.min_load = 1.5"),
        ({"inverter": {"rated": 5.0}}, "inverter: needs panels"),
        ({"loads": {}}, "must name at least one load"),
        ({"loads": {"a": {}}}, "loads.a: needs a profile or jobs"),
        ({"loads": {"grid": {"profile": {}}}}, "'grid'"),
        ({"loads": {"a": {"profile": {"shape": "round"}}}}, "a.profile.shape = 'round'"),
        ({"loads": {"a": {"jobs": {"every": 5.0, "energy": 1.0, "power": 0.0}}}}, "a.jobs.power = 0"),
        ({"tariff": {"times": [0.0, 5.0], "values": [0.1, 0.2]}}, "tariff.times = 5"),
        ({"grid": {"outages": {"every": 5.0}}}, "grid.outages.lasts"),
        ({"wind": {"rated": 5.0, "rated_speed": 2.0}}, "wind.rated_speed = 2"),
        ({"weather": {"cloudiness": 2.0}}, "weather.cloudiness = 2"),
        ({"economics": {"margin": 2.0}}, "'margin' is unknown"),
        ({"noise": {"colour": 2.0}}, "'colour' is unknown"),
        ({"sensors": {"x.power": {}}}, "'x.power' is unknown"),
        ({"inputs": {"citylearn": "/nowhere"}}, "inputs.citylearn = /nowhere"),
        ({"inputs": {}, "tick": 0.0}, "tick = 0"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("'", ".")):
        bare(**changes)


@pytest.mark.slow
def test_in_a_year_with_everything_on_nothing_ticks_that_need_not() -> None:
    """Fewer than ten events an hour: the inputs' steps, four samples, and what really happens between."""
    plant = load("microgrid_windy")
    hours(plant, 8760)
    assert 8760 < plant.kernel.processed < 10 * 8760
