"""Distributions of times by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import scipy.stats
from scipy.optimize import brentq

from sim.streams import Stream

NAMES = ("deterministic", "uniform", "exponential", "gamma", "lognormal", "weibull")


class Distribution:
    """A positive random time with a given mean, drawn from a stream of its own, (seed, field).

    spec: a number (deterministic), or a mapping with `law` and `mean` and, but for deterministic and exponential,
    `cv`, the coefficient of variation; or `scipy`, the name of a scipy.stats distribution, with its parameters.
    Raises ValueError for an unknown law or key, a mean <= 0, a cv < 0, or a uniform with cv > 1/sqrt(3).
    """

    def __init__(self, spec: Any, *, seed: int, field: str) -> None:
        given: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"mean": spec}
        self.mean, self.law, parameters = _scipy(given, field) if "scipy" in given else _named(given, field)
        self.stream = Stream(seed, field, self.law, parameters)
        self.draw = self.stream.draw

    def __getstate__(self) -> tuple[float, str, Stream]:
        return self.mean, self.law, self.stream

    def __setstate__(self, state: tuple[float, str, Stream]) -> None:
        self.mean, self.law, self.stream = state
        self.draw = self.stream.draw


Parsed = tuple[float, str, tuple[Any, ...]]


def _named(spec: dict[str, Any], field: str) -> Parsed:
    law, mean, cv = spec.pop("law", "deterministic"), spec.pop("mean", None), spec.pop("cv", 0.0)
    if law not in NAMES:
        raise ValueError(f"{field}: law = {law!r}: must be one of {', '.join(NAMES)}, or scipy: NAME")
    if spec:
        raise ValueError(f"{field}: {next(iter(spec))!r} is unknown; a distribution has law, mean, cv")
    if isinstance(mean, bool) or not isinstance(mean, int | float) or not 0 < mean < math.inf:
        raise ValueError(f"{field}: mean = {mean!r}: must be a number > 0")
    most = 1 / math.sqrt(3) + 1e-12 if law == "uniform" else math.inf
    if isinstance(cv, bool) or not isinstance(cv, int | float) or not 0 <= cv <= most:
        raise ValueError(
            f"{field}: cv = {cv!r}: must be a number >= 0" + (", at most 0.577" if law == "uniform" else "")
        )
    law = law if cv > 0 or law == "exponential" else "deterministic"
    return float(mean), law, _parameters(law, float(mean), float(cv))


def _parameters(law: str, mean: float, cv: float) -> tuple[float, ...]:
    match law:
        case "uniform":
            half = cv * math.sqrt(3.0)
            return mean * (1 - half), 2 * mean * half
        case "gamma":
            return 1 / cv**2, mean * cv**2
        case "lognormal":
            sigma = math.sqrt(math.log1p(cv**2))
            return math.log(mean) - sigma**2 / 2, sigma
        case "weibull":
            power = 1 / _weibull_shape(cv)
            return mean / math.gamma(1 + power), power
    return (mean,)


def _scipy(spec: dict[str, Any], field: str) -> Parsed:
    name = str(spec.pop("scipy"))
    family = getattr(scipy.stats, name, None)
    if not isinstance(family, scipy.stats.rv_continuous):
        raise ValueError(f"{field}: scipy = {name!r}: scipy.stats has no such continuous distribution")
    try:
        frozen = family(**spec)
        mean, least = float(frozen.mean()), float(frozen.support()[0])
    except TypeError as error:
        raise ValueError(f"{field}: scipy = {name!r}: {error}") from None
    if not 0 < mean < math.inf or not least >= 0:
        raise ValueError(
            f"{field}: scipy = {name!r}: must be positive with a finite mean (mean {mean:g}, least {least:g})"
        )
    return mean, "scipy", (name, *sorted(spec.items()))


def _weibull_shape(cv: float) -> float:
    """Shape of the Weibull law with this coefficient of variation (0.01 to 30)."""

    def gap(log_shape: float) -> float:
        power = math.exp(-log_shape)
        return math.lgamma(1 + 2 * power) - 2 * math.lgamma(1 + power) - math.log1p(cv**2)

    try:
        return math.exp(float(brentq(gap, math.log(0.15), math.log(200.0))))
    except ValueError:
        raise ValueError(f"cv = {cv}: must be between 0.01 and 30 for a Weibull law") from None
