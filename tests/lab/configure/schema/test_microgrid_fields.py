"""The model of a microgrid: the constructor's fields and defaults, what it refuses and in which words."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plants.microgrid import Microgrid
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
from tests.lab.configure.schema.rich_plants import rich_microgrid
from twin.lab.configure.schema.checked import unusual
from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.plants.battery import BatteryFields, FadeFields, HeatFields
from twin.lab.configure.schema.plants.generator import GeneratorFields
from twin.lab.configure.schema.plants.grid import GridFields, OutageFields
from twin.lab.configure.schema.plants.inputs import InputFields
from twin.lab.configure.schema.plants.load import JobFields, LoadFields, ProfileFields
from twin.lab.configure.schema.plants.microgrid import TAKEN, MicrogridFields, PriceSteps, SensorNoise, SiteEconomics
from twin.lab.configure.schema.plants.network import MeterFaults
from twin.lab.configure.schema.plants.power_asset import AgeingFields, CellAgeing, UpkeepFields
from twin.lab.configure.schema.plants.solar import InverterFields, PanelsFields
from twin.lab.configure.schema.plants.weather import WeatherFields
from twin.lab.configure.schema.plants.wind import TurbineFields

MODELS: dict[tuple[str, ...], type[Fields]] = {
    ("weather",): WeatherFields,
    ("panels",): PanelsFields,
    ("panels", "upkeep"): UpkeepFields,
    ("inverter",): InverterFields,
    ("inverter", "ageing"): AgeingFields,
    ("wind",): TurbineFields,
    ("battery",): BatteryFields,
    ("battery", "fade"): FadeFields,
    ("battery", "heat"): HeatFields,
    ("battery", "ageing"): CellAgeing,
    ("generator",): GeneratorFields,
    ("grid",): GridFields,
    ("grid", "outages"): OutageFields,
    ("tariff",): PriceSteps,
    ("loads", "homes"): LoadFields,
    ("loads", "homes", "profile"): ProfileFields,
    ("loads", "charging", "jobs"): JobFields,
    ("economics",): SiteEconomics,
    ("noise",): SensorNoise,
    ("sensors", "battery.stored"): MeterFaults,
}
BASES = {"plain": plant("microgrid"), "rich": rich_microgrid(), "reference": plant("microgrid_reference")}
JOBS = {"every": {"law": "exponential", "mean": 14_400.0}, "energy": 22.0, "power": 11.0}
BARE: dict[str, Any] = {
    "_target_": MicrogridFields.path,
    "loads": {"homes": {"profile": {}}, "charging": {"jobs": JOBS}},
    "panels": {"rated": 190.0, "upkeep": {}},
    "inverter": {"rated": 160.0, "ageing": {"life": 700.0}, "upkeep": {}},
    "wind": {"rated": 30.0},
    "battery": {"capacity": 240.0, "power": 80.0, "ageing": {"life": 5.0}, "fade": {"cycle": 1e-3}, "heat": {}},
    "generator": {"rated": 60.0, "ageing": {"shock_life": 50.0}, "upkeep": {}},
    "grid": {"outages": {"every": "1 d", "lasts": "3 h"}},
    "weather": {},
    "economics": {},
    "noise": {},
}


def test_the_top_level_is_the_constructors() -> None:
    parameters = {k: p for k, p in inspect.signature(Microgrid).parameters.items() if k not in ("seed", "network")}
    fields = {k: f for k, f in MicrogridFields.model_fields.items() if k != "target"}
    assert fields.keys() == parameters.keys()
    assert {k: f.default for k, f in fields.items()} == {k: p.default for k, p in parameters.items()}


@pytest.mark.parametrize("path", MODELS, ids=".".join)
def test_every_level_has_the_keys_that_the_constructor_takes(path: tuple[str, ...]) -> None:
    assert set(MODELS[path].file_keys()) == takes(rich_microgrid(), path)


def test_recorded_inputs_have_the_keys_that_the_constructor_takes() -> None:
    assert set(InputFields.file_keys()) == takes(plant("microgrid") | {"inputs": {"csv": "none.csv"}}, ("inputs",))


def test_defaults_written_out_make_the_same_plant() -> None:
    whole: dict[str, Any] = MicrogridFields.model_validate(BARE).model_dump(by_alias=True)
    short, long = built(used(BARE)), built(whole)
    assert short.spec == long.spec
    short.advance(10 * 86_400.0), long.advance(10 * 86_400.0)
    assert short.kpis() == long.kpis()
    assert short.kpis()["maintenance_corrective"] > 0


def test_names_that_no_load_can_have_are_those_of_the_components() -> None:
    loads = rich_microgrid()["loads"]
    assert set(built(rich_microgrid()).kernel.components) - set(loads) == set(TAKEN)
    assert refusal_of(changed(rich_microgrid(), ("loads", "books"), loads["homes"])) == (
        "plant.loads = 'books': must be a name of a load without a dot that nothing else has"
    )


@pytest.mark.parametrize("name", ["microgrid", "microgrid_windy", "microgrid_reference"])
def test_what_conf_has_is_used_as_it_stands(name: str) -> None:
    fields = plant(name)
    assert repr(used(fields)) == repr(fields)
    assert unusual({"plant": fields}) == []


# One good and one bad value a field, where they are more than a type.
GOOD_AND_BAD: list[tuple[str, Any, Any]] = [
    ("tick", "15 min", 0.5),
    ("sample", "60 s", 1e-9),
    ("wear", False, "yes"),
    ("weather.latitude", -35, 90),
    ("weather.first_day", 180, 0),
    ("weather.cloudiness", 0.9, 1),
    ("weather.warmth", -10, 200),
    ("weather.seasonal", 0, -1),
    ("weather.daily", 12.5, True),
    ("weather.wind", 12, -3),
    ("weather.rain", 0, 0.6),
    ("tariff.repeat", "1 d", float("nan")),
    ("tariff.values", [0, 0.1, 0.2, 0.3, 0.4], [0.1]),
    ("tariff.times", [0, "6 h", "17 h", "21 h", "22 h"], [0, 1, 2, 3, 4]),
    ("export_tariff.values", [0], [-0.1]),
    ("carbon", None, {"times": [0], "values": ["low"]}),
    ("economics.carbon_price", 0, -1),
    ("economics.unserved_cost", 100, "6"),
    ("noise.power", 0, -0.1),
    ("noise.energy", 1, None),
    ("noise.temperature", 2, float("inf")),
    ("noise.vibration", 0.5, [0.1]),
    ("noise.irradiance", 20, "8 W"),
    ("sensors", {"grid.power": {"dropout": 0.5}}, {"grid.power": {"dropout": 50}}),
    ("panels.rated", "0.2 MW", 0),
    ("panels.tilt", 90, 100),
    ("panels.facing", 90, -90),
    ("panels.warm_loss", 0, 4),
    ("panels.noct", 50, 0),
    ("panels.soiling", 0.01, 1.5),
    ("panels.soiling_most", 0.5, 1),
    ("panels.washing", 1, 2),
    ("inverter.rated", 200, -160),
    ("inverter.own_use", 0.01, 1),
    ("inverter.efficiency", 1, 97.5),
    ("inverter.wear_loss", 1, 1.5),
    ("inverter.rise", 0, -30),
    ("inverter.wear_rise", 0, 1e9),
    ("inverter.lag", "30 min", 0),
    ("inverter.ageing", None, True),
    ("inverter.ageing.life", "1000 h", 0),
    ("inverter.ageing.rate_cv", 0, 1e6),
    ("inverter.ageing.noise_cv", 1, 0),
    ("inverter.ageing.level_sd", 0, 0.6),
    ("inverter.ageing.shock_life", float("inf"), float("nan")),
    ("inverter.upkeep.preventive", "4 h", 0),
    ("inverter.upkeep.response", {"scipy": "expon", "scale": 3600}, {"scipy": "norm"}),
    ("inverter.upkeep.corrective", {"law": "weibull", "mean": "8 h", "cv": 0.5}, {"law": "weibul", "mean": 8}),
    ("inverter.upkeep.preventive_cost", 0, -1),
    ("inverter.upkeep.corrective_cost", 1e6, 1e12),
    ("wind.rated", 5, None),
    ("wind.cut_in", 2, 12),
    ("wind.rated_speed", 13, 30),
    ("wind.cut_out", 20, 10),
    ("battery.capacity", "1 MWh", "1 MW"),
    ("battery.power", "100 kW", 1e7),
    ("battery.efficiency", 1, 1.01),
    ("battery.initial", 0, 50),
    ("battery.reserve", 1, -0.1),
    ("battery.standby", 0, 20),
    ("battery.fade", {}, 0.1),
    ("battery.fade.calendar", 0, 2),
    ("battery.fade.cycle", 0, 2),
    ("battery.fade.depth_exponent", 0, 1e6),
    ("battery.fade.resistance", 0, 1e6),
    ("battery.fade.cell_price", 0, -1),
    ("battery.heat.rise", 0, 5000),
    ("battery.heat.lag", "90 min", 0),
    ("battery.ageing.life", 3000, "700 h"),
    ("generator.rated", 60, 0),
    ("generator.min_load", 0, 30),
    ("generator.idle_fuel", 0, 60),
    ("generator.fuel", 0.3, -0.2),
    ("generator.fuel_price", 0, 1e6),
    ("generator.fuel_carbon", 0, 1e6),
    ("generator.start_time", "1 min", -1),
    ("generator.start_cost", 0, -1),
    ("generator.start_wear", "30 min", -1),
    ("generator.standby_wear", 0, 100),
    ("generator.vibration", 0, -1),
    ("generator.vibration_wear", 0, -1),
    ("grid.import_limit", None, -1),
    ("grid.export_limit", 0, "all"),
    ("grid.peak_charge", 0, -6),
    ("grid.peak_period", "30 d", 0),
    ("grid.outages", None, []),
    ("grid.outages.every", "5 d", 1),
    ("grid.outages.lasts", {"law": "exponential", "mean": "2 h"}, {"law": "exponential", "mean": -1}),
    ("loads.homes.priority", -3, "first"),
    ("loads.homes.profile.mean", "14 kW", -14),
    ("loads.homes.profile.shape", "office", "offices"),
    ("loads.homes.profile.seasonal", 1, 2),
    ("loads.homes.profile.noise", 0, -1),
    ("loads.charging.jobs.every", "4 h", 0.001),
    ("loads.charging.jobs.energy", {"law": "gamma", "mean": "22 kWh", "cv": 0.4}, "4 h"),
    ("loads.charging.jobs.power", "11 kW", 0),
    ("loads.charging.jobs.slack", "30 min", -1),
]  # fmt: skip


@pytest.mark.parametrize(("where", "good", "bad"), GOOD_AND_BAD, ids=[row[0] for row in GOOD_AND_BAD])
def test_a_field_takes_a_good_value_and_refuses_a_bad_one(where: str, good: Any, bad: Any) -> None:
    fields = BASES["rich"]
    built(used(changed(fields, at(where), good))).advance(7200.0)
    refused = refusal_of(changed(fields, at(where), bad))
    assert refused.startswith(f"plant.{at(where)[0]}"), refused


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("weather.wind", -3, "weather.wind = -3: must be a number of m/s >= 0 and <= 60"),
        ("wear", "no", "wear = no: must be true or false"),
        ("battery.efficiency", 1.2, "battery.efficiency = 1.2: must be a number >= 0.1 and <= 1"),
        ("battery.power", 1e6, "battery.power = 1e+06: must be a number of kW <= 864000, at which it lasts a second"),
        (
            "battery.heat.rise",
            3000,
            "battery.heat.rise = 3000: must be a number of degC <= 90.6: full power would warm worn cells by 33115 deg "
            "C",
        ),
        (
            "battery.cappacity",
            3,
            "battery.cappacity: there is no such field; did you mean capacity? fields are capacity, power, efficiency, "
            "initial, reserve, fade, heat, ageing, upkeep, standby",
        ),
        (
            "grid.peak_period",
            "30 kW",
            "grid.peak_period = 30 kW: kW is no unit of it: must be one of ms, s, min, h, d, day, days, week, weeks, "
            "sec, minutes, hours",
        ),
        (
            "loads.charging.jobs.every.mean",
            0.01,
            "loads.charging.jobs.every = {law: exponential, mean: 0.01}: its mean of 0.01 must be a number of s >= 10 "
            "and <= 1e+12, or with a unit: 90 min",
        ),
        (
            "loads.charging.jobs.power",
            0.001,
            "loads.charging.jobs.power = 0.001: must be a number of kW >= 0.00251: a job of 22 kWh would take 2.2e+04 "
            "h",
        ),
        (
            "loads.homes.jobs",
            JOBS,
            "loads.homes = {priority: 3, profile: {mean: 14.0, shape: homes, seasonal: …: must have a profile or "
            "jobs, not both; null switches one off",
        ),
        ("loads.homes", None, "loads.homes = null: must have a profile or jobs: there are no recorded inputs"),
        ("tariff.times", [0, 9, 18, 27, 36], "tariff.times = 9: must be a multiple of the inputs' step of 3600 s"),
        ("panels", None, "panels = null: must be a mapping of panels where there is an inverter"),
        ("inputs", {"csv": "a", "steel": "b"}, "inputs = {csv: a, steel: b}: must name one of citylearn, steel, csv"),
        ("inverter.rated", None, "inverter.own_use = 0.004: must be 0 where rated is null: it is a share of rated"),
        ("wind.cut_in", 12, "wind.rated_speed = 11: must be a number of m/s > cut_in = 12 and < cut_out = 25"),
    ],
)
def test_a_refusal_names_path_value_and_what_is_allowed(where: str, value: Any, message: str) -> None:
    assert refusal_of(changed(BASES["rich"], at(where), value)) == f"plant.{message}"


def test_a_sensor_that_is_not_there_is_told_by_the_one_that_was_meant() -> None:
    refused = refusal_of(plant("microgrid") | {"sensors": {"batery.stored": {"drift": 0.05}}})
    assert refused.startswith("plant.sensors.batery.stored: there is no such signal; did you mean battery.stored? ")


def test_a_life_of_hours_is_asked_about_with_its_unit() -> None:
    fields = changed(plant("microgrid"), ("generator", "ageing", "life"), 4)
    assert unusual({"plant": fields}) == ["plant.generator.ageing.life = 4 h: less than 24 h, is it meant?"]


@settings(max_examples=60)
@given(data=st.data(), base=st.sampled_from(sorted(BASES)))
def test_any_change_is_refused_in_a_line_or_runs(data: st.DataObject, base: str) -> None:
    changes: list[Mutation] = data.draw(mutations(BASES[base]))
    hold(BASES[base], changes)
