"""Numbers, shares and counts as tables and pages write them."""

from __future__ import annotations

import math

WHOLE_FROM = 999.5  # larger numbers are written without decimals
NOTHING = 1e-12  # smaller ones are what rounding leaves of a sum that is 0
WORST = -10.0  # skill below which only that is said: the reference has next to no error
MOST_DIGITS = 12


def number(value: float | None, half_width: float = 0.0) -> str:
    """Four significant figures, thousands separated; a dash where there is no number.

    half_width: of the interval of which it is the middle or an end; two figures of that are told at least.

    Below a thousand a number that is not whole never looks whole: .99996 is not 1, nor 12.0003 the count 12.
    """
    text = _four_figures(value)
    if value is None or "e" in text or not 0 < half_width < math.inf:
        return text
    decimals = min(1 - math.floor(math.log10(half_width)), MOST_DIGITS)
    return f"{value + 0.0:,.{decimals}f}" if math.isfinite(value) and decimals > len(text.partition(".")[2]) else text


def signed(value: float, half_width: float) -> str:
    """A difference with its sign, with as many decimals as two figures of its interval's half-width need."""
    if not math.isfinite(value):
        return number(value)
    decimals = min(max(1 - math.floor(math.log10(half_width)), 0), 4) if 0 < half_width < math.inf else 1
    text = f"{value:+,.{decimals}f}".replace("-", "−")
    return text if float(text.replace("−", "-").replace(",", "")) else text[1:]


def _four_figures(value: float | None) -> str:
    if value is None or value != value:
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if abs(value) < NOTHING:
        return "0"
    if abs(value) >= WHOLE_FROM or float(value).is_integer():
        return f"{value:,.0f}"
    text = f"{value:.4g}"
    if abs(value) < 1 and abs(float(text)) == 1:
        return next(
            (t for t in (f"{value:.{d}g}" for d in range(5, MOST_DIGITS)) if abs(float(t)) < 1), f"{value:#.4g}"
        )
    return f"{value:#.4g}" if float(text).is_integer() else text


def percent(share: float | None, decimals: int = 1) -> str:
    """A share in per cent; a dash where it is a share of nothing. Only 0 and 1 themselves are 0 and 100 %."""
    if share is None or not math.isfinite(share):
        return "-"
    step = 10.0**-decimals
    if 0 < share < 1 and not step / 2 <= 100 * share < 100 - step / 2:
        return f"< {step:.{decimals}f} %" if share < 0.5 else f"> {100 - step:.{decimals}f} %"
    return f"{100 * share + 0.0:.{decimals}f} %"


def skill(value: float | None) -> str:
    """1 - error / error of the reference, in per cent with its sign: above 0 is better. A dash without a reference.

    This is the one way in which improvements are written, in tables, pages and READMEs alike.
    """
    if value is None or not math.isfinite(value):
        return "-"
    if value < WORST:
        return f"< {100 * WORST:.0f} %"
    text = f"{100 * value:+.1f} %"
    return "0.0 %" if float(text[:-2]) == 0 else text


def ticks(count: int) -> str:
    """1 tick, 6 ticks."""
    return counted(count, "tick")


def counted(count: float, what: str) -> str:
    """1 seed, 6 seeds, 1,440 labels."""
    return f"{count:,.0f} {what}{'s' * (count != 1)}"
