"""Options of a table as they are typed: names of columns hold blanks, brackets and commas, which Hydra would parse."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import fields

from twin.lab.arguments import quoted
from twin.lab.replay.reading.options import ReadingOptions

TEXTS = frozenset(field.name for field in fields(ReadingOptions)) - {"tick", "skip", "units", "footer", "header"}
KEYS = frozenset(field.name for field in fields(ReadingOptions)) - {"type"}


def table_options(arguments: Sequence[str]) -> list[str]:
    """`zone=UTC` as `table.zone='UTC'`; `signals=[Torque [Nm], "a,b"]` as a list of quoted names."""
    result = []
    for argument in arguments:
        key, mark, value = argument.partition("=")
        name = key.removeprefix("table.")
        if mark and (name in KEYS or key == "table.type"):
            argument = f"table.{name}={_value(value) if name in TEXTS else value}"
        result.append(argument)
    return result


def _value(text: str) -> str:
    if text in ("", "null") or text[0] in "'\"":
        return text
    if text.startswith("[") and text.endswith("]"):
        items = next(csv.reader([text[1:-1]], skipinitialspace=True), [])
        return f"[{','.join(quoted(_bare(item)) for item in items)}]"
    return quoted(text)


def _bare(item: str) -> str:
    text = item.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
