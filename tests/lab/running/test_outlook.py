"""What a run says of its plant at the end: what limits it, what relieving that is worth, what comes next."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sim.plants.production_line import ProductionLine
from twin.lab.core.closed_loop import step
from twin.lab.record.recorder import SCHEMA
from twin.lab.running.outlook import outlook
from twin.policies.maintenance.age_based import AgeBased
from twin.policies.maintenance.condition_based import ConditionBased
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.unaided import Unaided

UPKEEP = {"preventive": 600.0, "corrective": 3600.0, "preventive_cost": 5.0, "corrective_cost": 50.0}
STATIONS = {"saw": {"cycle": 50.0, "to": "mill"}, "mill": {"cycle": 80.0, "buffer": 4}}
NOTHING: dict[str, Any] = {name: [] for name in ("time", "actuator", "value", "reason")}
POLICIES = {
    "age": (partial(AgeBased, intervals={"station": 60.0}), "age 24.0 h of 60.0 h, due in 36.0 h"),
    "condition": (partial(ConditionBased, threshold=3.0, retune=False), "indicator "),
}


def told(policy: Any, days: float = 1.0, decisions: Any = None, **plant: Any) -> dict[str, Any]:
    common = {"maintenance": UPKEEP, "wear": {"life": 9e6}, "vibration": {"base": 2.0}}
    line = ProductionLine(seed=1, stations=STATIONS, common=common, economics={"margin": 1.0}, **plant)
    twin = Unaided(spec=line.spec, policy=policy)
    for tick in range(1, round(days * 144) + 1):
        step(line, twin, 600.0 * tick)
    events = pa.schema(SCHEMA["events"]).empty_table().to_pandas()
    return outlook(line, twin, pd.DataFrame(decisions or NOTHING), events, seed=0)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_run_tells_bottleneck_relief_and_the_next_renewal_with_its_reason(policy: str) -> None:
    make, reason = POLICIES[policy]
    found = told(make)
    assert found["bottleneck"]["name"] == "mill"
    assert found["relief"]["distinguishable"]
    assert found["relief"]["value"] == pytest.approx(4.5, rel=0.02)  # a tenth of 45 parts an hour at 1 EUR
    assert {step["asset"] for step in found["next"]} == {"saw", "mill"}
    assert reason in found["next"][0]["words"]
    first, second, last = found["words"]
    assert first.startswith("Bottleneck: mill, with ")
    assert second.startswith("10 % more speed there, at the same wear per hour of work, is worth +")
    assert last.startswith("Next: ")
    json.dumps(found, allow_nan=False)


def test_what_is_ordered_and_has_not_begun_comes_first() -> None:
    order = {"time": [86_000.0], "actuator": ["mill.maintain"], "value": [1.0], "reason": ["worn"]}
    found = told(POLICIES["age"][0], decisions=order)
    assert found["next"][0]["words"] == "mill, ordered on day 1.00, waits for its turn: worn"


def test_a_policy_that_orders_nothing_is_told_to() -> None:
    assert told(RunToFailure)["words"][-1] == "Next: nothing is near; the policy has sent no command."


def test_a_short_run_tells_its_bottleneck_without_what_relief_is_worth() -> None:
    found = told(RunToFailure, days=0.5)
    assert found["relief"] is None
    assert found["words"][0].startswith("Bottleneck: mill")
    assert len(found["words"]) == 2


def test_a_plant_that_cannot_be_copied_has_no_relief(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: ProductionLine, reseed: int | None = None) -> ProductionLine:
        raise ValueError("generators in flight")

    monkeypatch.setattr(ProductionLine, "fork", refuse)
    found = told(RunToFailure)
    assert found["relief"] is None
    assert found["bottleneck"]["name"] == "mill"
