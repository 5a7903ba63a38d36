"""Values of a configuration: numbers with a unit and a range, whole numbers, switches, words.

Each is the metadata of an annotation, `Annotated[float, Number("s", above=0)]`; a value that does not fit is refused
by what is allowed.
"""

from __future__ import annotations

import difflib
import math
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from twin.units import DAY, HOUR, MINUTE

# Units that may follow a number, by what they measure: name of the unit and how many base units it is.
TIME = {"ms": 1e-3, "s": 1.0, "min": MINUTE, "h": HOUR, "d": DAY, "day": DAY, "days": DAY, "week": 7 * DAY}
POWER = {"W": 1.0, "kW": 1e3, "MW": 1e6}
ENERGY = {"Wh": 1.0, "kWh": 1e3, "MWh": 1e6}
DIMENSIONS = (TIME | {"weeks": 7 * DAY, "sec": 1.0, "minutes": MINUTE, "hours": HOUR}, POWER, ENERGY)
EXAMPLES = ("90 min", "30 kW", "30 kWh")
WITH_UNIT = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z]+)\s*")


def refusal(message: str) -> PydanticCustomError:
    """What a validator raises: `message` says what is allowed."""
    return PydanticCustomError("refused", "{message}", {"message": message})


def choice(allowed: tuple[str, ...], given: object) -> str:
    """What is allowed of some words, with the one that was probably meant."""
    close = difflib.get_close_matches(str(given), allowed, 1)
    return f"{f'did you mean {close[0]}? ' if close else ''}must be one of {', '.join(allowed)}"


class Quantity:
    """The metadata of an annotation that checks a value. kind, allowed: of its JSON Schema and its description."""

    kind: ClassVar[str]

    def check(self, value: Any) -> Any:
        """The value as it is used. Raises a refusal."""
        raise NotImplementedError

    def allowed(self) -> str:
        """What is allowed, after 'must be'."""
        raise NotImplementedError

    def json(self) -> dict[str, Any]:
        """Its JSON Schema."""
        return {"type": self.kind}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        check: Callable[[Any], Any] = self.check
        return core_schema.no_info_plain_validator_function(check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.json()


@dataclass(frozen=True)
class Number(Quantity):
    """A finite number in a unit ("" for none), from `low` or more than `above`, up to `high` or less than `below`.

    endless: whether .inf is allowed too. usual: (least, most) that a plant has; beyond them a person is warned. Text of
    a number and a unit of the same dimension ("90 min" where `unit` is s) is turned into the number.
    """

    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    below: float = math.inf
    endless: bool = False
    usual: tuple[float, float] = (-math.inf, math.inf)
    kind: ClassVar[str] = "number"

    def check(self, value: Any) -> float:
        if isinstance(value, str):
            value = self._in_unit(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refusal(f"must be {self.allowed()}")
        if self.endless and value == math.inf:
            return math.inf
        if abs(value) > sys.float_info.max:  # a whole number of hundreds of digits too
            raise refusal(f"must be {self.allowed()}")
        if not (math.isfinite(value) and self.low <= value <= self.high and self.above < value < self.below):
            raise refusal(f"must be {self.allowed()}")
        return value

    def allowed(self) -> str:
        units = self._units()
        example = "36 h" if self.unit == "d" else EXAMPLES[DIMENSIONS.index(units)] if units else ""
        also = f", or with a unit: {example}" if units else ""
        return f"a number{f' of {self.unit}' if self.unit else ''}{self._range()}{also}"

    def json(self) -> dict[str, Any]:
        limits = {"minimum": self.low, "maximum": self.high, "exclusiveMinimum": self.above}
        limits["exclusiveMaximum"] = self.below
        schema: dict[str, Any] = {"type": "number"} | {k: v for k, v in limits.items() if math.isfinite(v)}
        units = self._units()
        if units:
            names = "|".join(sorted(units))
            schema = {"anyOf": [schema, {"type": "string", "pattern": rf"^\s*[-+.\deE]+\s*({names})\s*$"}]}
        return schema | ({"unit": self.unit} if self.unit else {})

    def _range(self) -> str:
        low = f" > {self.above:g}" if self.above > -math.inf else f" >= {self.low:g}" if self.low > -math.inf else ""
        high = f" < {self.below:g}" if self.below < math.inf else f" <= {self.high:g}" if self.high < math.inf else ""
        return f"{low}{' and' if low and high else ''}{high}{' or .inf' if self.endless else ''}"

    def _units(self) -> dict[str, float]:
        return next((units for units in DIMENSIONS if self.unit in units), {})

    def _in_unit(self, text: str) -> float:
        units, found = self._units(), WITH_UNIT.fullmatch(text)
        if not units or found is None:
            raise refusal(f"must be {self.allowed()}")
        if found[2] not in units:
            raise refusal(f"{found[2]} is no unit of it: {choice(tuple(units), found[2])}")
        return float(found[1]) * units[found[2]] / units[self.unit]


@dataclass(frozen=True)
class Whole(Quantity):
    """A whole number from `low` to `high`. 3.0 is one too where a file writes it so."""

    low: int = 0
    high: int = 10**9
    kind: ClassVar[str] = "integer"

    def check(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise refusal(f"must be {self.allowed()}")
        return value

    def allowed(self) -> str:
        return f"a whole number >= {self.low}{'' if self.high == 10**9 else f' and <= {self.high}'}"

    def json(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Switch(Quantity):
    """True or false; no word or number stands for either."""

    kind: ClassVar[str] = "boolean"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise refusal(f"must be {self.allowed()}")
        return value

    def allowed(self) -> str:
        return "true or false"


class Word(Quantity):
    """One of some words."""

    kind: ClassVar[str] = "string"

    def __init__(self, *words: str) -> None:
        self.words = words

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise refusal(choice(self.words, value))
        return value

    def allowed(self) -> str:
        return f"one of {', '.join(self.words)}"

    def json(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Text(Quantity):
    """Text of one character or more. what: it names, such as 'a station'."""

    what: str = "text"
    kind: ClassVar[str] = "string"

    def check(self, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise refusal(f"must be {self.allowed()}")
        return value

    def allowed(self) -> str:
        return self.what
