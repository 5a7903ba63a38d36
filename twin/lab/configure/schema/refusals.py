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
            path += f".{step}" if path else step
    return path


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
