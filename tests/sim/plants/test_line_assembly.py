"""The long line of conf/plant/line_assembly.yaml: it flows, in balance, and its people have work."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.plants.production_line import ProductionLine

FILE = Path(__file__).parents[3] / "conf/plant/line_assembly.yaml"


@pytest.fixture(scope="module")
def fields() -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    del given["_target_"]
    return given


@pytest.mark.parametrize("seed", [11, 12])
def test_it_makes_most_of_what_its_slowest_station_could(fields: dict[str, Any], seed: int) -> None:
    line = ProductionLine(seed=seed, **fields)
    line.advance(6 * 86400.0)
    figures = line.kpis()
    best = 3600.0 / 54.0  # final_assembly
    assert 0.7 * best < figures["throughput_per_hour"] < 0.95 * best
    assert figures["maintenance_corrective"] > 6 * 3
    assert figures["maintenance_preventive"] > 6  # its standing plans
    shares = line.truth()["state_seconds"]
    assert all(own["busy"] > 0.6 * 6 * 86400.0 for name, own in shares.items() if name != "rework_bench")
    assert shares["rework_bench"]["busy"] > 0


def test_without_failures_it_comes_close_to_its_slowest_station(fields: dict[str, Any]) -> None:
    line = ProductionLine(seed=13, wear=False, **fields)
    line.advance(2 * 86400.0)
    assert line.kpis()["throughput_per_hour"] > 0.9 * 3600.0 / 54.0
