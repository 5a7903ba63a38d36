"""What a person's configuration or class hands in: what is out of range is refused by owner, field and value.

Every check raises ValueError such as `Memory: rare = 1.5: must be in [0, 1)`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence
from numbers import Integral, Real


class AnswerError(ValueError):
    """A policy or surrogate returned what none may return; the message names its class and what is wrong."""


def whole(owner: str, low: int, **values: object) -> None:
    """Whole numbers >= low."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < low:
            raise ValueError(f"{owner}: {name} = {value}: must be a whole number >= {low}")


def real(owner: str, **values: object) -> None:
    """Finite numbers."""
    for name, value in values.items():
        _number(owner, name, value)


def at_least(owner: str, low: float, **values: object) -> None:
    """Finite numbers >= low."""
    for name, value in values.items():
        if _number(owner, name, value) < low:
            raise ValueError(f"{owner}: {name} = {value}: must be >= {low:g}")


def above(owner: str, low: float, **values: object) -> None:
    """Finite numbers > low."""
    for name, value in values.items():
        if _number(owner, name, value) <= low:
            raise ValueError(f"{owner}: {name} = {value}: must be > {low:g}")


def share(owner: str, **values: object) -> None:
    """Numbers from 0 to below 1."""
    for name, value in values.items():
        if not 0 <= _number(owner, name, value) < 1:
            raise ValueError(f"{owner}: {name} = {value}: must be in [0, 1)")


def unit(owner: str, **values: object) -> None:
    """Numbers from 0 to 1."""
    for name, value in values.items():
        if not 0 <= _number(owner, name, value) <= 1:
            raise ValueError(f"{owner}: {name} = {value}: must be in [0, 1]")


def flag(owner: str, **values: object) -> None:
    """True or false."""
    for name, value in values.items():
        if not isinstance(value, bool):
            raise ValueError(f"{owner}: {name} = {value!r}: must be true or false")


def one_of(owner: str, allowed: Collection[str], **values: object) -> None:
    """Words of a list."""
    for name, value in values.items():
        if value not in allowed:
            raise ValueError(f"{owner}: {name} = {value!r}: must be one of {', '.join(allowed)}")


def rising_ticks(owner: str, low: float, **values: Sequence[float]) -> None:
    """Sequences of one or more ticks >= low, each larger than the one before."""
    for name, value in values.items():
        numbers = [_number(owner, name, number) for number in value]
        if not numbers or numbers[0] < low or any(b <= a for a, b in itertools.pairwise(numbers)):
            raise ValueError(f"{owner}: {name} = {list(value)}: must be rising ticks >= {low:g}")


def _number(owner: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise ValueError(f"{owner}: {name} = {value}: must be a finite number")
    return float(value)
