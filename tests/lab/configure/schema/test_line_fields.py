"""A line's fields: what is refused, in which words, and units."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from omegaconf import OmegaConf

from sim.line.station_fields import STATION_FIELDS
from sim.line.station_parts import GAMMA, MAINTENANCE, MARKOV, MODE
from sim.telemetry.channel import FIELDS as CHANNEL
from sim.telemetry.sensors import FAULTS
from twin.lab.configure.compose import compose
from twin.lab.configure.schema.checked import checked, unusual
from twin.lab.configure.schema.plants import network, station
from twin.lab.configure.schema.plants.line import LineCrew, LineSpares
from twin.lab.errors import UserError


def config(plant: str = "serial_line") -> dict[str, Any]:
    composed: Any = OmegaConf.to_container(compose("run", [f"plant={plant}"]), resolve=True)
    return composed


def put(tree: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *above, last = path.split("/")
    node = tree
    for key in above:
        node = node.setdefault(key, {})
    node[last] = value
    return tree


def refusal(path: str, value: Any, plant: str = "serial_line") -> str:
    with pytest.raises(UserError) as error:
        checked(put(config(plant), path, value))
    text = str(error.value)
    assert "\n" not in text
    return text


REFUSED = [
    (
        "plant/stations/mill_1/failures",
        True,
        "plant.stations.mill_1.failures = true: must be a mapping of failure modes",
    ),
    ("plant/stations/mill_1/wear/life", "soon", "plant.stations.mill_1.wear.life = soon: must be a number of s >= 1"),
    ("plant/common/wear/lif", 4, "plant.common.wear.lif: there is no such field; did you mean life? fields are life,"),
    ("plant/common/wear/imperfect", 2, "plant.common.wear.imperfect = 2: must be a number >= 0 and <= 1"),
    (
        "plant/common/wear/speed_exponent",
        1e6,
        "plant.common.wear.speed_exponent = 1000000.0: must be a number >= 0 and",
    ),
    ("plant/common/power/busy", -5, "plant.common.power.busy = -5: must be a number of W >= 0"),
    ("plant/common/quality", 3, "plant.common.quality = 3: must be a mapping of quality: base, wear_effect"),
    ("plant/sample", [60], "plant.sample = [60]: must be a number of s >= 0.01"),
    ("plant/stations/saw/to", {"a": 1}, "plant.stations.saw.to = {a: 1}: must be the name of a station"),
    ("plant/common", 3, "plant.common = 3: must be a mapping of fields of a station"),
    ("plant/stations/saw/cycle/law", "gama", "plant.stations.saw.cycle.law = gama: did you mean gamma? must be one of"),
    ("plant/stations/saw/cycle", [3], "plant.stations.saw.cycle = [3]: must be a number of s >= 0.01"),
    ("plant/stations/saw/cycle", {"scipy": "triang", "d": 1}, "plant.stations.saw.cycle.d: there is no such parameter"),
    ("plant/stations/saw/cycle", {"law": "uniform", "mean": 9, "cv": 1}, "plant.stations.saw.cycle.cv = 1: must be"),
    (
        "plant/stations/saw/to",
        "lather",
        "plant.stations.saw.to = lather: there is no such station; did you mean lathe?",
    ),
    ("plant/stations/saw", 3, "plant.stations.saw = 3: must be a mapping of a station: type, cycle"),
    ("plant/stations", {}, "plant.stations = {}: must name at least one station"),
    ("plant/stations", None, "plant.stations = null: must be a mapping of stations by name"),
    ("plant/wear", "yes", "plant.wear = yes: must be true or false"),
    ("plant/technicians", True, "plant.technicians = true: must be a whole number >= 1"),
    ("plant/tariff/repeat", float("nan"), "plant.tariff.repeat = .nan: must be a number of s >= 1"),
    ("plant/tariff/repeat", 60.0, "plant.tariff.repeat = 60: must be a number of s > 75600"),
    ("plant/tariff/times", [0, 5, 5, 6], "plant.tariff.times = [0, 5, 5, 6]: must begin with 0 and rise"),
    ("plant/tariff/values", [0.1], "plant.tariff.values = [0.1]: must be as many as times, 4"),
    ("plant/sensors", ["saw.vibration"], "plant.sensors = [saw.vibration]: must be a mapping of faults of sensors"),
    ("plant/speed/low", 0, "plant.speed.low = 0: must be a number > 0 and <= 1"),
    ("plant/tick", "10", "plant.tick = 10: must be a number of s >= 0.01"),
    ("network/uplink/loss", 2, "network.uplink.loss = 2: must be a number >= 0 and <= 1"),
    ("network/uplink", "slow", "network.uplink = slow: must be a mapping of a channel: latency, loss"),
    ("twin/horizons", [1, float("nan")], "twin.horizons[1] = .nan: must be a whole number >= 1"),
    ("twin/horizons", [6, 1], "twin.horizons = [6, 1]: must be one number or more, rising"),
    ("policy/lead", float("nan"), "policy.lead = .nan: must be a whole number >= 1"),
    ("surrogate/optimizer/lr", True, "surrogate.optimizer.lr = true: must be a number > 0 and <= 10"),
]


@pytest.mark.parametrize(("path", "value", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_path_value_and_what_is_allowed(path: str, value: Any, message: str) -> None:
    assert refusal(path, value).startswith(message)


def test_a_mode_counted_in_cycles_takes_no_unit() -> None:
    mode = {"time": {"law": "geometric", "mean": "4 h"}, "clock": "cycles"}
    text = refusal("plant/stations/packer/failures/strap", mode, plant="line_assembly")
    assert "its clock counts cycles" in text


def test_units_become_numbers_where_they_were_given() -> None:
    given = config()
    put(given, "plant/tick", "10 min")
    put(given, "plant/common/wear/life", "40 h")
    put(given, "plant/common/maintenance/corrective/mean", "4.5 h")
    put(given, "plant/stations/saw/cycle/mean", "0.9 min")
    put(given, "plant/stations/saw/power", {"busy": "11 kW"})
    put(given, "plant/tariff/times", [0, "6 h", "17 h", "21 h"])
    put(given, "network/uplink/timeout", "250 ms")
    plant = checked(given)["plant"]
    assert plant["tick"] == 600.0
    assert plant["common"]["wear"]["life"] == 144000.0
    assert plant["common"]["maintenance"]["corrective"] == {"law": "lognormal", "mean": 16200.0, "cv": 0.4}
    assert plant["stations"]["saw"]["cycle"]["mean"] == 54.0
    assert plant["stations"]["saw"]["power"] == {"busy": 11000.0}
    assert plant["tariff"]["times"] == [0, 21600.0, 61200.0, 75600.0]
    assert list(plant) == list(given["plant"])
    assert checked(given)["network"]["uplink"]["timeout"] == 0.25


def test_legal_but_absurd_gets_a_warning_with_its_unit() -> None:
    lines = unusual(put(config(), "plant/common/wear/shock_life", 4.0))
    assert lines[0] == (
        "plant.stations.saw.wear.shock_life = 4 s: less than 600 s, is it meant? a unit may follow: 4 h"
    )


def test_a_short_life_between_failures_is_told_of_too() -> None:
    mode = {"time": {"law": "exponential", "mean": 4.0}}
    lines = unusual(put(config(), "plant/stations/saw/failures/jam", mode))
    assert lines == ["plant.stations.saw.failures.jam.time = 4 s: less than 60 s, is it meant? a unit may follow: 4 h"]


def test_the_models_have_the_fields_that_the_line_reads() -> None:
    assert tuple(station.StationFields.model_fields) == STATION_FIELDS
    assert tuple(station.GammaWear.model_fields) == GAMMA
    assert tuple(station.MarkovWear.model_fields) == MARKOV
    assert set(station.Mode.model_fields) == set(MODE)
    assert set(station.StationMaintenance.model_fields) == set(MAINTENANCE)
    assert set(network.ChannelFields.model_fields) == set(CHANNEL)
    assert set(network.SensorFaults.model_fields) == {*FAULTS, "noise", "gain", "period"}
    assert set(LineSpares.model_fields) == {"stock", "lead_time"}
    assert inspect.getdoc(LineCrew)
