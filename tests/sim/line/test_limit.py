"""Which stage of a line limits it, and what a faster one changes."""

from __future__ import annotations

import pytest

from sim.contract import Relievable
from sim.engine.distribution import Distribution
from sim.plants.production_line import ProductionLine

HOUR = 3600.0


def line(**stations: object) -> ProductionLine:
    return ProductionLine(seed=1, stations=stations, economics={"margin": 1.0}, tick=600.0, sample=3600.0)


def serial() -> ProductionLine:
    return line(
        saw={"cycle": 50.0, "to": "mill"},
        mill={"cycle": {"law": "gamma", "mean": 80.0, "cv": 0.2}, "buffer": 4, "to": "wash"},
        wash={"cycle": 40.0, "buffer": 4},
    )


def test_the_slowest_station_of_a_serial_line_limits_it() -> None:
    plant = serial()
    assert isinstance(plant, Relievable)
    plant.advance(48 * HOUR)
    first = plant.bottlenecks()[0]
    assert (first.name, first.assets) == ("mill", ("mill",))
    assert first.share == pytest.approx(1.0, abs=0.02)
    assert sum(first.parts.values()) == pytest.approx(first.share)


def test_before_anything_has_happened_nothing_limits_a_line() -> None:
    assert serial().bottlenecks() == []


def test_stations_of_one_queue_are_one_stage_under_its_name_and_all_are_fed() -> None:
    plant = line(
        saw={"cycle": 30.0, "to": "mill_1"},
        mill_1={"cycle": 90.0, "queue": "milling", "buffer": 3},
        mill_2={"cycle": 90.0, "queue": "milling"},
    )
    plant.advance(24 * HOUR)
    assert plant.bottlenecks()[0].assets == ("mill_1", "mill_2")
    assert plant.bottlenecks()[0].name == "milling"
    assert {(link.source, link.target) for link in plant.spec.links} == {("saw", "mill_1"), ("saw", "mill_2")}


def test_a_tenth_more_speed_at_the_limit_makes_a_tenth_more_parts_and_elsewhere_none() -> None:
    made = {}
    for relieved in ((), ("mill",), ("saw",)):
        plant = serial()
        plant.relieve(relieved, 0.1)
        plant.advance(60 * HOUR)
        made[relieved] = plant.kpis()["good_parts"]
    assert made["mill",] == pytest.approx(1.1 * made[()], rel=0.01)
    assert made["saw",] == pytest.approx(made[()], rel=0.005)


@pytest.mark.parametrize("law", ["deterministic", "uniform", "exponential", "gamma", "lognormal", "weibull"])
def test_stretched_times_have_the_same_luck(law: str) -> None:
    spec = {"law": law, "mean": 60.0} | ({} if law in ("deterministic", "exponential") else {"cv": 0.3})
    before, after = (Distribution(spec, seed=4, field="cycle") for _ in range(2))
    first = [before.draw() for _ in range(5)], [after.draw() for _ in range(5)]
    after.stretch(0.5)
    assert after.mean == 30.0
    assert first[0] == first[1]
    assert [after.draw() for _ in range(300)] == pytest.approx([0.5 * before.draw() for _ in range(300)])


def test_a_scipy_law_is_stretched_too() -> None:
    spec = {"scipy": "gamma", "a": 4.0, "scale": 10.0}
    before, after = (Distribution(spec, seed=4, field="cycle") for _ in range(2))
    after.stretch(1.25)
    assert [after.draw() for _ in range(20)] == pytest.approx([1.25 * before.draw() for _ in range(20)])
