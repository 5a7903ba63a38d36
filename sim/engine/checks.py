"""One way to refuse a bad number: the field, its value, what is allowed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping
from typing import Any


def number(
    field: str, value: Any, *, low: float = -math.inf, high: float = math.inf, above: float = -math.inf
) -> float:
    """`value` as a float. Raises ValueError unless it is a finite number in [low, high] and > above."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not (good and low <= value <= high and value > above):
        limits = [f"> {above:g}" if above > -math.inf else f">= {low:g}" if low > -math.inf else ""]
        limits += [f"<= {high:g}" if high < math.inf else ""]
        raise ValueError(f"{field} = {value!r}: must be a number {' and '.join(x for x in limits if x)}".rstrip())
    return float(value)


def integer(field: str, value: Any, *, low: int) -> int:
    """`value` as an int. Raises ValueError unless it is a whole number >= low."""
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise ValueError(f"{field} = {value!r}: must be a whole number >= {low}")
    return value


def known(field: str, fields: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Raises ValueError for a key of `fields` that is not allowed."""
    for key in fields:
        if key not in allowed:
            close = difflib.get_close_matches(str(key), allowed, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise ValueError(f"{field}: {key!r} is unknown; {hint}it takes {', '.join(allowed)}")
