"""The bench of replays: tables that are the same every time, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Tandem
from twin.lab.bench.recorded_tables import pump, sensors


def test_the_pump_fails_and_is_repaired() -> None:
    table = pump(17_520)
    failed = table["failure"]
    begun = int(((failed == 1) & (failed.shift(fill_value=0) == 0)).sum())
    assert 15 <= begun <= 35
    assert failed.sum() <= 6 * begun
    assert (table["load"][failed == 1] == 0).all()
    assert table.equals(pump(17_520))


def test_sensors_move_together() -> None:
    """Six movements of sixty signals: the six largest components explain nearly all."""
    values = sensors(2000).drop(columns="time").to_numpy()
    assert values.shape == (2000, 60)
    share = np.linalg.svd(values - values.mean(0), compute_uv=False) ** 2
    assert share[:7].sum() > 0.9 * share.sum()


@pytest.mark.slow
def test_the_bench_prints_and_writes_what_a_replay_costs(tandem: Tandem, tmp_path: Path) -> None:
    done = tandem("bench", "replay", "share=0.01", "surrogate=ewma", "files=tables", "json=rows.json")
    assert done.returncode == 0, done.stderr
    assert "ms per tick" in done.stdout
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert [(row["name"], row["ticks"]) for row in rows] == [("pump_hourly", 175.0), ("sensors_minute", 101.0)]
    assert all(row["value"] > 0 for row in rows)
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["pump_hourly.csv", "sensors_minute.csv"]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("share", ["0", "2", "half"])
def test_a_wrong_share_is_told(tandem: Tandem, share: str) -> None:
    done = tandem("bench", "replay", f"share={share}")
    assert done.returncode == 2
    assert f"share = {share}: must be a number from 0.01 to 1" in done.stderr
