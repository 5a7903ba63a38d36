"""The case of `tandem validate` for storage."""

from __future__ import annotations

import pytest

from twin.lab.validate.cases.storage import CASES, SHARE


def test_the_plan_and_mpc_hold_what_they_should() -> None:
    (case,) = CASES
    whole, part = case.checks({"days": 4, "weather": 3, "capacity": 20.0}, None)
    (cost,) = whole.replicate(99).values()
    assert cost == pytest.approx(whole.targets[0].reference, rel=1e-9)
    assert part.replicate(1)[SHARE] > 0.9
