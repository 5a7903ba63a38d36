"""Numbers and counts as tables and pages write them."""

from __future__ import annotations

WHOLE_FROM = 10_000  # larger numbers are written without decimals


def number(value: float | None) -> str:
    """Four significant figures, thousands separated; a dash where there is no number."""
    if value is None or value != value:
        return "-"
    return f"{value:,.0f}" if abs(value) >= WHOLE_FROM or float(value).is_integer() else f"{value:,.4g}"


def ticks(count: int) -> str:
    """1 tick, 6 ticks."""
    return f"{count} tick{'s' * (count != 1)}"
