"""The mean day of a table of counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.road.demand import make_profile
from tests.sim.road.networks import load

WEEK = [f"2024-01-{day:02d} {hour:02d}:00,{100 + 50 * (hour == 8)}" for day in range(1, 8) for hour in range(24)]


def factors(folder: Path, *rows: str, header: str = "date_time,traffic_volume", **options: Any) -> tuple[float, ...]:
    """What a header and rows make of the day."""
    path = folder / "volumes.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return make_profile({"file": str(path), **options}).factors


def test_a_recorded_day(tmp_path: Path) -> None:
    found = factors(tmp_path, *WEEK, "", WEEK[3])  # a blank line; a time that appears twice counts once
    assert np.mean(found) == pytest.approx(1.0)
    assert found[8] / found[7] == pytest.approx(1.5)


def test_columns_of_other_names_and_quarters_of_hours(tmp_path: Path) -> None:
    rows = [f"{100 + 50 * (q // 4 % 24 == 8)},2024-01-01T{q // 4:02d}:{q % 4 * 15:02d}" for q in range(96)]
    found = factors(tmp_path, *rows, header="vehicles,when", column="vehicles", time="when")
    assert found[8] / found[7] == pytest.approx(1.5)


def test_a_table_drives_a_network(tmp_path: Path) -> None:
    factors(tmp_path, *WEEK)
    plant = load("corridor", profile={"file": str(tmp_path / "volumes.csv")})
    plant.advance(600.0)
    assert plant._tally.born() > 0


def test_weekends_count_where_asked(tmp_path: Path) -> None:
    rows = [row.replace(",100", ",300") if row[:10] in ("2024-01-06", "2024-01-07") else row for row in WEEK]
    weekdays, week = factors(tmp_path, *rows), factors(tmp_path, *rows, weekdays=False)
    assert weekdays[8] / weekdays[7] == pytest.approx(1.5)
    assert week[8] / week[7] == pytest.approx(150 * 7 / (100 * 5 + 300 * 2))
    with pytest.raises(ValueError, match=r"has no volume at 0 h of Monday to Friday: must have every hour"):
        factors(tmp_path, *rows[5 * 24 :])


def test_the_hour_is_that_of_the_row_s_own_clock(tmp_path: Path) -> None:
    """Summer time begins on 31 March 2024: 8 h by the clock is 7 h UTC before it and 6 h after."""
    winter = [f"{row[:10].replace('-01-', '-03-')}T{row[11:16]}+01:00{row[16:]}" for row in WEEK]
    summer = [row.replace("-03-", "-04-").replace("+01:00", "+02:00") for row in winter]
    found = factors(tmp_path, *winter, *summer, gaps="skip")
    assert found[8] / found[7] == pytest.approx(1.5)
    assert found[7] == found[9]


def test_gaps_are_refused_skipped_or_filled(tmp_path: Path) -> None:
    rows = [*WEEK[:8], *WEEK[9:30], WEEK[30].partition(",")[0] + ",", *WEEK[31:]]
    assert factors(tmp_path, *rows, gaps="skip")[8] == pytest.approx(factors(tmp_path, *WEEK)[8])
    for gaps in ("interpolate", "hold"):
        found = factors(tmp_path, *rows, gaps=gaps)  # one of five mornings has 100 at 8 h
        assert found[8] / found[7] == pytest.approx(1.4)
    with pytest.raises(ValueError, match=r"row 31, traffic_volume = '': .*; gaps: skip leaves it out"):
        factors(tmp_path, *rows)
    with pytest.raises(ValueError, match=r"row 10, date_time = .*09:00'.*: must be 3600 s after the row before"):
        factors(tmp_path, *WEEK[:8], *WEEK[9:])


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([*WEEK, "2024-01-01 08:00,7"], {}, r"row 170, traffic_volume = '7': must be 150 as in row 10, which has the"),
        ([*WEEK[:2], "2024-01-01 02:00"], {}, "row 4 has 1 cells, the header has 2"),
        ([*WEEK[:2], "2024-01-01 02:00,-1"], {}, r"row 4, traffic_volume = '-1': must be a number >= 0 \(vehicles\)"),
        ([*WEEK[:2], "second,1"], {}, "row 4, date_time = 'second': must be a time in ISO 8601"),
        (["0,1", "3600,2"], {}, r"row 2, date_time = '0': must be a date and an hour \(ISO 8601\)"),
        (
            WEEK,
            {"column": "volume"},
            r"profile.column = 'volume': must be a column of .*volumes.csv, which has date_time, traffic",
        ),
        (WEEK, {"time": "time"}, r"profile.time = 'time': must be a column of .*volumes.csv, which has date_time, "),
        (WEEK, {"gaps": "leave"}, "profile.gaps = 'leave': must be one of refuse, interpolate, hold, skip"),
        (WEEK, {"weekdays": "no"}, "profile.weekdays = 'no': must be true or false"),
        (WEEK, {"colum": "x"}, "profile: 'colum' is unknown; did you mean column"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, rows: list[str], options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        factors(tmp_path, *rows, **options)


def test_the_metro_interstate_data_where_they_are() -> None:
    found = [p / "shared/data/metro_i94" for p in Path(__file__).parents if (p / "shared/data/metro_i94").is_dir()]
    if not found:
        pytest.skip("the data set is not here")
    path = str(next(found[0].glob("*.csv")))
    profile = make_profile({"file": path, "gaps": "skip"})
    assert max(profile.factors) == profile.factors[16] == pytest.approx(1.74, abs=0.02)
    with pytest.raises(
        ValueError, match=r"row \d+, date_time = '2012.*': must be 3600 s after the .*; gaps: skip leaves it out"
    ):
        make_profile({"file": path})
