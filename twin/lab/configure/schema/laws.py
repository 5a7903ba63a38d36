"""Distributions of times, and steps over time, as plants take them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Annotated, Any, cast

import scipy.stats
from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.quantities import Number, Text, Word, refusal
from twin.lab.configure.schema.refusals import shown

LAWS = ("deterministic", "uniform", "exponential", "gamma", "lognormal", "weibull", "geometric")
LONGEST = 1e12  # s; no run reaches it


class Law(Fields):
    """A distribution by name, mean and coefficient of variation."""

    what = "a distribution"
    law: Annotated[str, Word(*LAWS)] = Field("deterministic", description="its name")
    mean: Annotated[float, Number("s", above=0, high=LONGEST)] = Field(description="its mean")
    cv: Annotated[float, Number(low=0, high=30)] = Field(0.0, description="standard deviation over mean")

    @model_validator(mode="after")
    def possible(self) -> Law:
        """A coefficient of variation that the law can have."""
        if self.law == "uniform" and self.cv > 1 / math.sqrt(3) + 1e-12:
            raise ValueError(f"cv = {self.cv:g}: must be a number >= 0 and <= 0.577 for a uniform law")
        if self.law == "weibull" and 0 < self.cv < 0.01:
            raise ValueError(f"cv = {self.cv:g}: must be 0 or a number >= 0.01 and <= 30 for a Weibull law")
        if self.law == "geometric" and self.mean < 1:
            raise ValueError(f"mean = {self.mean:g}: must be a number >= 1 for a geometric law")
        return self


class EnergyLaw(Law):
    """A distribution of energies by name, mean and coefficient of variation."""

    what = "a distribution of energy"
    mean: Annotated[float, Number("kWh", above=0, high=LONGEST)] = Field(description="its mean")


class ScipyLaw(Fields):
    """A distribution of scipy.stats, with its parameters."""

    model_config = ConfigDict(extra="allow", frozen=True)
    what = "a distribution of scipy.stats"
    scipy: Annotated[str, Text("the name of a distribution of scipy.stats")] = Field(description="its name there")

    @model_validator(mode="after")
    def possible(self) -> ScipyLaw:
        """A positive distribution with a finite mean."""
        family, given = getattr(scipy.stats, self.scipy, None), self.model_extra or {}
        if not isinstance(family, scipy.stats.rv_continuous | scipy.stats.rv_discrete):
            raise ValueError(f"scipy = {self.scipy}: must be the name of a distribution of scipy.stats, such as triang")
        names = [*(family.shapes or "").replace(" ", "").split(","), "loc", "scale"]
        allowed = [n for n in names if n and not (n == "scale" and isinstance(family, scipy.stats.rv_discrete))]
        for key, value in given.items():
            if key not in allowed:
                raise ValueError(f"{key}: there is no such parameter of {self.scipy}; it has {', '.join(allowed)}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{key} = {value}: must be a finite number")
        _refuse_negative(self.scipy, family, given)
        return self

    @property
    def mean(self) -> float:
        """Of the distribution."""
        return float(getattr(scipy.stats, self.scipy)(**(self.model_extra or {})).mean())


def _refuse_negative(name: str, family: Any, given: Mapping[str, Any]) -> None:
    try:
        frozen = family(**given)
        mean, least = float(frozen.mean()), float(frozen.support()[0])
    except TypeError:
        raise ValueError(f"scipy = {name}: a parameter is missing; it has {family.shapes}, loc, scale") from None
    if not (0 < mean < LONGEST and least >= 0):
        raise ValueError(f"scipy = {name}: must be positive with a finite mean (mean {mean:g}, least {least:g})")


def _kind(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return "(scipy)" if "scipy" in value else "(law)"
    if isinstance(value, Law | ScipyLaw):
        return "(scipy)" if isinstance(value, ScipyLaw) else "(law)"
    return "(number)"


def law_of(number: Number, named: type[Law] = Law) -> Any:
    """A number, or a distribution whose mean is such a number. named: of the distributions by name."""
    one, by_name = Annotated[float, number, Tag("(number)")], cast(Any, named)
    laws = one | Annotated[by_name, Tag("(law)")] | Annotated[ScipyLaw, Tag("(scipy)")]
    return Annotated[laws, Discriminator(_kind), AfterValidator(lambda value: _mean_in(number, value))]


def _mean_in(number: Number, value: Any) -> Any:
    if isinstance(value, Law | ScipyLaw):
        try:
            number.check(value.mean)
        except PydanticCustomError:
            raise refusal(f"its mean of {value.mean:g} must be {number.allowed()}") from None
    return value


Time = law_of(Number("s", above=0, high=LONGEST))  # a law of positive times
TimeOrNone = law_of(Number("s", low=0, high=LONGEST))  # 0 too
Work = law_of(Number("s", low=0.01, high=LONGEST))  # a shorter cycle would take a simulated hour hours to play
ToFailure = law_of(Number("s", low=1.0, high=LONGEST))  # of a failure mode: failures without end would stop the clock


class Steps(Fields):
    """A quantity that is constant between the times at which it changes."""

    what = "steps over time"
    times: list[Annotated[float, Number("s", low=0, high=LONGEST)]] = Field(description="when it changes, from 0 on")
    values: list[Annotated[float, Number(low=0, high=1e6)]] = Field(description="what it is from then on")
    repeat: Annotated[float, Number("s", low=1.0, high=LONGEST, endless=True)] = Field(
        math.inf, description="after which it begins again"
    )

    @model_validator(mode="after")
    def in_order(self) -> Steps:
        """As many values as times, from 0 on, each later than the one before and within `repeat`."""
        times = self.times
        if not times:
            raise ValueError("times = []: must not be empty")
        if len(times) != len(self.values):
            raise ValueError(f"values = {shown(self.values)}: must be as many as times, {len(times)}")
        if times[0] != 0 or any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise ValueError(f"times = {shown(times)}: must begin with 0 and rise")
        if not times[-1] < self.repeat:
            raise ValueError(f"repeat = {self.repeat:g}: must be a number of s > {times[-1]:g}, the last of times")
        return self


class ChangingSteps(Steps):
    """Steps that are others from some time on."""

    until: Annotated[float, Number("s", low=1.0, high=LONGEST, endless=True)] = Field(
        math.inf, description="from when on `then` holds"
    )
    then: Steps | None = Field(None, description="what holds after `until`: times, values, repeat")

    @model_validator(mode="after")
    def followed(self) -> ChangingSteps:
        """`until` and `then` go together."""
        if (self.then is None) != (self.until == math.inf):
            raise ValueError(f"until = {self.until:g}: goes with `then`, the steps that hold from then on")
        return self
