"""What is typed after a job: options, numbers, and the quoting of what Hydra composes."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence

from twin.lab.errors import UserError

# Values that are paths: Hydra's grammar trips over '=', brackets and blanks in them, so they are quoted.
PATH_KEYS = ("out", "json", "data", "resume", "from", "runs", "plant.file", "storage", "record")
BACKSLASH = "\\"


def quote_paths(arguments: Sequence[str]) -> list[str]:
    """Quote the values of PATH_KEYS for Hydra: `out=a b` becomes `out='a b'`.

    Hydra reads a backslash only before a quote; `${` is escaped, so that it is no reference.
    """
    result = []
    for argument in arguments:
        key, mark, value = argument.partition("=")
        if mark and key in PATH_KEYS and value and value != "null":
            argument = f"{key}={quoted(value)}"
        result.append(argument)
    return result


def quoted(text: str) -> str:
    """Any text in quotes as Hydra's grammar reads them."""
    text = re.sub(r"(\\*)('|$)", lambda m: 2 * m[1] + ("\\'" if m[2] else ""), text)
    return f"'{text.replace('${', BACKSLASH + '${')}'"


def split(arguments: Sequence[str], options: Sequence[str], job: str) -> tuple[list[str], dict[str, str]]:
    """Positionals and key=value options of a job that Hydra does not compose. Raises UserError for an unknown key."""
    positionals, values = [], {}
    for argument in arguments:
        key, mark, value = argument.partition("=")
        if mark and key in options:
            values[key] = value
        elif argument.startswith("-") or (mark and key.isidentifier()):
            close = difflib.get_close_matches(key, options, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise UserError(f"{argument}: {job} has no such option; {hint}options are {', '.join(options)}")
        else:
            positionals.append(argument)
    return positionals, values


def whole(field: str, text: str, *, low: int = 1, high: int | None = None) -> int:
    """The whole number that is typed for a field: 12, or 1e6.

    Raises UserError naming field, text and what is allowed: numbers from `low` to `high`.
    """
    value = _float(text)
    if not (value.is_integer() and low <= value and (high is None or value <= high)):
        allowed = f">= {low:,}" if high is None else f"from {low:,} to {high:,}"
        raise UserError(f"{field} = {text}: must be a whole number {allowed}")
    return int(value)


def number(field: str, text: str, *, above: float = 0.0, high: float = math.inf) -> float:
    """The finite number that is typed for a field. Raises UserError naming field, text and what is allowed."""
    value = _float(text)
    if not (math.isfinite(value) and above < value <= high):
        limit = "" if high == math.inf else f" and <= {high:g}"
        raise UserError(f"{field} = {text}: must be a number > {above:g}{limit}")
    return value


def _float(text: str) -> float:
    """The number that a text is, NaN for none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
