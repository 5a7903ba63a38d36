"""What a tuning searches: settings in Hydra's grammar of sweeps, as distributions that Optuna draws from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override, RangeSweep
from hydra.errors import HydraException
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

DIGITS = 4  # significant, of a number that is drawn: what is printed is what was run


@dataclass(frozen=True, slots=True)
class Dimension:
    """A setting that is searched. key, text: as they were typed, KEY=TEXT."""

    key: str
    text: str
    distribution: BaseDistribution

    def setting(self, value: Any) -> str:
        """KEY=VALUE as a run takes it, a real number rounded to a few digits."""
        if isinstance(self.distribution, FloatDistribution) and self.distribution.step is None:
            low, high = self.distribution.low, self.distribution.high
            value = min(max(float(f"{value:.{DIGITS}g}"), low), high)
        return f"{self.key}={value}"

    def holds(self, value: Any) -> bool:
        """Whether a value of the configuration is one that could be drawn."""
        drawn = self.distribution
        if isinstance(drawn, CategoricalDistribution):
            return value in drawn.choices
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not isinstance(drawn, FloatDistribution | IntDistribution) or not drawn.low <= value <= drawn.high:
            return False
        return drawn.step is None or math.isclose(
            (value - drawn.low) / drawn.step, round((value - drawn.low) / drawn.step)
        )


@dataclass(frozen=True, slots=True)
class Space:
    """The settings that are searched, and `fixed`: those that all trials have, KEY=VALUE each."""

    dimensions: tuple[Dimension, ...]
    fixed: tuple[str, ...]

    def distributions(self) -> dict[str, BaseDistribution]:
        """By key, as Optuna's `ask` takes them."""
        return {d.key: d.distribution for d in self.dimensions}

    def settings(self, point: Mapping[str, Any]) -> tuple[str, ...]:
        """KEY=VALUE of each setting at a point of the space."""
        return tuple(d.setting(point[d.key]) for d in self.dimensions)

    def written(self) -> list[str]:
        """What is searched, as it was typed."""
        return [f"{d.key}={d.text}" for d in self.dimensions]

    def standing(self, settings: Mapping[str, Any], choices: Mapping[str, str]) -> dict[str, Any] | None:
        """The point at which a configuration without any of this lies, or None where it lies outside.

        settings: flat, dotted keys. choices: the yaml taken of each group.
        """
        point = {}
        for d in self.dimensions:
            key = d.key.lstrip("+")
            value = choices.get(key, settings.get(key))
            if isinstance(d.distribution, CategoricalDistribution):
                value = _text(value)
            if not d.holds(value):
                return None
            point[d.key] = value
        return point


def read(arguments: Sequence[str]) -> Space:
    """Settings as they are typed. Raises ValueError where one cannot be read, or none is searched."""
    parser, fixed = OverridesParser.create(), []
    dimensions: list[Dimension] = []
    for argument in arguments:
        try:
            override = parser.parse_override(argument)
        except HydraException as error:
            raise ValueError(f"{argument!r}: cannot be read: {str(error).splitlines()[0]}") from None
        if override.is_sweep_override():
            dimensions.append(_dimension(override, argument.partition("=")[2]))
        else:
            fixed.append(argument)
    if not dimensions:
        raise ValueError(
            "nothing to search: give a setting as KEY=interval(LOW,HIGH) or KEY=A,B; see tandem tune --help"
        )
    return Space(tuple(dimensions), tuple(fixed))


def _dimension(override: Override, text: str) -> Dimension:
    key, sweep = override.get_key_element(), override.value()
    try:
        if isinstance(sweep, IntervalSweep):
            distribution = _interval(sweep)
        elif isinstance(sweep, RangeSweep):
            distribution = _range(sweep)
        else:
            distribution = CategoricalDistribution([_written(text) for text in override.sweep_string_iterator()])
    except (ValueError, TypeError) as error:
        raise ValueError(f"{key} = {text}: cannot be searched: {error}") from None
    return Dimension(key, text, distribution)


def _interval(sweep: IntervalSweep) -> BaseDistribution:
    low, high, log = sweep.start, sweep.end, "log" in sweep.tags
    if low is None or high is None or not low < high:
        raise ValueError(f"the low end {low} must be less than the high end {high}")
    if isinstance(low, int) and isinstance(high, int):  # interval() itself makes floats, int(interval()) whole numbers
        return IntDistribution(low, high, log=log)
    return FloatDistribution(float(low), float(high), log=log)


def _range(sweep: RangeSweep) -> BaseDistribution:
    values = list(sweep.range())
    if len(values) < 2:
        raise ValueError("a range needs two values or more")
    low, high = sorted((values[0], values[-1]))
    step = abs(values[1] - values[0])
    if all(isinstance(value, int) for value in values):
        return IntDistribution(int(low), int(high), step=int(step))
    return FloatDistribution(float(low), float(high), step=float(step))


def _written(text: str) -> str:
    """One of several values as a person and a yaml write it: Hydra hands truth values on as Python does."""
    return text.lower() if text in ("True", "False") else text


def _text(value: Any) -> str:
    """A value of the configuration as Hydra's grammar writes it."""
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
