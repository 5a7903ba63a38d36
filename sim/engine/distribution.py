"""Distributions of times by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import scipy.stats
from scipy.optimize import brentq

from sim.engine.streams import Stream

NAMES = ("deterministic", "uniform", "exponential", "gamma", "lognormal", "weibull", "geometric")


class Distribution:
    """A positive random time with a given mean, drawn from a stream of its own, (seed, field).

    pop: the next draw where there is one at hand, else IndexError, and `refill` gives it; `draw` does either.

    spec: a number (deterministic), or a mapping with `law` and `mean` and, but for deterministic and exponential,
    `cv`, the coefficient of variation (geometric, over 1, 2, 3 ..., has none of its own either); or `scipy`, the name
    of a scipy.stats distribution, with its parameters. zero: whether 0 is allowed.
    Raises ValueError for an unknown law or key, a mean <= 0, a cv < 0, or a uniform with cv > 1/sqrt(3).
    """

    def __init__(self, spec: Any, *, seed: int, field: str, zero: bool = False) -> None:
        fields: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"mean": spec}
        self.mean, self.law, parameters = _parse(fields, field, zero)
        self._attach(Stream(seed, field, self.law, parameters))

    def _attach(self, stream: Stream) -> None:
        self.stream, self.draw, self.pop, self.refill = stream, stream.draw, stream.draws.pop, stream.refill

    def hazard(self, elapsed: float) -> float:
        """Of ending, per second, given that it has lasted `elapsed` seconds; 0 for laws without a density."""
        family = _FROZEN.get(self.law)
        law = family(*self.stream.parameters) if family else None
        if self.law == "scipy":
            name, *pairs = self.stream.parameters
            law = getattr(scipy.stats, name)(**dict(pairs))
        if law is None or not hasattr(law, "pdf"):
            return 0.0
        left = float(law.sf(elapsed))
        return float(law.pdf(elapsed)) / left if left > 0 else math.inf

    def stretch(self, factor: float) -> None:
        """Make all times `factor` as long from the next draw on, with the same luck. A geometric law stays as it is."""
        stretched = _STRETCHED.get(self.law)
        if stretched is not None:
            self.mean *= factor
            self.stream.reshape(stretched(factor, *self.stream.parameters))

    def __getstate__(self) -> tuple[float, str, Stream]:
        return self.mean, self.law, self.stream

    def __setstate__(self, state: tuple[float, str, Stream]) -> None:
        self.mean, self.law, stream = state
        self._attach(stream)


Parsed = tuple[float, str, tuple[Any, ...]]
_FROZEN: dict[str, Callable[..., Any]] = {
    "uniform": lambda low, width: scipy.stats.uniform(low, width),
    "exponential": lambda mean: scipy.stats.expon(scale=mean),
    "gamma": lambda shape, scale: scipy.stats.gamma(shape, scale=scale),
    "lognormal": lambda mu, sigma: scipy.stats.lognorm(sigma, scale=math.exp(mu)),
    "weibull": lambda scale, power: scipy.stats.weibull_min(1 / power, scale=scale),
}

_STRETCHED: dict[str, Callable[..., tuple[Any, ...]]] = {
    "deterministic": lambda f, value: (f * value,),
    "uniform": lambda f, low, width: (f * low, f * width),
    "exponential": lambda f, mean: (f * mean,),
    "gamma": lambda f, shape, scale: (shape, f * scale),
    "lognormal": lambda f, mu, sigma: (mu + math.log(f), sigma),
    "weibull": lambda f, scale, power: (f * scale, power),
    "scipy": lambda f, name, *pairs: (name, *_scaled_pairs(f, dict(pairs))),
}


def _scaled_pairs(factor: float, given: dict[str, float]) -> list[tuple[str, float]]:
    """Parameters of a scipy law, its location and scale times a factor."""
    return sorted({**given, "loc": factor * given.get("loc", 0.0), "scale": factor * given.get("scale", 1.0)}.items())


def _parse(fields: dict[str, Any], field: str, zero: bool) -> Parsed:
    if zero and fields.keys() == {"mean"} and fields["mean"] == 0 and not isinstance(fields["mean"], bool):
        return 0.0, "deterministic", (0.0,)
    return _scipy(fields, field) if "scipy" in fields else _named(fields, field)


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
    if law == "geometric" and mean < 1:
        raise ValueError(f"{field}: mean = {mean!r}: must be a number >= 1 for a geometric law")
    law = law if cv > 0 or law in ("exponential", "geometric") else "deterministic"
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
        case "geometric":
            return (1 / mean,)
    return (mean,)


def _scipy(spec: dict[str, Any], field: str) -> Parsed:
    name = str(spec.pop("scipy"))
    family = getattr(scipy.stats, name, None)
    if not isinstance(family, scipy.stats.rv_continuous | scipy.stats.rv_discrete):
        raise ValueError(f"{field}: scipy = {name!r}: scipy.stats has no such distribution")
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
