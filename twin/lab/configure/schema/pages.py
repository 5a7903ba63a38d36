"""The reference of a model's fields as a page of Markdown, and as JSON Schema."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from twin.lab.configure.schema.fields import Fields, PartialPart
from twin.lab.configure.schema.quantities import Quantity
from twin.lab.configure.schema.refusals import shown

HIDDEN = ("_target_", "_partial_")
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(name: str, model: type[Fields]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a yaml that the model checks; editors complete and check with it."""
    schema: dict[str, Any] = _finite(model.model_json_schema(by_alias=True))
    return {"$schema": DRAFT, **schema, "title": name}


def _finite(node: Any) -> Any:
    """JSON knows no infinity: a default that is infinite is left out."""
    if isinstance(node, dict):
        return {k: _finite(v) for k, v in node.items() if not (isinstance(v, float) and not math.isfinite(v))}
    return [_finite(inner) for inner in node] if isinstance(node, list) else node


def page(title: str, models: dict[str, type[Fields]], note: str) -> str:
    """Markdown: a table for each model by name and for each that lies within it, `note` first."""
    lines, told = [f"# {title}", "", note, ""], set()
    waiting = list(models.items())
    while waiting:
        name, model = waiting.pop(0)
        if model not in told:
            told.add(model)
            lines += _section(name, model)
            waiting = [(_title(inner), inner) for inner in _inside(model)] + waiting
    return "\n".join(lines).rstrip() + "\n"


def _section(name: str, model: type[Fields]) -> list[str]:
    head = [f"## {name}", "", str(model.__doc__).strip().splitlines()[0], ""]
    if issubclass(model, PartialPart) or hasattr(model, "path"):
        head[2] += f" `_target_: {model.path}`"
    rows = [row for key, info in model.model_fields.items() for row in _row(info.alias or key, info)]
    if not rows:
        return [*head, "No fields.", ""]
    return [*head, "| field | allowed | default | meaning |", "|---|---|---|---|", *rows, ""]


def _row(key: str, info: FieldInfo) -> Iterator[str]:
    if key not in HIDDEN:
        allowed = _allowed(info.annotation, info.metadata).replace("|", "\\|")
        yield f"| `{key}` | {allowed} | {_default(info)} | {info.description or ''} |"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "*needed*"
    value = info.get_default(call_default_factory=True)
    return f"`{shown(value.model_dump() if isinstance(value, BaseModel) else value)}`"


def _allowed(annotation: Any, metadata: typing.Sequence[Any]) -> str:
    """What is allowed, in words; a nested mapping by the name of its section."""
    quantities = [m for m in metadata if isinstance(m, Quantity)]
    if quantities:
        return quantities[0].allowed()
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _allowed(arguments[0], arguments[1:])
    if origin in (typing.Union, types.UnionType):
        words = [_allowed(member, ()) for member in arguments if member is not type(None)]
        return "; or ".join(dict.fromkeys([*words, *(["null"] if type(None) in arguments else [])]))
    if origin is list:
        return f"list of: {_allowed(arguments[0], ())}"
    if origin is dict:
        return f"by name: {_allowed(arguments[1], ())}"
    if isinstance(annotation, type) and issubclass(annotation, Fields):
        return f"[{annotation.what}](#{_anchor(_title(annotation))})"
    return "[fields of a station](#a-station)"


def _title(model: type[Fields]) -> str:
    return model.what[0].upper() + model.what[1:]


def _anchor(title: str) -> str:
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _inside(model: type[Fields]) -> list[type[Fields]]:
    found: list[type[Fields]] = []
    for info in model.model_fields.values():
        found += _models(info.annotation)
    return list(dict.fromkeys(found))


def _models(annotation: Any) -> list[type[Fields]]:
    if isinstance(annotation, type) and issubclass(annotation, Fields):
        return [annotation]
    return [model for member in typing.get_args(annotation) for model in _models(member)]
