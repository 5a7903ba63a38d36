"""What a person or a person's class hands in and is refused by name: numbers of constructors, wrong answers."""

from __future__ import annotations

import math
from numbers import Integral, Real


class AnswerError(ValueError):
    """A policy or surrogate returned what none may return; the message names its class and what is wrong."""


def whole(owner: str, low: int, **values: object) -> None:
    """Raises ValueError naming owner, field and value for what is no whole number >= low."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < low:
            raise ValueError(f"{owner}: {name} = {value}: must be a whole number >= {low}")


def real(owner: str, **values: object) -> None:
    """Raises ValueError naming owner, field and value for what is no finite number."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise ValueError(f"{owner}: {name} = {value}: must be a finite number")
