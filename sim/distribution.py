"""Distributions of times by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import scipy.stats

from sim.streams import Stream

NAMES = ("deterministic", "uniform", "exponential", "gamma", "lognormal", "weibull")


class Distribution:
    """A positive random time with a given mean.

    spec: a number (deterministic), or a mapping with `law` and `mean` and, but for deterministic and exponential,
    `cv`, the coefficient of variation; or `scipy`, the name of a scipy.stats distribution, with its parameters.
    Raises ValueError for an unknown law or key, a mean <= 0, a cv < 0, or a uniform with cv > 1/sqrt(3).
    """

    def __init__(self, spec: float | Mapping[str, Any], *, stream: Stream, field: str) -> None:
        if isinstance(spec, int | float):
            spec = {"law": "deterministic", "mean": spec}
        spec = dict(spec)
        self.stream, self._scipy = stream, None
        if "scipy" in spec:
            self._take_scipy(spec, field)
            return
        law, mean, cv = spec.pop("law", "deterministic"), spec.pop("mean", None), spec.pop("cv", 0.0)
        if law not in NAMES:
            raise ValueError(f"{field}: law = {law!r}: must be one of {', '.join(NAMES)}, or scipy: NAME")
        if spec:
            raise ValueError(f"{field}: {next(iter(spec))!r} is unknown; a distribution has law, mean, cv")
        if not isinstance(mean, int | float) or not 0 < mean < math.inf:
            raise ValueError(f"{field}: mean = {mean!r}: must be a number > 0")
        if not cv >= 0 or (law == "uniform" and cv > 1 / math.sqrt(3)):
            raise ValueError(f"{field}: cv = {cv}: must be >= 0" + (", at most 0.577" if law == "uniform" else ""))
        self.mean, self.law = float(mean), law if cv > 0 or law == "exponential" else "deterministic"
        self._set_parameters(float(cv))

    def _set_parameters(self, cv: float) -> None:
        self.stream.law, self.a, self.b = "uniform", 0.0, 0.0
        match self.law:
            case "uniform":
                half = cv * math.sqrt(3.0)
                self.a, self.b = self.mean * (1 - half), 2 * self.mean * half
            case "exponential":
                self.stream.law = "exponential"
            case "gamma":
                self.stream.law, self.stream.parameter = "gamma", 1 / cv**2
                self.a = self.mean * cv**2
            case "lognormal":
                self.stream.law = "normal"
                self.b = math.sqrt(math.log1p(cv**2))
                self.a = math.log(self.mean) - self.b**2 / 2
            case "weibull":
                self.stream.law = "exponential"
                self.b = 1 / _weibull_shape(cv)
                self.a = self.mean / math.gamma(1 + self.b)
        self.stream.reseed(self.stream.seed)

    def _take_scipy(self, spec: dict[str, Any], field: str) -> None:
        name = spec.pop("scipy")
        family = getattr(scipy.stats, str(name), None)
        if not hasattr(family, "ppf"):
            raise ValueError(f"{field}: scipy = {name!r}: scipy.stats has no such distribution")
        try:
            frozen = family(**spec)
            self.mean = float(frozen.mean())
        except TypeError as error:
            raise ValueError(f"{field}: scipy = {name!r}: {error}") from None
        if not 0 < self.mean < math.inf or frozen.support()[0] < 0:
            raise ValueError(f"{field}: scipy = {name!r}: must be positive with a finite mean (mean {self.mean:g})")
        self.law, self._scipy = "scipy", (str(name), spec)

    def draw(self) -> float:
        """The next time, in the unit of the mean."""
        match self.law:
            case "deterministic":
                return self.mean
            case "uniform":
                return self.a + self.b * self.stream.draw()
            case "exponential":
                return self.mean * self.stream.draw()
            case "gamma":
                return self.a * self.stream.draw()
            case "lognormal":
                return math.exp(self.a + self.b * self.stream.draw())
            case "weibull":
                return self.a * float(self.stream.draw() ** self.b)
        assert self._scipy is not None
        name, parameters = self._scipy
        return float(getattr(scipy.stats, name).ppf(self.stream.draw(), **parameters))


def _weibull_shape(cv: float) -> float:
    from scipy.optimize import brentq

    def gap(shape: float) -> float:
        return math.gamma(1 + 2 / shape) / math.gamma(1 + 1 / shape) ** 2 - 1 - cv**2

    return float(brentq(gap, 0.2, 80.0))
