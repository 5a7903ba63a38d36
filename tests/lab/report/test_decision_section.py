"""Decisions with their reasons, and what they came to in money."""

from __future__ import annotations

from pathlib import Path

from tests.lab.runs import ASSETS, make_run
from twin.lab.record.loading import load
from twin.lab.report.decision_section import section


def test_orders_stand_beside_what_planned_work_and_a_failure_cost(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=300))
    before = "".join(section(run, {}))
    assert "planned / failure" not in before
    assert "Renewals by asset" not in before
    run.run["orders"] = [
        {"asset": name, "actuator": f"{name}.maintain", "planned": 160.0, "failure": 3200.0} for name in ASSETS
    ]
    told = "".join(section(run, {}))
    assert "planned / failure" in told
    assert "160 / 3,200" in told
    assert "Renewals by asset" in told
    assert '<th scope="row">lathe</th><td>0</td><td>0</td><td>0</td><td>3</td><td>9,600</td>' in told
