"""Arguments of jobs that Hydra does not compose, and the quoting of those that it does."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from twin.lab.errors import UserError

# Values that are paths: Hydra's grammar trips over '=', brackets and blanks in them, so they are quoted.
PATH_KEYS = ("out", "json", "data", "resume", "from", "runs", "plant.file", "storage")
BACKSLASH = "\\"


def quote_paths(arguments: Sequence[str]) -> list[str]:
    """`out=a b` becomes `out='a b'` as Hydra wants it: a backslash counts only before a quote, `${` is no reference."""
    result = []
    for argument in arguments:
        key, mark, value = argument.partition("=")
        if mark and key in PATH_KEYS and value and value != "null":
            value = re.sub(r"(\\*)('|$)", lambda m: 2 * m[1] + ("\\'" if m[2] else ""), value)
            argument = f"{key}='{value.replace('${', BACKSLASH + '${')}'"
        result.append(argument)
    return result


def split(arguments: Sequence[str], options: Sequence[str], job: str) -> tuple[list[str], dict[str, str]]:
    """Positionals and key=value options of a job that Hydra does not compose. Raises UserError for an unknown key."""
    positionals, found = [], {}
    for argument in arguments:
        key, mark, value = argument.partition("=")
        if mark and key in options:
            found[key] = value
        elif argument.startswith("-") or (mark and key.isidentifier()):
            close = difflib.get_close_matches(key, options, 1)
            hint = f"did you mean {close[0]}? " if close else ""
            raise UserError(f"{argument}: {job} has no such option; {hint}options are {', '.join(options)}")
        else:
            positionals.append(argument)
    return positionals, found
