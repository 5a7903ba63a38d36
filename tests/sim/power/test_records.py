"""Recorded inputs, in small files of the same form as the real ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.plants.microgrid import Microgrid
from sim.power.inputs import schedule_of
from sim.power.recordings import read
from sim.units import HOUR
from tests.sim.power.grids import bare, command, hours, load


def citylearn(folder: Path, hours: int = 48) -> Path:
    """Two buildings of 1 and 2 kW, panels of 4 and 6 kW that give a half by day, a price that is 0.1 or 0.4."""
    buildings = {}
    for number, rated in ((1, 4.0), (2, 6.0)):
        rows = [f"{number}.0,{500.0 if 8 <= h % 24 < 16 else 0.0}" for h in range(hours)]
        (folder / f"Building_{number}.csv").write_text("\n".join(["non_shiftable_load,solar_generation", *rows]))
        buildings[f"Building_{number}"] = {
            "energy_simulation": f"Building_{number}.csv",
            "weather": "weather.csv",
            "pricing": "pricing.csv",
            "carbon_intensity": "carbon_intensity.csv",
            "pv": {"attributes": {"nominal_power": rated}},
        }
    prices = ["0.4" if h % 24 >= 16 else "0.1" for h in range(hours)]
    (folder / "pricing.csv").write_text("\n".join(["electricity_pricing", *prices]))
    (folder / "carbon_intensity.csv").write_text("\n".join(["carbon_intensity", *["0.2"] * hours]))
    names = "outdoor_dry_bulb_temperature,direct_solar_irradiance,diffuse_solar_irradiance"
    (folder / "weather.csv").write_text("\n".join([names, *["20.0,300.0,100.0"] * hours]))
    (folder / "schema.json").write_text(json.dumps({"seconds_per_time_step": 3600, "buildings": buildings}))
    return folder


def test_a_citylearn_folder_is_pooled(tmp_path: Path) -> None:
    plant = load("microgrid_reference", inputs={"citylearn": str(citylearn(tmp_path))}, battery=None)
    figures = hours(plant, 24).kpis()
    assert figures["energy_kwh"] == pytest.approx(72.0)
    assert figures["renewable_kwh"] == pytest.approx(40.0)
    assert figures["import_kwh"] == pytest.approx(3 * 16)
    assert figures["cost_energy"] == pytest.approx(3 * (8 * 0.1 + 8 * 0.4))
    assert figures["carbon_kg"] == pytest.approx(3 * 16 * 0.2)
    assert {asset.name for asset in plant.spec.assets} >= {"building_1", "building_2"}


def test_chosen_buildings_only(tmp_path: Path) -> None:
    records = read({"citylearn": str(citylearn(tmp_path)), "buildings": ["Building_2"]})
    assert list(records.loads) == ["building_2"]
    assert max(records.pv or ()) == 3.0


def test_a_year_begins_again_after_its_end(tmp_path: Path) -> None:
    plant = load("microgrid_reference", inputs={"citylearn": str(citylearn(tmp_path))}, battery=None)
    first = hours(plant, 48).kpis()["cost"]
    assert hours(plant, 48).kpis()["cost"] == pytest.approx(2 * first)


def test_the_steel_table_is_kwh_per_quarter(tmp_path: Path) -> None:
    path = tmp_path / "steel.csv"
    path.write_text("\ufeffdate,Usage_kWh\n" + "\n".join(f"x,{2.5 * (1 + i % 2)}" for i in range(8)))
    plant = bare(inputs={"steel": str(path)})
    assert hours(plant, 1).kpis()["energy_kwh"] == pytest.approx(15.0)
    assert [consumer.name for consumer in plant._site.loads] == ["steel"]


def table(path: Path, text: str) -> dict[str, Any]:
    path.write_text(text)
    return {"csv": str(path)}


def test_any_table_with_a_header_will_do(tmp_path: Path) -> None:
    text = "time,load.a,load.b,pv,price\n2024-01-01T00:00,1,2,0,0.1\n2024-01-01T00:30,3,4,9,0.2\n"
    plant = bare(inputs=table(tmp_path / "x.csv", text), panels={"rated": 10.0})
    figures = hours(plant, 1).kpis()
    assert figures["cost_energy"] == pytest.approx(0.5 * 3 * 0.1)
    assert figures["export_kwh"] == pytest.approx(0.5 * 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("load\n1\n2\n", "inputs.step: is missing"),
        ("time,load\n0,1\n3600,x\n", "row 3, load = .x.: must be a number"),
        (
            "time,load\n0,1\n3600,nan\n",
            "row 3, load = .nan.: must be a number >= 0 and <= 1e.06 .kW.; gaps: interpolate or hold",
        ),
        ("time,load\n", "has no rows"),
        ("time,load\nnoon,1\nnight,2\n", "time = 'noon'"),
        ("time,load\n0,1\n7000,2\n", "inputs.step = 7000"),
        ("time,load\n0,1\n0.5,2\n", "inputs.step = 0.5"),
        ("time,load\n3600,1\n0,2\n", "row 3, time = .0.: must be later than the row before .3600."),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("'", ".")):
        bare(inputs=table(tmp_path / "x.csv", text))


def test_one_source_only(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must name one of citylearn, steel, csv"):
        bare(inputs={"csv": "a", "steel": "b"})
    with pytest.raises(ValueError, match=r"inputs with csv: .buildings. is unknown"):
        bare(inputs={"csv": "a", "buildings": ["b"]})
    with pytest.raises(ValueError, match=r"Building_9"):
        bare(inputs={"citylearn": str(citylearn(tmp_path)), "buildings": ["Building_9"]})
    (tmp_path / "Building_1.csv").write_text("x\n1\n")
    with pytest.raises(ValueError, match=r"no column 'non_shiftable_load'"):
        bare(inputs={"citylearn": str(tmp_path)})


def test_a_recorded_price_is_known_ahead_and_forks_share_the_series(tmp_path: Path) -> None:
    plant = load("microgrid_reference", inputs={"citylearn": str(citylearn(tmp_path))})
    price = plant.spec.known_future[0]
    assert [price.at(h * HOUR) for h in (0, 15, 16, 40, 48)] == [0.1, 0.1, 0.4, 0.4, 0.1]
    assert schedule_of("x", "price", "", (1.0, 1.0, 2.0), 60.0).times == (0.0, 120.0)
    fork = plant.fork()
    inputs: list[Any] = [each.kernel.components["inputs"] for each in (fork, plant)]
    assert inputs[0]._records is inputs[1]._records
    command(fork, "battery.follow", 0.0)
    assert hours(fork, 24).kpis()["cost"] > hours(plant, 24).kpis()["cost"]
    assert isinstance(Microgrid.restore(plant.snapshot()), Microgrid)
