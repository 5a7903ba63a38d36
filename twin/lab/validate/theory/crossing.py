"""Delay at a fixed-time signal (Webster 1958, Road Research Technical Paper 39)."""

from __future__ import annotations


def green(flow: float, every: float, cycle: float, lost: float) -> float:
    """Effective green, s, of a stage with `flow` of all the stages' flows `every`, in proportion."""
    return (cycle - lost) * flow / every


def delay(*, flow: float, green: float, cycle: float, saturation: float) -> float:
    """Mean control delay of an approach, s/veh: uniform arrivals, random arrivals, and Webster's correction.

    flow, saturation: veh/h. green: effective, s. Raises ValueError where the approach is saturated.
    """
    q, share = flow / 3600.0, green / cycle
    x = flow / saturation / share
    if not 0 < x < 1:
        raise ValueError(f"flow = {flow:g}: degree of saturation {x:.3f} must be in (0, 1)")
    uniform: float = cycle * (1 - share) ** 2 / (2 * (1 - share * x))
    random: float = x**2 / (2 * q * (1 - x))
    correction: float = 0.65 * (cycle / q**2) ** (1 / 3) * x ** (2 + 5 * share)
    return uniform + random - correction
