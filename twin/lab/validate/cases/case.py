"""A case: its parameters, the sets of them that are checked by default, and what they make to check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.lab.validate.gate import PRECISION, Check
from twin.lab.validate.parameters import Parameter, Value

# Of a case's values and a precision, the checks; raises ValueError where values do not go together.
Build = Callable[[Mapping[str, Any], float], Sequence[Check]]


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Case:
    """about: a line with the source. examples: sets of parameters. precision: where none is asked for.

    quick: whether it is one of the fast subset. ready: whether what it needs from outside is there; where it is not,
    the round of all cases leaves it out, and asked for by name it says what is missing.
    """

    name: str
    about: str
    parameters: tuple[Parameter, ...]
    examples: tuple[Mapping[str, Value], ...]
    build: Build
    precision: float = PRECISION
    quick: bool = True
    ready: Callable[[], bool] = _always

    def checks(self, values: Mapping[str, Value], precision: float | None) -> Sequence[Check]:
        """Of the first example, with `values` in place of its own. Raises ValueError."""
        return self.build({**self.examples[0], **values}, self.precision if precision is None else precision)

    def examples_checks(self, precision: float | None, *, first: bool) -> list[Check]:
        """Of every example, or only the first."""
        examples = self.examples[:1] if first else self.examples
        return [check for example in examples for check in self.checks(example, precision)]
