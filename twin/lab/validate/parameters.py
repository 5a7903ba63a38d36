"""Parameters of a case as they are typed: name=value."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.engine.checks import number
from twin.lab.arguments import whole

Value = float | int | str | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class NumberParameter:
    """A real number. above, low, high: its range. unlimited: whether inf is one of its values."""

    name: str
    above: float = -math.inf
    low: float = -math.inf
    high: float = math.inf
    unlimited: bool = False

    def read(self, text: str) -> float:
        """Raises ValueError naming field, value, what is allowed."""
        value = _float(text)
        if self.unlimited and value == math.inf:
            return math.inf
        try:
            return number(self.name, value, above=self.above, low=self.low, high=self.high)
        except ValueError as error:
            raise ValueError(f"{error}{', or inf' if self.unlimited else ''}") from None


@dataclass(frozen=True, slots=True)
class WholeParameter:
    """A whole number from `low` to `high`."""

    name: str
    low: int
    high: int

    def read(self, text: str) -> int:
        """Raises UserError naming field, value, what is allowed."""
        return whole(self.name, text, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True)
class Numbers:
    """At least `least` numbers > 0: 1,.9,1.1 or [1,.9,1.1]."""

    name: str
    least: int = 1

    def read(self, text: str) -> tuple[float, ...]:
        """Raises ValueError naming field, value, what is allowed."""
        inner = text.strip()
        if inner.startswith("[") and inner.endswith("]"):
            inner = inner[1:-1]
        items = [item.strip() for item in inner.split(",")]
        if len(items) < self.least or not all(items):
            raise ValueError(f"{self.name} = {text}: must be {self.least} or more numbers with commas between")
        return tuple(number(self.name, _float(item), above=0) for item in items)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that exists. holds: what must be in it, for the error to say."""

    name: str
    holds: str

    def read(self, text: str) -> str:
        """Raises ValueError naming field, value, what is allowed."""
        if not text or not Path(text).is_dir():
            raise ValueError(f"{self.name} = {text}: must be a folder that holds {self.holds}")
        return text


Parameter = NumberParameter | WholeParameter | Numbers | Folder


def read(
    owner: str, parameters: Sequence[Parameter], texts: Mapping[str, str], beside: Sequence[str] = ()
) -> dict[str, Value]:
    """The values of `texts`, by name. beside: other names that may have been meant.

    Raises ValueError for an unknown name, with a hint, and for a bad value.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in texts:
        if name not in known:
            close = difflib.get_close_matches(name, [*known, *beside], 1)
            hint = f"did you mean {close[0]}? " if close else ""
            takes = f"parameters are {', '.join(known)}" if known else "it takes none"
            raise ValueError(f"{name} = {texts[name]}: {owner} has no such parameter; {hint}{takes}")
    return {name: known[name].read(text) for name, text in texts.items()}


def written(values: Mapping[str, Value]) -> str:
    """r1=0.1 N=4 mu=1,0.9,1.1"""
    return " ".join(f"{name}={_written(value)}" for name, value in values.items())


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{x:g}" for x in value)
    return value if isinstance(value, str) else f"{value:.6g}"


def _float(text: str) -> float | str:
    """The number, or the text where it is none, for the error to show."""
    try:
        return float(text)
    except ValueError:
        return text
