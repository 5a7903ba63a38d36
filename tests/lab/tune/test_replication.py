"""A replication for the sake of one figure tells what the run would have told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twin.lab.configure.compose import compose
from twin.lab.errors import UserError
from twin.lab.record.history import histories
from twin.lab.running.execute import execute
from twin.lab.tune.replication import replicate

SHORT = ("plant=line_small", "surrogate=ewma", "network=perfect", "days=0.2")


def test_a_replication_tells_what_the_run_tells(tmp_path: Path) -> None:
    settings = [*SHORT, "policy=condition_based", "days=0.1"]
    execute(compose("run", [*settings, "seed=1003", "report=false", f"out={tmp_path / 'run'}"]))
    kpis, scores = (json.loads((tmp_path / "run" / f"{name}.json").read_text()) for name in ("kpis", "scores"))
    assert replicate(settings, 1003, "profit_per_hour") == kpis["profit_per_hour"]
    name = next(name for name in scores if name.startswith("crps."))
    assert replicate(settings, 1003, name) == scores[name]
    with pytest.raises(UserError, match=r"there is no such figure; did you mean .*profit_per_hour"):
        replicate(settings, 1003, "profits_per_hour")


def test_a_replication_tells_what_came_from_a_day_on(tmp_path: Path) -> None:
    settings = ["plant=line_small", "surrogate=none", "policy=condition_based", "days=0.2"]
    execute(compose("run", [*settings, "seed=1003", "report=false", "verdict=null", f"out={tmp_path / 'run'}"]))
    late = histories([tmp_path / "run"], "profit_per_hour")[0].after(0.1 * 86_400)
    assert replicate([*settings, "scored_from=0.1"], 1003, "profit_per_hour") == pytest.approx(late, rel=1e-12)
    whole = replicate(settings, 1003, "profit_per_hour")
    assert replicate([*settings, "scored_from=9"], 1003, "profit_per_hour") == whole, (
        "as a run is told that ends before"
    )
    with pytest.raises(UserError, match="metric = quality: is no average over time and no total"):
        replicate([*settings, "scored_from=0.1"], 1003, "quality")
