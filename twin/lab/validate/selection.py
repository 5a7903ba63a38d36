"""Which checks `tandem validate` makes, from its options and the case's parameters."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from twin.lab.validate.cases import CASES
from twin.lab.validate.gate import Check
from twin.lab.validate.parameters import NumberParameter, WholeParameter, read

OPTIONS = ("case", "seed", "precision", "replications", "processes", "quick", "json")
QUICK_PRECISION = 0.05  # half-width of an interval as a share of the reference, in a quick look
NUMBERS = (
    WholeParameter("seed", 0, 10**9),
    WholeParameter("replications", 2, 10**6),
    WholeParameter("processes", 1, 1024),
    NumberParameter("precision", above=0.0, high=0.5),
)
REPLICATIONS = 400  # of one check, at most


def is_parameter(argument: str) -> bool:
    """Whether an argument is a parameter of a case: name=value that is none of OPTIONS."""
    key, mark, _ = argument.partition("=")
    return bool(mark) and key.isidentifier() and key not in OPTIONS


def settings(options: Mapping[str, str]) -> dict[str, Any]:
    """seed, replications, processes, precision (None: each case's own) and quick. Raises ValueError for a bad value."""
    quick = options.get("quick", "false")
    if quick not in ("true", "false"):
        raise ValueError(f"quick = {quick}: must be true or false")
    typed = read("validate", NUMBERS, {n.name: options[n.name] for n in NUMBERS if n.name in options})
    precision = QUICK_PRECISION if quick == "true" else None
    defaults = {"seed": 0, "replications": REPLICATIONS, "processes": 1, "precision": precision}
    return {**defaults, **typed, "quick": quick == "true"}


def checks(name: str | None, parameters: Mapping[str, str], *, precision: float | None, quick: bool) -> list[Check]:
    """The checks of one case, or of all that are ready.

    name: of the case, None for all. parameters: of the case, as typed; without any, its standard sets. quick: the first
    set only, and of all cases those that are not long. Raises ValueError for an unknown case or parameter.
    """
    if name is None:
        cases = [case for case in CASES.values() if case.ready() and (case.quick or not quick)]
        return [check for case in cases for check in case.examples_checks(precision, first=quick)]
    if name not in CASES:
        close = difflib.get_close_matches(name, CASES, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ValueError(f"case = {name}: there is no such case; {hint}cases are {', '.join(CASES)}")
    case = CASES[name]
    if not parameters:
        return case.examples_checks(precision, first=quick)
    return list(case.checks(read(f"case {name}", case.parameters, parameters, OPTIONS), precision))
