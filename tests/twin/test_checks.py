"""What a person writes into a configuration and is no number in range is refused by name, before anything runs."""

from typing import Any

import pytest

from tests.twin.toy import toy_spec
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.smoothing import Persistence
from twin.twin import Twin

WHOLE = {
    "memory": ("capacity", "span", "reserve"), "learner": ("updates", "batch", "every", "start"),
    "promotion": ("every", "free", "moments"), "drift": ("start", "block", "warm"), "recovery": ("ticks", "every"),
    "convergence": ("span",), "calibration": ("window",),
}  # fmt: skip
REAL = {
    "memory": ("rare", "recent", "reservoir"), "promotion": ("doubt",), "drift": ("allowance", "threshold"),
    "recovery": ("rate", "recent", "shrink", "perturb"), "convergence": ("threshold", "patience", "tolerance", "rise"),
    "calibration": ("pace", "enough"),
}  # fmt: skip
NONE: tuple[Any, ...] = (None, "x", float("nan"), float("inf"))


def fields(parts: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(part, name) for part, names in parts.items() for name in names]


def refused(part: str, name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f": {name} = {value}: must be "):
        Twin(spec=toy_spec(), surrogate=Persistence, policy=RunToFailure, **{part: {name: value}})


@pytest.mark.parametrize(("part", "name"), fields(WHOLE))
def test_what_is_no_whole_number_in_range_is_refused(part: str, name: str) -> None:
    for value in (*NONE, 1.5, True, -1):
        refused(part, name, value)


@pytest.mark.parametrize(("part", "name"), fields(REAL))
def test_what_is_no_finite_number_is_refused(part: str, name: str) -> None:
    for value in NONE:
        refused(part, name, value)


def test_a_switch_is_on_or_off() -> None:
    refused("drift", "active", None)
