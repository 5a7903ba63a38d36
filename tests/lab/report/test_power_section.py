"""The dispatch stack: found from links and signal kinds, silent where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.lab.runs import make_run
from twin.lab.record.loading import Run, load
from twin.lab.report import power_section as powerflow

HOUR = 3600.0
HOURS = 72


def grid_run(tmp_path: Path, **facts: Any) -> Run:
    """Three days of a sun that gives 4 kW from 8 to 16 h, a load of 2 kW, a store that takes and gives the rest."""
    run = load(make_run(tmp_path / "run"))
    at = np.arange(1, HOURS + 1) * HOUR
    sun = np.where((np.arange(HOURS) % 24 >= 8) & (np.arange(HOURS) % 24 < 16), 4.0, 0.0)
    series = {
        "roof.power": sun,
        "cells.power": 2.0 - sun,
        "house.power": np.full(HOURS, 2.0),
        "cells.kept": 10 + 0 * sun,
        "mains.price": 0.2 + 0 * sun,
    }
    rows = [pd.DataFrame({"time": at, "arrived": at, "signal": key, "value": v}) for key, v in series.items()]
    kinds = {"power": "power", "kept": "stored_energy", "price": "price"}
    told = {
        "tick": HOUR,
        "assets": [{"name": "roof", "type": "solar"}, {"name": "cells", "type": "battery"}],
        "links": [["roof", "home"], ["cells", "home"], ["home", "house"]],
        "signals": [{"key": key, "kind": kinds[key.split(".")[1]]} for key in series],
    }
    return Run(**{**run.__dict__, "readings": pd.concat(rows), "run": run.run | told | facts})


def test_supply_demand_and_store_are_told_apart(tmp_path: Path) -> None:
    flows = powerflow.flows_of(grid_run(tmp_path))
    assert flows is not None
    assert list(flows.supply.columns) == ["roof", "cells"]
    assert list(flows.demand.columns) == ["house"]
    assert flows.supply.sum(axis=1).to_numpy() == pytest.approx(2.0)
    assert len(flows.stored) == len(flows.price) == HOURS


def test_the_page_shows_the_last_days_and_the_average_day(tmp_path: Path) -> None:
    told = "".join(powerflow.section(grid_run(tmp_path), {}))
    for said in ("<svg", "the last 3 days", "hour of the day", "Stored, kWh", "Price", "roof", "cells", "loads"):
        assert said in told


def test_where_no_hub_joins_power_meters_there_is_no_stack(tmp_path: Path) -> None:
    assert list(powerflow.section(load(make_run(tmp_path / "line")), {})) == []
    assert powerflow.flows_of(grid_run(tmp_path / "b", links=[["roof", "cells"]])) is None
