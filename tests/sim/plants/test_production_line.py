"""The line as a Plant: contract, conservation, luck, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.contract import Action, Plant
from sim.plants.production_line import ProductionLine
from sim.units import DAY
from tests.sim.line.lines import LOSSY, busy_shop, load, serial, shop, written

few = settings(max_examples=15, deadline=None)


def test_it_is_a_plant() -> None:
    assert isinstance(shop(), Plant)


def accounted(plant: ProductionLine) -> None:
    """Conservation of parts, of time, and of messages."""
    figures, stations = plant.kpis(), plant.truth()["state_seconds"]
    joined = sum(station.joined for station in plant._stations.values())
    assert figures["parts_entered"] == figures["good_parts"] + figures["scrap_parts"] + figures["wip"] + joined
    for seconds in stations.values():
        assert sum(seconds.values()) == pytest.approx(plant.now)
        assert min(seconds.values()) >= 0.0
    for way in ("uplink", "downlink"):
        sent, delivered, lost, duplicated, flying = (
            figures[f"{way}_{what}"] for what in ("sent", "delivered", "lost", "duplicated", "in_flight")
        )
        assert sent + duplicated == delivered + lost + flying


@few
@given(st.integers(0, 1000), st.floats(0.05, 1.0))
def test_parts_time_and_messages_are_conserved(seed: int, days: float) -> None:
    accounted(busy_shop(seed, days))


@pytest.mark.parametrize("name", ["cells", "serial_line", "line_small", "line_flow"])
def test_the_configured_lines_conserve_too(name: str) -> None:
    plant = load(name, network=LOSSY)
    plant.advance(2 * DAY)
    accounted(plant)
    held = [station._part is not None for station in plant._stations.values()]
    lying = sum(len(c.parts) for c in plant.kernel.components.values() if hasattr(c, "parts"))
    assert plant.kpis()["wip"] == sum(held) + lying


def test_littles_law() -> None:
    plant = load("line_flow", wear=False)
    plant.advance(10 * DAY)
    figures = plant.kpis()
    left = plant._wip.left
    assert figures["wip_mean"] == pytest.approx(left / plant.now * figures["lead_time_minutes"] * 60.0, rel=0.002)


def test_the_default_line_fails_as_often_as_designed_and_is_cheap_to_run() -> None:
    plant = load("serial_line")
    plant.advance(30 * DAY)
    figures = plant.kpis()
    assert 45 <= figures["maintenance_corrective"] <= 110
    assert 0.5 < figures["oee"] < 0.8
    healthy = load("serial_line", wear=False)
    healthy.advance(5 * DAY)
    assert healthy.kpis()["profit_per_hour"] > figures["profit_per_hour"] + 50.0
    assert healthy.kpis()["maintenance_corrective"] == 0.0


def test_maintenance_on_time_pays() -> None:
    """Renewal at a true wear of 0.7 beats running to failure on the same seeds."""
    gains = []
    for seed in range(2):
        plain, kept = load("line_small", seed), load("line_small", seed)
        plain.advance(8 * DAY)
        while kept.now < 8 * DAY:
            kept.advance(kept.now + 600.0)
            for name, wear in kept.truth()["wear"].items():
                if wear > 0.7:
                    kept.apply(Action(kept.now, f"{name}.maintain"))
        gains.append(kept.kpis()["profit_per_hour"] - plain.kpis()["profit_per_hour"])
    assert min(gains) > 0.0


def test_what_the_plant_shows_matches_its_spec() -> None:
    plant = load("line_small", network={})
    messages = plant.advance(6000.0)
    telemetry = [m for m in messages if m.channel == "telemetry"]
    assert [m.sequence for m in telemetry] == list(range(len(telemetry)))
    assert all(len(m.signals) == len(m.times) == len(m.values) and (m.times <= m.arrived).all() for m in messages)
    assert {int(i) for m in telemetry for i in m.signals} == set(range(len(plant.spec.signals)))
    counted: dict[str, float] = {}
    for m in telemetry:
        counted |= {plant.spec.signals[i].key: v for i, v in zip(m.signals, m.values, strict=True)}
    figures = plant.kpis()
    assert counted["line.good_parts"] == figures["good_parts"]
    assert counted["line.wip"] == figures["wip"]
    assert counted["line.profit"] == pytest.approx(figures["profit"])


# Commands


def test_another_sensor_changes_no_other_draw() -> None:
    plain = shop(network=LOSSY)
    other = shop(network=LOSSY, sensors={"a.vibration": {"noise": 5.0, "dropout": 0.5, "gain": 0.7}})
    first, second = plain.advance(DAY), other.advance(DAY)
    assert plain.kpis() == other.kpis()
    assert plain.truth()["wear"] == other.truth()["wear"]
    changed = plain.spec.signal_index["a.vibration"]

    def rest(messages: list[Any]) -> list[Any]:
        return [
            [(s, v) for s, v in zip(m.signals.tolist(), m.values.tolist(), strict=True) if s != changed]
            for m in messages
        ]

    assert rest(first) == rest(second)


def test_another_policy_faces_the_same_lives() -> None:
    plain, kept = shop(), shop()
    lives: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
    for plant, seen in zip((plain, kept), lives, strict=True):
        while plant.now < DAY:
            plant.advance(plant.now + 300.0)
            truth = plant.truth()
            seen |= {(name, truth["life"][name]): truth["rate"][name] for name in truth["life"]}
            if plant is kept and plant.now % 1800.0 == 0.0:
                plant.apply(Action(plant.now, "b.maintain"))
    shared = lives[0].keys() & lives[1].keys()
    assert len(shared) > 20
    assert all(lives[0][life] == lives[1][life] for life in shared)


def test_adding_a_station_changes_no_other_stations_luck() -> None:
    short, long = (serial([{"law": "gamma", "mean": 10.0, "cv": 0.5}] * n, buffer=10_000) for n in (2, 3))
    short.advance(5000.0)
    long.advance(5000.0)
    assert short._stations["s1"].cycles == long._stations["s1"].cycles


# Bad configuration


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stations": {}}, "stations = {}"),
        ({"stations": {"a": {"cycle": 1.0, "to": "b"}}}, "a.to = 'b': there is no such station"),
        ({"stations": {"a": {"cycle": 1.0, "rework": "z"}}}, "a.rework = 'z'"),
        (
            {"stations": {"a": {"cycle": 1.0, "to": "b"}, "b": {"cycle": 1.0, "buffer": -1}}},
            "buffer = -1: must be a whole number >= 0",
        ),
        ({"stations": {"a": {"cycle": 1.0, "colour": 3}}}, "station a: 'colour' is unknown"),
        ({"stations": {"a": {}}}, "a.cycle: is missing"),
        ({"stations": {"a": {"cycle": {"law": "pareto", "mean": 1.0}}}}, "law = 'pareto'"),
        ({"stations": {"a": {"cycle": -2.0}}}, "a.cycle: mean = -2.0"),
        ({"stations": {"a": {"cycle": 1.0, "wear": {"life": -5.0}}}}, "a.wear.life = -5.0: must be a number > 0"),
        ({"stations": {"a": {"cycle": 1.0, "wear": {"rate_cv": 1.0}}}}, "a.wear.life: is missing"),
        ({"stations": {"a": {"cycle": 1.0, "quality": {"base": 1.5}}}}, "a.quality.base = 1.5"),
        ({"stations": {"a": {"cycle": 1.0, "power": {"busy": -1.0}}}}, "a.power.busy = -1.0"),
        (
            {
                "stations": {
                    "a": {"cycle": 1.0, "to": ["b", "c"], "routing": "best"},
                    "b": {"cycle": 1.0},
                    "c": {"cycle": 1.0},
                }
            },
            "routing = 'best'",
        ),
        ({"stations": {"a": {"cycle": 1.0, "to": "b"}, "b": {"cycle": 1.0, "to": "a"}}}, "no part can reach the end"),
        ({"technicians": 0}, "technicians = 0"),
        ({"tick": -1.0}, "tick = -1.0: must be a number > 0"),
        ({"economics": {"marge": 1.0}}, "economics: 'marge' is unknown"),
        ({"network": {"uplink": {"loss": 1.3}}}, "loss = 1.3: must be a number >= 0 and <= 1"),
        ({"network": {"sidelink": {}}}, "network: 'sidelink' is unknown"),
        ({"network": {"uplink": {"latency": {"law": "gamma", "mean": -1.0}}}}, "latency: mean = -1.0"),
        ({"sensors": {"a.smell": {}}}, "sensors: 'a.smell' is unknown"),
        ({"sensors": {"a.vibration": {"dropout": 2.0}}}, "a.vibration.dropout = 2.0"),
        (
            {"sensors": {"a.power": {"noise": 2.0}}},
            "sensors.a.power: a has no such sensor; its field power asks for one",
        ),
        ({"speed": {"low": 0.0}}, "speed.low = 0.0"),
        ({"tariff": {"times": [0.0, 5.0], "values": [1.0]}}, "tariff"),
    ],
)
def test_a_bad_line_gets_one_clear_line(changes: dict[str, Any], says: str) -> None:
    good: dict[str, Any] = {"seed": 1, "stations": {"a": {"cycle": 1.0, "vibration": {}}}}
    with pytest.raises(ValueError) as caught:
        ProductionLine(**(good | changes))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_written_messages_tell_a_difference() -> None:
    assert written(shop(1).advance(3600.0)) != written(shop(2).advance(3600.0))
