"""The model of a traffic network: the constructor's fields and defaults, what it refuses and in which words."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plants.traffic_network import INCIDENTS, TrafficNetwork
from sim.road.upkeep_fields import SPREAD, USUAL
from sim.telemetry.sensors import FAULTS, Sensor
from tests.lab.configure.schema.plant_fields import (
    Mutation,
    at,
    built,
    changed,
    hold,
    mutations,
    plant,
    refusal_of,
    takes,
    used,
)
from tests.lab.configure.schema.rich_plants import rich_network
from twin.lab.configure.schema.checked import unusual
from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.plants.network import MeterFaults
from twin.lab.configure.schema.plants.road_demand import FactorsOfDemand, RecordedDemand
from twin.lab.configure.schema.plants.road_grid import (
    DemandByAxis,
    LanesByAxis,
    RoadGridFields,
    SplitsByAxis,
    TurnShares,
)
from twin.lab.configure.schema.plants.road_layout import PARTS, TAKEN
from twin.lab.configure.schema.plants.road_link import OUT, LaneGroup, RoadLinkFields
from twin.lab.configure.schema.plants.road_network import IncidentFields, RoadEconomics, TrafficNetworkFields
from twin.lab.configure.schema.plants.road_signal import ControlFields, StageFields, TrafficSignalFields
from twin.lab.configure.schema.plants.road_upkeep import ControllerFields, DetectorFields, PavementFields

MODELS: dict[tuple[str, ...], type[Fields]] = {
    ("grid",): RoadGridFields,
    ("grid", "turns"): TurnShares,
    ("grid", "lanes"): LanesByAxis,
    ("grid", "demand"): DemandByAxis,
    ("grid", "splits"): SplitsByAxis,
    ("links", "a"): RoadLinkFields,
    ("links", "a", "lanes", "left"): LaneGroup,
    ("common",): RoadLinkFields,
    ("signals", "J"): TrafficSignalFields,
    ("signals", "J", "stages", "one"): StageFields,
    ("control",): ControlFields,
    ("profile",): FactorsOfDemand,
    ("detectors",): DetectorFields,
    ("controllers",): ControllerFields,
    ("pavement",): PavementFields,
    ("incidents",): IncidentFields,
    ("economics",): RoadEconomics,
}
BASES = {"corridor": plant("corridor"), "crossing": plant("crossing"), "rich": rich_network()}
BARE: dict[str, Any] = {
    "_target_": TrafficNetworkFields.path,
    "grid": {"columns": 2, "turns": {"left": 0.3, "through": 0.7}},
    "links": {"in": {"lanes": {"one": {"to": {"A1_B1": 0.5}}, "two": {"to": {"out": 0.5}}}, "demand": 200.0}},
    "signals": {"J": {"stages": {"one": {"links": ["in.one"]}, "two": {"links": ["in.two"]}}}},
    **{key: {} for key in ("common", "control", "detectors", "controllers", "pavement", "economics")},
    "incidents": {"per_day": 20.0},
    "profile": {"factors": [1.0, 1.5]},
    "sample": 60.0,
}


def test_the_top_level_is_the_constructors() -> None:
    kept = inspect.signature(TrafficNetwork).parameters.items()
    parameters = {key: parameter.default for key, parameter in kept if key not in ("seed", "network")}
    fields = {key: field.default for key, field in TrafficNetworkFields.model_fields.items() if key != "target"}
    assert fields == parameters


@pytest.mark.parametrize("path", MODELS, ids=".".join)
def test_every_level_has_the_keys_that_the_constructor_takes(path: tuple[str, ...]) -> None:
    assert set(MODELS[path].file_keys()) == takes(rich_network(), path)


def test_a_sensor_has_the_keys_that_the_constructor_takes() -> None:
    parameters = set(inspect.signature(Sensor).parameters) - {"key", "faults"}
    assert set(MeterFaults.file_keys()) == {*parameters, *FAULTS}


def test_a_recorded_profile_has_the_keys_that_the_constructor_takes() -> None:
    recorded = plant("crossing") | {"profile": {"file": "none.csv"}}
    assert set(RecordedDemand.file_keys()) == takes(recorded, ("profile",))


@pytest.mark.parametrize("kind", USUAL)
def test_what_wears_has_the_constructors_usual_figures(kind: str) -> None:
    model = {"detectors": DetectorFields, "controllers": ControllerFields, "pavement": PavementFields}[kind]
    notice = {"notice": USUAL[kind]["notice"] | {"cv": 0.0}}  # as the model writes it out
    assert model.model_validate({}).model_dump() == {**SPREAD, **USUAL[kind], **notice}


def test_incidents_have_the_constructors_usual_figures() -> None:
    assert IncidentFields.model_validate({}).model_dump() == INCIDENTS


def test_defaults_written_out_make_the_same_plant() -> None:
    whole: dict[str, Any] = TrafficNetworkFields.model_validate(BARE).model_dump(by_alias=True)
    short, long = built(used(BARE)), built(whole)
    assert short.spec == long.spec
    for made in (short, long):
        made.advance(4 * 3600.0)
    assert short.kpis() == long.kpis()
    assert short.kpis()["incidents"] > 0


def test_names_that_nothing_on_the_road_can_have_are_those_of_the_components() -> None:
    fields = rich_network()
    components = built(fields).kernel.components
    shared = {name for name in components if "." not in name and not name.endswith("_loop")}
    assert shared - {"a", "b", "J", "A1", "B1"} - {name for name in components if f"{name}_loop" in components} == (
        set(TAKEN) - {"network", OUT}
    )
    assert {name.rpartition(".")[2] for name in components if name.startswith("b.")} - {"all"} <= set(PARTS)
    assert refusal_of(changed(fields, ("links", "crew"), {})) == (
        "plant.links = 'crew': must be a name of a link without a dot that nothing else has"
    )


@pytest.mark.parametrize("name", ["crossing", "corridor", "grid_2x2", "grid_4x4"])
def test_what_conf_has_is_used_as_it_stands(name: str) -> None:
    fields = plant(name)
    assert repr(used(fields)) == repr(fields)
    assert unusual({"plant": fields}) == []


# One good and one bad value a field, where they are more than a type.
GOOD_AND_BAD: list[tuple[str, Any, Any]] = [
    ("tick", "10 s", 1e-9),
    ("sample", 1, True),
    ("wear", False, "false"),
    ("scale", 2, 0),
    ("technicians", 1, 0),
    ("travel", "10 min", -1),
    ("travel_times", [], ["c"]),
    ("profile", [1, 0, 2.5], [0, 0]),
    ("profile.factors", [0, 1], [1, -1]),
    ("profile.step", "15 min", 0),
    ("grid", None, 3),
    ("grid.rows", 2, 1_000_000),
    ("grid.columns", 3, 2.5),
    ("grid.spacing", 400, 0),
    ("grid.entry", 100, -100),
    ("grid.lanes", 2, 0),
    ("grid.lanes.ew", 3, True),
    ("grid.flow", 1800, 0),
    ("grid.speed", 8.3, -8),
    ("grid.friction", 0, -1),
    ("grid.turns", None, {"left": 0.5}),
    ("grid.demand", {"ew": 300}, {"we": 300}),
    ("grid.demand.ns", None, -240),
    ("grid.cycle", "90 s", 0),
    ("grid.splits", 2, {"ew": 0}),
    ("grid.wave", None, 0),
    ("grid.min_green", 10, 90),
    ("grid.max_green", 30, "long"),
    ("grid.pedestrians", 0, -1),
    ("grid.walk", 8, 1e9),
    ("common.friction", 2, "2 m"),
    ("links.a.length", 1000, 0),
    ("links.a.speed", 10, 0),
    ("links.a.lanes", {"left": {"to": {"b": 1}}, "rest": {"to": {"out": 0}}}, {"left": {"to": {"b": 0.9}}}),
    ("links.a.lanes.left.lanes", 2, 1.5),
    ("links.a.lanes.left.flow", 1500, None),
    ("links.a.lanes.left.to", {"b": 0.1, "out": 0.1}, {"b": 0.3}),
    ("links.a.demand", 0, -1),
    ("links.b.to", {"out": 0.4, "a": 0.6}, {"out": 0.4}),
    ("signals.J.cycle", "2 min", 0),
    ("signals.J.offset", 10, -10),
    ("signals.J.extension", 0, -3),
    ("signals.J.stages", {"one": {"links": ["a"]}}, {}),
    ("signals.J.stages.one.links", ["a", "b"], ["c"]),
    ("signals.J.stages.one.split", 30, 0),
    ("signals.J.stages.one.min_green", 10, 50),
    ("signals.J.stages.one.max_green", 60, 4),
    ("signals.J.stages.one.pedestrians", 0, "some"),
    ("signals.J.stages.one.walk", 0, -10),
    ("control.yellow", 4, -1),
    ("control.all_red", 1, float("nan")),
    ("control.startup", 2, "2"),
    ("control.yellow_used", 0, 6),
    ("control.hold", "1 min", 0),
    ("incidents.per_day", 0, -1),
    ("incidents.remaining", 0.9, 1),
    ("incidents.duration", {"law": "exponential", "mean": "20 min"}, 0),
    ("economics.delay", 0, -18),
    ("economics.stop", 0, None),
    ("economics.co2", 0.2, "0.1 EUR"),
    ("sensors", {"b.vibration": {"bias": 1}}, {"b.vibrations": {"bias": 1}}),
    ("detectors.life", "2 days", 4),
    ("detectors.rate_cv", 0, -1),
    ("detectors.level_sd", 0, 0.9),
    ("detectors.preventive", "15 min", 0),
    ("detectors.corrective", {"law": "uniform", "mean": 60, "cv": 0.5}, {"law": "uniform", "mean": 60, "cv": 0.6}),
    ("detectors.notice", 1, None),
    ("detectors.preventive_cost", 0, -8),
    ("detectors.corrective_cost", 0, float("inf")),
    ("detectors.downtime_cost", 1, -1),
    ("detectors.miss", 1, 1.2),
    ("detectors.failed", 1, 30),
    ("controllers.life", "60 d", 0),
    ("controllers.drift", 0, -10),
    ("pavement.life", 1000, "1000 h"),
    ("pavement.effect", 0.9, 1),
    ("pavement.broken", 1, 0),
]  # fmt: skip


@pytest.mark.parametrize(("where", "good", "bad"), GOOD_AND_BAD, ids=[row[0] for row in GOOD_AND_BAD])
def test_a_field_takes_a_good_value_and_refuses_a_bad_one(where: str, good: Any, bad: Any) -> None:
    fields = BASES["rich"] | ({"travel_times": None} if where == "grid" else {})
    built(used(changed(fields, at(where), good))).advance(60.0)
    refused = refusal_of(changed(fields, at(where), bad))
    assert refused.startswith(f"plant.{at(where)[0]}"), refused


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("grid.rows", 1_000_000, "grid.rows = 1000000: must be a whole number >= 1 and <= 400"),
        ("grid.rows", 300, "grid.rows = 300: must be a whole number, rows x columns <= 400 crossings"),
        ("grid.turns.left", 0.5, "grid.turns.left = 0.5, through = 0.8, right = 0.1: must sum to 1"),
        ("grid.min_green", 90, "grid.min_green = 90: must be a number of s <= max_green = 60"),
        ("control.yellow_used", 9, "control.yellow_used = 9: must be a number of s <= yellow + all_red = 5"),
        ("links.b.to", {"out": 0.5}, "links.b.to: its shares must sum to 1, they sum to 0.5"),
        ("links.b.to", {"aa": 1}, "links.b.to.aa: there is no such link; did you mean a?"),
        ("links.a.lanes.left.to.b", 0.5, "links.a.lanes: the shares of all its groups must sum to 1, they sum to 1.3"),
        ("signals.J.stages", {}, "signals.J.stages = {}: must not be empty"),
        ("signals.J.stages.one.links", "a", "signals.J.stages.one.links = a: must be a list"),
        (
            "signals.J.stages.one.links",
            ["a.lefft"],
            "signals.J.stages.one.links = a.lefft: there is no such link or group of lanes; did you mean a.left?",
        ),
        ("travel_times", ["a", "a"], "travel_times = [a, a]: must name each link once"),
        (
            "travel_times",
            ["a", "west1_B1"],
            "travel_times[1] = west1_B1: there is no such link; did you mean ",
        ),
        ("sensors", {"A1.nois": {}}, "sensors.A1.nois: there is no such signal; did you mean A1.noise?"),
        ("links.a.lanes.demand", {"to": {"b": 0}}, "links.a.lanes = 'demand': must be a name of a group without a dot"),
        ("profile", 3, "profile = 3: must be a list of factors, or a mapping of factors and step, or of file, column"),
        ("detectors.life", 4, "detectors.life = 4: must be a number of s >= 60 and <= 1e+12, or with a unit: 90 min"),
        ("common.lenght", 300, "common.lenght: there is no such field; did you mean length? fields are length, speed"),
    ],
)
def test_a_refusal_names_path_value_and_what_is_allowed(where: str, value: Any, message: str) -> None:
    assert refusal_of(changed(BASES["rich"], at(where), value)).startswith(f"plant.{message}")


def test_a_number_is_a_name_too() -> None:
    fields = plant("crossing") | {"links": {2: {"demand": 30, "to": {3: 1.0}}, 3: {}}, "grid": None}
    assert list(built(used(fields))._roads.links) == ["2", "3"]


def test_a_network_needs_a_link() -> None:
    assert refusal_of({"_target_": TrafficNetworkFields.path}) == (
        "plant.links = {}: must be one link or more (at most 2000), or there must be a grid"
    )


def test_more_than_a_road_can_carry_is_refused_or_asked_about() -> None:
    fields = changed(changed(plant("crossing"), ("scale",), 90), ("grid", "demand", "ew"), 19_000.0)
    assert refusal_of(fields) == (
        "plant.scale = 90: must be a number <= 5.26316: more than 100000 veh/h would enter at west1_A1"
    )
    asked = changed(plant("corridor"), ("pavement", "life"), 100)
    assert unusual({"plant": asked}) == ["plant.pavement.life = 100 veh: less than 1000 veh, is it meant?"]


def test_a_worn_road_keeps_some_of_its_capacity() -> None:
    """Wear passes 1 before some fail; what it takes is never more than there is."""
    worn = changed(plant("crossing"), ("pavement",), {"life": 100.0, "effect": 0.9, "level_sd": 0.5, "rate_cv": 0.0})
    made = built(used(changed(worn, ("detectors",), {"life": 60, "miss": 1.0, "level_sd": 0.5})))
    for tick in range(1, 360):
        made.advance(tick * 10.0)
        assert all(0.0 < lanes.headway < 1000.0 for lanes in made._roads.lanes.values())
    assert made.kpis()["maintenance_corrective"] > 0


@settings(max_examples=60)
@given(data=st.data(), base=st.sampled_from(sorted(BASES)))
def test_any_change_is_refused_in_a_line_or_runs(data: st.DataObject, base: str) -> None:
    changes: list[Mutation] = data.draw(mutations(BASES[base]))
    hold(BASES[base], changes)
