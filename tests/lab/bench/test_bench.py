"""The benches: what they count and print, not how fast this machine happens to be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Tandem
from twin.lab.bench import road_speed
from twin.lab.bench.pairing import pairs, serial_line
from twin.lab.bench.plant_speed import FEATURES, copying, cycles, line, plain_line, simulate, speed


@pytest.mark.parametrize("features", FEATURES)
def test_a_line_works_has_what_it_says_and_is_recorded(features: str, tmp_path: Path) -> None:
    plant = line(4, features)
    assert simulate(plant, 6000.0, tmp_path if features == "everything" else None) > 0
    figures = plant.kpis()
    assert cycles(plant) > 4 * 6000 / 6 * 0.4
    assert (figures["maintenance_corrective"] > 10) == (features != "off")
    assert (figures["energy_kwh"] > 0) == (features == "everything")
    assert (figures["scrap_parts"] > 0) == (features == "everything")
    assert (tmp_path / "tables/readings/part-00000.parquet").is_file() == (features == "everything")


def test_ours_and_plain_simpy_play_the_same_line() -> None:
    """As many cycles in the same time, within chance: the ratio compares like with like."""
    found = speed(5, "failures", work=60_000.0, repeats=1)
    assert found.ratio == found.ours / found.plain > 0
    for fail in (False, True):
        plant = line(5, "failures" if fail else "off")
        simulate(plant, 60_000.0)
        assert cycles(plant) == pytest.approx(_plain_cycles(60_000.0, fail), rel=0.05)


def _plain_cycles(horizon: float, fail: bool) -> float:
    import time
    from unittest.mock import patch

    with patch.object(time, "process_time", side_effect=[0.0, 1.0]):  # cycles per second of one second
        return plain_line(5, horizon, fail=fail)


def test_copies_are_measured() -> None:
    found = copying(3, "everything", repeats=1)
    assert found.keys() == {"fork", "fork, reseeded", "snapshot", "restore", "bytes"}
    assert min(found.values()) > 0


def test_pairs_compare_what_they_say() -> None:
    random = np.random.default_rng(1)
    luck = random.normal(size=4000)
    (pair,) = pairs({"a": 5 + luck, "b": 3 + luck + 0.1 * random.normal(size=4000)})  # type: ignore[dict-item]
    assert pair.mean == pytest.approx(2.0, abs=0.01)
    assert pair.paired == pytest.approx(0.1, rel=0.05)
    assert pair.reduction == pytest.approx(2**0.5 / 0.1, rel=0.1)
    (alike,) = pairs({"a": [1.0, 1.0], "b": [1.0, 1.0]})
    assert np.isnan(alike.reduction)  # a share of no spread


def test_a_plan_changes_no_draw_but_its_own_line_s_course() -> None:
    """Common random numbers: the n-th life of a station has the same luck under every plan."""
    never, early = serial_line(3, {}), serial_line(3, {"wear": 0.5})
    for plant in (never, early):
        plant.advance(20 * 86_400.0)
    for name in ("saw", "mill_1"):
        lives = [plant._stations[name].wear for plant in (never, early)]
        assert lives[0] is not None
        assert lives[1] is not None
        while lives[0].number < lives[1].number:
            lives[0].renew(perfect=True)
        while lives[1].number < lives[0].number:
            lives[1].renew(perfect=True)
        assert lives[0].rate == lives[1].rate


def test_the_commands(tandem: Tandem, tmp_path: Path) -> None:
    done = tandem("bench", "pairing", "seeds=2", "days=1", f"json={tmp_path}/pairs.json")
    assert done.returncode == 0, done.stderr
    assert "run to failure" in done.stdout
    assert len(json.loads((tmp_path / "pairs.json").read_text())) == 10
    done = tandem(
        "bench", "plant", "stations=2", "features=everything", "work=6000", "repeats=1", f"json={tmp_path}/b.json"
    )
    assert done.returncode == 0, done.stderr
    assert {"speed.everything.2", "fork_s.off", "growth_cost.everything"} <= {
        row["name"] for row in json.loads((tmp_path / "b.json").read_text())
    }
    for wrong, says in (
        (("bench",), "there is no such bench; there are plant, pairing, roads"),
        (("bench", "roads", "networks=moon"), "networks = moon: must be one of crossing"),
        (("bench", "plant", "features=magic"), "features = magic: must be one of off, failures, everything"),
        (("bench", "plant", "work=-1"), "work = -1: must be a number > 0"),
        (("bench", "pairing", "seeds=1"), "seeds = 1: must be at least 2"),
        (("bench", "pairing", "stations=1"), "has no such option"),
    ):
        done = tandem(*wrong)
        assert done.returncode == 2
        assert says in done.stderr


@pytest.mark.parametrize("features", road_speed.FEATURES)
def test_roads_are_timed_on_what_passes_them(features: str) -> None:
    found = road_speed.speed("crossing", features, hours=0.25, repeats=1)
    assert found.traversals > 300
    assert found.per_minute > 0
    assert bool(road_speed.network("crossing", features).truth()["wear"]) == (features == "everything")
