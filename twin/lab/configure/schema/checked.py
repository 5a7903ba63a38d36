"""A configuration against its models: refused in one line, or as it is used, every quantity in its base unit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.models import model_of
from twin.lab.configure.schema.quantities import Number
from twin.lab.configure.schema.refusals import dotted, first_refusal
from twin.lab.errors import UserError

GROUPS = ("network", "plant", "twin", "surrogate", "policy")


def checked(config: Mapping[str, Any], source: str = "") -> dict[str, Any]:
    """The configuration with units turned into numbers. source: of the plant, as 'plant.file=a.yaml: '.

    Raises UserError naming path, value and what is allowed for the first thing that a model refuses. A group of a
    user's own class is left as it is.
    """
    result = dict(config)
    for group in GROUPS:
        fields = config.get(group)
        model = None if fields is None else model_of(group, fields)
        if model is not None:
            result[group] = as_used(model, fields, group, source if group == "plant" else "")
    return result


def as_used(model: type[Fields], fields: Any, path: str, source: str = "") -> Any:
    """The fields as the model takes them, in the order and with the keys that they have. Raises UserError."""
    return _in_base_units(fields, validated(model, fields, path, source).model_dump(by_alias=True, warnings=False))


def validated(model: type[Fields], fields: Any, path: str, source: str = "") -> Fields:
    """The model's object. Raises UserError in one line that begins with `source`."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise UserError(f"{source}{first_refusal(error, path, fields)}") from None


def _in_base_units(given: Any, used: Any) -> Any:
    """What was given, where text of a number and a unit stands with the number in its place."""
    if isinstance(given, str) and isinstance(used, float):
        return used
    if isinstance(given, Mapping) and isinstance(used, Mapping):
        common = _common(given, used)
        return {str(key): _in_base_units(value, used.get(str(key))) for key, value in given.items()} | common
    if isinstance(given, Sequence) and not isinstance(given, str) and isinstance(used, Sequence):
        return [_in_base_units(one, other) for one, other in zip(given, used, strict=True)]
    return given


def _common(given: Mapping[str, Any], used: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of all stations: what any station has of them and does not have of its own."""
    if not isinstance(given.get("common"), Mapping) or not isinstance(given.get("stations"), Mapping):
        return {}
    common = given["common"]
    for name, own in given["stations"].items():
        common = _below(common, own or {}, used["stations"][str(name)])
    return {"common": common}


def _below(common: Any, own: Mapping[str, Any], used: Any) -> Any:
    if not isinstance(common, Mapping) or not isinstance(used, Mapping):
        return _in_base_units(common, used)
    result = {}
    for key, value in common.items():
        above = own.get(key, {})
        mapping = isinstance(above, Mapping)
        result[key] = _below(value, above, used.get(key)) if mapping and (key not in own or above) else value
    return result


def unusual(config: Mapping[str, Any]) -> list[str]:
    """A line for each number that is legal and yet absurd, such as a mean time to failure of 4 s."""
    lines: list[str] = []
    for group in GROUPS:
        fields = config.get(group)
        model = None if fields is None else model_of(group, fields)
        if model is not None:
            lines.extend(_unusual(validated(model, fields, group), group))
    return list(dict.fromkeys(lines))


def _unusual(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, Fields):
        yield from (f"{path}.{line}" for line in node.odd())
        for name, info in type(node).model_fields.items():
            value, here = getattr(node, name), f"{path}.{info.alias or name}"
            for number in _numbers(info.metadata, info.annotation):
                yield from _beyond(number, value, here)
            yield from _unusual(value, here)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _unusual(value, dotted(path, (str(key),)))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _unusual(value, dotted(path, (place,)))


def _numbers(metadata: Sequence[Any], annotation: Any) -> Iterator[Number]:
    """The quantities of a field; of null or a number too."""
    yield from (m for m in metadata if isinstance(m, Number))
    for member in getattr(annotation, "__args__", ()):
        yield from _numbers(getattr(member, "__metadata__", ()), None)


def _beyond(number: Number, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        value = getattr(value, "mean", None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return
    least, most = number.usual
    if not least <= value <= most:
        limit = f"less than {least:g}" if value < least else f"more than {most:g}"
        units = f" a unit may follow: {value:g} h" if number.unit == "s" else ""
        yield (
            f"{path} = {value:g} {number.unit}".rstrip()
            + f": {limit} {number.unit}".rstrip()
            + f", is it meant?{units}"
        )
