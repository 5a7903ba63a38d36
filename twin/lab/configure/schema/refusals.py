"""From what pydantic finds wrong to one line: path = value: what is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

# What pydantic finds by itself, and what is allowed then.
ALLOWED = {
    "missing": "is missing",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "string_type": "must be text",
    "too_short": "must not be empty",
    "none_required": "must be null",
}
SHAPES = {"(value)": "one value", "(list)": "a list", "(mapping)": "a mapping"}
LONG = 60  # characters of a value that are shown


def first_refusal(error: ValidationError, path: str, fields: Any) -> str:
    """One line for the first thing that is wrong. path: of the fields that were checked, as `plant`."""
    found = error.errors(include_url=False)[0]
    kind, context = found["type"], found.get("ctx", {})
    place = found["loc"] + ((context["key"],) if kind == "unknown" else ())
    where = dotted(path, _origin(fields, place))
    if kind == "unknown":
        return f"{where}: {context['message']}"
    if kind == "missing":
        return f"{where}: is missing"
    if kind == "value_error":  # a check of several fields, which names them itself
        return f"{where}.{context['error']}"
    if kind == "union_tag_invalid":  # a value of a shape that no member of a union has
        shapes = [words for tag, words in SHAPES.items() if tag in context["expected_tags"]]
        return f"{where} = {shown(found['input'])}: must be {' or '.join(shapes)}"
    allowed = context["message"] if kind == "refused" else ALLOWED.get(kind) or str(found["msg"]).lower()
    return f"{where} = {shown(found['input'])}: {allowed}"


def _origin(fields: Any, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Where a file says what a station has: in the station, or in `common`."""
    if len(place) < 3 or place[0] != "stations" or not isinstance(fields, Mapping):
        return place
    rest = [step for step in place[2:] if not str(step).startswith("(")]
    shared = ("common", *rest)
    return shared if not _there(fields, ("stations", place[1], *rest)) and _there(fields, shared) else place


def _there(node: Any, place: tuple[int | str, ...]) -> bool:
    for step in place:
        if isinstance(node, Mapping):
            if step not in node:
                return False
            node = node[step]
        else:
            return isinstance(step, int)
    return True


def dotted(path: str, place: tuple[int | str, ...]) -> str:
    """plant.stations.mill.to[1]; members of unions, in brackets, are left out."""
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith("("):
            name = _name(step)
            path += f".{name}" if path else name
    return path


def _name(step: str) -> str:
    """A key as a line of text can hold it."""
    text = step if step.isprintable() else repr(step)[1:-1]
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def shown(value: Any) -> str:
    """A value as yaml has it, shortened."""
    words = {True: "true", False: "false", None: "null"}
    if value is None or isinstance(value, bool):
        return words[value]
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key}: {shown(inner)}" for key, inner in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(shown(inner) for inner in value) + "]"
    else:
        text = repr(value) if isinstance(value, str) and not value.strip() else str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONG else f"{text[:LONG]}…"
