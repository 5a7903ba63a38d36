"""A space of settings, read from Hydra's grammar of sweeps."""

from __future__ import annotations

import pytest

from twin.lab.tune import search_space as spaces


def test_a_space_is_read_from_hydras_grammar() -> None:
    space = spaces.read(
        [
            "a=interval(1,3)",
            "b=tag(log,interval(1e-4,1))",
            "c=int(interval(1,12))",
            "d=range(1,9,2)",
            "p=u,v",
            "r=true,null",
            "days=3",
        ]
    )
    drawn = {"a": 1.23456789, "b": 0.000123456, "c": 7, "d": 3, "p": "v", "r": "true"}
    assert space.settings(drawn) == ("a=1.235", "b=0.0001235", "c=7", "d=3", "p=v", "r=true")
    assert space.fixed == ("days=3",)
    stands = {"a": 2, "b": 0.1, "c": 12, "d": 7, "r": True}
    assert space.standing(stands, {"p": "u"}) == stands | {"p": "u", "r": "true"}
    assert space.standing(stands | {"r": None}, {"p": "u"}) == stands | {"p": "u", "r": "null"}
    assert space.standing(stands | {"d": 4}, {"p": "u"}) is None, "4 is no step of the range"
    assert space.standing(stands | {"a": 4}, {"p": "u"}) is None


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("days=3", "nothing to search"),
        ("x=interval(3,1)", "x = interval\\(3,1\\): cannot be searched"),
        ("x=(", "cannot be read"),
    ],
)
def test_a_space_that_is_none_is_refused(typed: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        spaces.read([typed])
