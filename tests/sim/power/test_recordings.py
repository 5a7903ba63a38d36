"""Tables as people have them: blank lines, gaps, other clocks, columns that nobody knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.power.recordings import read
from sim.power.records import Records
from tests.sim.power.grids import bare, hours, load
from tests.sim.power.test_records import citylearn

DAY = [f"2021-03-05T{hour:02d}:00:00,{3 + hour % 4},{0.2 + hour % 4 / 100:.2f}" for hour in range(24)]
HEADER = "time,load.home,price"


def table(folder: Path, *rows: str, header: str = HEADER, **options: Any) -> Records:
    """What is read of a header and rows."""
    path = folder / "x.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read({"csv": str(path), **options})


def test_lines_with_nothing_in_them_are_nothing(tmp_path: Path) -> None:
    plain = table(tmp_path, *DAY)
    assert plain.step == 3600.0
    assert plain.loads["home"][:5] == (3.0, 4.0, 5.0, 6.0, 3.0)
    assert table(tmp_path, *DAY, "", ",,", "  ") == plain
    assert table(tmp_path, DAY[0], "", *DAY[1:]) == plain


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*DAY[:23], "2021-03-05T23:00:00,3"], r"row 25 has 2 cells, the header has 3: must be as many \(time,"),
        ([*DAY[:2], "", DAY[2] + ",5"], "row 5 has 4 cells"),
        (
            [*DAY[:3], *DAY[4:]],
            r"row 5, time = .*04:00:00.: must be 3600 s after the row before .*, not 7200 s; gaps: ",
        ),
        ([*DAY[:3], DAY[2]], "row 5, time = .*02:00:00.: must be later than the row before"),
        ([DAY[0], ",3,0.2"], "row 3, time = ..: must be a time in ISO 8601"),
        ([DAY[0], "2021-03-05T01:00:00+01:00,3,0.2"], "row 3, time = .*: must be with a zone in every row, or in none"),
        (
            [DAY[0], "2021-03-05T01:00:00,,0.2"],
            r"row 3, load.home = '': must be a number >= 0 and <= 1e.06 \(kW\); gaps: interpolate",
        ),
        ([DAY[0], "2021-03-05T01:00:00,-3,0.2"], r"row 3, load.home = '-3': must be a number >= 0 and <= 1e.06 \(kW\)"),
        ([DAY[0], '2021-03-05T01:00:00,"3,5",0.2'], "row 3, load.home = '3,5': .*; a decimal comma must be a point"),
        ([DAY[0], "2021-03-05T01:00:00,inf,0.2"], "row 3, load.home = 'inf'"),
        ([DAY[0]], "has one row: must have at least two"),
        ([], "has no rows under a header"),
        ([DAY[0], "2021-03-05T01:00:00,1e300,0.2"], r"row 3, load.home = '1e300': must be a number >= 0 and <= 1e.06"),
        (DAY[6:], "begins 6 h after midnight and lasts 18 h: must begin at midnight"),
    ],
)
def test_the_row_that_is_wrong_is_named(tmp_path: Path, rows: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=f"x.csv: {words}"):
        table(tmp_path, *rows)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("time,Load,price", "column 'Load' is unknown; did you mean load. it takes time, load, "),
        ("time,load.home,prise", "column 'prise' is unknown; did you mean price. "),
        ("Time,load,price", "column 'Time' is unknown; did you mean time. "),
        ("time,load.home,comment", "column 'comment' is unknown; it takes .*; a column named in `ignore` is not read"),
        ("time,load.home,load.home", "row 1: two columns are named 'load.home'"),
        ("time,,price", "row 1: column 2 has no name"),
        ("time,load,load.load", r"loads must have a name each: load.NAME"),
        ("time,load.,price", r"loads must have a name each: load.NAME"),
    ],
)
def test_columns_that_nobody_knows_are_refused(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"x.csv: {words}"):
        table(tmp_path, *DAY, header=header)


def test_a_column_can_be_left_out(tmp_path: Path) -> None:
    header = "time,load.home,comment"
    assert table(tmp_path, *DAY, header=header, ignore=["comment"]).price is None
    assert table(tmp_path, *DAY, header=header, ignore="comment").loads["home"][1] == 4.0


def test_a_gap_of_centuries_is_not_filled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"row 4, time = '1e15': must be nearer to the row before"):
        table(tmp_path, "0,1,1", "3600,2,1", "1e15,3,1", gaps="hold")
    with pytest.raises(ValueError, match=r"inputs.ignore = 3: must be names of columns"):
        table(tmp_path, *DAY, ignore=3)


def test_gaps_are_filled_as_asked(tmp_path: Path) -> None:
    rows = [DAY[0], "2021-03-05T01:00:00,,0.21", *DAY[2:5], *DAY[7:]]  # an empty cell; 5 and 6 h are missing: 4, 5
    line = table(tmp_path, *rows, gaps="interpolate")
    assert line.loads["home"][:8] == pytest.approx((3.0, 4.0, 5.0, 6.0, 3.0, 4.0, 5.0, 6.0))
    held = table(tmp_path, *rows, gaps="hold")
    assert held.loads["home"][:8] == (3.0, 3.0, 5.0, 6.0, 3.0, 3.0, 3.0, 6.0)
    assert len(line) == len(held) == 24
    with pytest.raises(ValueError, match=r"inputs.gaps = 'guess': must be one of refuse, interpolate, hold"):
        table(tmp_path, *rows, gaps="guess")


def test_unequal_steps_are_put_on_the_usual_one(tmp_path: Path) -> None:
    rows = ["0,0,1", "3600,1,1", "7200,2,1", "9000,2.5,1", "14400,4,1"]
    assert table(tmp_path, *rows, gaps="interpolate").loads["home"] == pytest.approx((0.0, 1.0, 2.0, 3.0, 4.0))
    assert table(tmp_path, *rows, gaps="hold").loads["home"] == (0.0, 1.0, 2.0, 2.5, 4.0)
    with pytest.raises(ValueError, match=r"row 5, time = '9000': must be 3600 s after the row before .7200., not 1800"):
        table(tmp_path, *rows)
    with pytest.raises(ValueError, match=r"row 3, time = '3600': must be 1800 s after"):
        table(tmp_path, *rows, step=1800.0)


@pytest.mark.parametrize(
    "times",
    [
        ["0", "900", "1800"],
        ["1614902400", "1614903300", "1614904200"],
        ["1614902400000", "1614903300000", "1614904200000"],
        ["1614902400000000", "1614903300000000", "1614904200000000"],
        ["202103050000", "202103050015", "202103050030"],
        ["2021-03-05 00:00", "2021-03-05 00:15", "2021-03-05 00:30"],
        ["2021-03-05T00:00+01:00", "2021-03-05T00:15+01:00", "2021-03-05T00:30+01:00"],
        ["2021-03-05T00:00Z", "2021-03-05T00:15Z", "2021-03-05T00:30Z"],
    ],
)
def test_times_in_every_form(tmp_path: Path, times: list[str]) -> None:
    assert table(tmp_path, *[f"{time},1,2" for time in times]).step == 900.0


def test_times_without_a_zone_do_not_take_the_machine_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour that clocks skip in Berlin is there in a table without a zone; with offsets all hours are equal."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    rows = [f"2021-03-28T{hour:02d}:00,1,1" for hour in range(24)]
    assert table(tmp_path, *rows).step == 3600.0
    rows = ["2021-10-31T00:00+02:00,1,1", "2021-10-31T01:00+02:00,1,1", "2021-10-31T02:00+02:00,1,1"]
    assert len(table(tmp_path, *rows, "2021-10-31T02:00+01:00,1,1", "2021-10-31T03:00+01:00,1,1")) == 5


def test_a_day_begun_at_six_is_turned_to_midnight(tmp_path: Path) -> None:
    turned = table(tmp_path, *DAY[6:], *[row.replace("03-05", "03-06") for row in DAY[:6]])
    assert turned == table(tmp_path, *DAY)


def test_semicolons_and_tabs_separate_too(tmp_path: Path) -> None:
    plain = table(tmp_path, *DAY)
    for separator in ";\t":
        rows = [row.replace(",", separator) for row in DAY]
        assert table(tmp_path, *rows, header=HEADER.replace(",", separator)) == plain


def test_a_file_that_is_no_csv_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04\xff\xfe\x00\x00")
    with pytest.raises(ValueError, match=r"x.xlsx: is not a csv file in UTF-8"):
        read({"csv": str(path)})
    with pytest.raises(ValueError, match=r"inputs.csv = .*y.csv: No such file"):
        read({"csv": str(tmp_path / "y.csv")})


def test_the_steel_meter_s_quarters_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "steel.csv"
    clock = [900 * (1 + i) % 86400 for i in range(100)]
    path.write_text("\n".join(["date,Usage_kWh,NSM", *[f"x,2.5,{nsm}" for nsm in clock]]))
    assert len(read({"steel": str(path)}).loads["steel"]) == 100
    path.write_text("\n".join(["date,Usage_kWh,NSM", *[f"x,2.5,{nsm}" for nsm in clock if nsm != 1800]]))
    with pytest.raises(ValueError, match=r"row 3, NSM = '2700': must be 900 s after the row before"):
        read({"steel": str(path)})
    assert len(read({"steel": str(path), "gaps": "hold"}).loads["steel"]) == 100


def without(folder: Path, *keys: str, null: bool = False, building: str = "Building_1") -> Path:
    """A CityLearn folder whose schema lacks some parts of a building."""
    citylearn(folder)
    schema = json.loads((folder / "schema.json").read_text())
    for key in keys:
        schema["buildings"][building].pop(key)
        if null:
            schema["buildings"][building][key] = None
    (folder / "schema.json").write_text(json.dumps(schema))
    return folder


@pytest.mark.parametrize("null", [False, True])
def test_a_building_without_panels_has_none(tmp_path: Path, null: bool) -> None:
    folder = without(tmp_path, "pv", null=null)
    assert max(read({"citylearn": str(folder)}).pv or ()) == 3.0
    assert set(read({"citylearn": str(folder), "buildings": ["Building_1"]}).pv or ()) == {0.0}
    plant = load("microgrid_reference", inputs={"citylearn": str(folder), "buildings": ["Building_1"]}, battery=None)
    assert hours(plant, 24).kpis()["renewable_kwh"] == 0.0


@pytest.mark.parametrize("null", [False, True])
def test_prices_and_carbon_that_are_not_recorded_are_the_plant_s_own(tmp_path: Path, null: bool) -> None:
    folder = without(tmp_path, "pricing", "carbon_intensity", "weather", null=null)
    records = read({"citylearn": str(folder), "buildings": ["Building_1"]})
    assert records.price is records.carbon is records.temperature is records.irradiance is None
    plant = bare(inputs={"citylearn": str(folder), "buildings": ["Building_1"]})
    assert hours(plant, 24).kpis()["cost_energy"] == pytest.approx(24 * 0.2)
    assert plant.kpis()["carbon_kg"] == 0.0
    assert read({"citylearn": str(folder)}).price is not None  # the other building has them


def test_a_site_has_one_price(tmp_path: Path) -> None:
    folder = citylearn(tmp_path)
    (folder / "dear.csv").write_text("\n".join(["electricity_pricing", *["9"] * 48]))
    schema = json.loads((folder / "schema.json").read_text())
    schema["buildings"]["Building_2"]["pricing"] = "dear.csv"
    (folder / "schema.json").write_text(json.dumps(schema))
    with pytest.raises(ValueError, match=r"schema.json: .* have another pricing: a site has one; choose buildings"):
        read({"citylearn": str(folder)})
    assert set(read({"citylearn": str(folder), "buildings": ["Building_2"]}).price or ()) == {9.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "buildings: must be a mapping"),
        ('{"buildings": {}}', "buildings: must be a mapping"),
        ('{"buildings": {"a": {}}}', "a.energy_simulation = None: must name a file"),
        ('{"buildings": {"a": {"include": false}}}', "the schema includes none"),
        ('{"buildings": {"a": {"energy_simulation": "no.csv"}}}', r"inputs.citylearn = .*no.csv: No such file"),
        ('{"buildings": {"a": {"energy_simulation": "Building_1.csv", "pv": {}}}}', "a.pv.attributes.nominal_power"),
        ('{"buildings": {"a": {}}, "seconds_per_time_step": "3600"}', "seconds_per_time_step = '3600'"),
    ],
)
def test_a_schema_that_says_too_little_is_named(tmp_path: Path, text: str, words: str) -> None:
    folder = citylearn(tmp_path)
    (folder / "schema.json").write_text(text)
    with pytest.raises(ValueError, match=words):
        read({"citylearn": str(folder)})


def test_series_of_different_lengths_are_named(tmp_path: Path) -> None:
    folder = citylearn(tmp_path)
    (folder / "pricing.csv").write_text("\n".join(["electricity_pricing", *["0.1"] * 47]))
    with pytest.raises(ValueError, match=r"the same number of values, at least one; they have: .*price 47"):
        read({"citylearn": str(folder)})


def test_the_real_files_where_they_are() -> None:
    found = [each / "shared/data" for each in Path(__file__).parents if (each / "shared/data").is_dir()]
    if not found:
        pytest.skip("the data sets are not here")
    records = read({"citylearn": str(found[0] / "citylearn_2022")})
    assert (len(records), len(records.loads), records.step) == (8760, 5, 3600.0)
    steel = read({"steel": str(found[0] / "steel_energy/Steel_industry_data.csv")})
    assert np.mean(steel.loads["steel"]) == pytest.approx(4 * 27.387, rel=1e-4)
