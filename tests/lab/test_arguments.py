"""Numbers and options as they are typed, and as a configuration holds them."""

from __future__ import annotations

import pytest

from twin.lab.arguments import number, split, whole
from twin.lab.errors import UserError


def refused(call: object, *arguments: object, **limits: object) -> str:
    with pytest.raises(UserError) as error:
        call(*arguments, **limits)  # type: ignore[operator]
    return str(error.value)


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("1e3", 1000), ("5000", 5000)])
def test_a_whole_number(text: str, value: int) -> None:
    assert whole("seeds", text) == value


@pytest.mark.parametrize("text", ["0", "1.5", "few", "", "inf", "nan", "-2", "²"])
def test_no_whole_number(text: str) -> None:
    assert refused(whole, "seeds", text) == f"seeds = {text}: must be a whole number >= 1"


def test_the_range_of_a_whole_number() -> None:
    assert refused(whole, "N", "1", low=2, high=10_000) == "N = 1: must be a whole number from 2 to 10,000"
    assert refused(whole, "N", "10001", low=2, high=10_000) == "N = 10001: must be a whole number from 2 to 10,000"
    assert whole("N", "0", low=0) == 0


def test_a_number() -> None:
    assert number("days", ".5") == 0.5
    for text in ("0", "-1", "soon", "inf", "nan"):
        assert refused(number, "days", text) == f"days = {text}: must be a number > 0"
    assert refused(number, "work", "2e12", high=1e12) == "work = 2e12: must be a number > 0 and <= 1e+12"


def test_positionals_and_options() -> None:
    assert split(["a", "json=x=1", "b c=d"], ("json",), "report") == (["a", "b c=d"], {"json": "x=1"})
    assert "did you mean json?" in refused(split, ["jsn=x"], ("json",), "report")
