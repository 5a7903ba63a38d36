"""The base of all models: a mapping of known fields, each with a description."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from twin.lab.configure.schema.quantities import Switch, Text, refusal


def shape(value: Any) -> str:
    """Tag of a union's member by the shape of a value: mapping, list or one value."""
    if isinstance(value, Mapping | BaseModel):
        return "(mapping)"
    return "(list)" if isinstance(value, list | tuple) else "(value)"


# The tags of such a union; a place in brackets is left out of the path that an error names.
VALUE, LIST, MAPPING = Tag("(value)"), Tag("(list)"), Tag("(mapping)")


def by_shape(*tags: Tag) -> Discriminator:
    """Of a union whose members have these tags. A value of another shape goes to the first, which refuses it."""
    names = [tag.tag for tag in tags]

    def member(value: Any) -> str:
        found = shape(value)
        return found if found in names else names[0]

    return Discriminator(member)


def named(what: str) -> BeforeValidator:
    """The metadata of `dict[str, ...]`: things by name. what: as in 'must be a mapping of failure modes by name'."""

    def mapping(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise refusal(f"must be a mapping of {what} by name")
        return {str(key): inner for key, inner in value.items()}

    return BeforeValidator(mapping)


class Fields(BaseModel):
    """A mapping whose keys are the model's fields.

    what: what it describes, after 'must be a mapping of'. Raises a refusal for anything but a mapping and for a key
    that it lacks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)
    what: ClassVar[str] = "fields"

    @classmethod
    def file_keys(cls) -> tuple[str, ...]:
        """Its keys as files write them."""
        return tuple(info.alias or name for name, info in cls.model_fields.items())

    def odd(self) -> Iterator[str]:
        """A line, from the field on, for each value that is legal and yet absurd."""
        return iter(())

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown(cls, value: Any) -> Any:
        """Refuse what is no mapping, and the first unknown key."""
        if isinstance(value, BaseModel):
            return value
        shown = [key for key in cls.file_keys() if not key.startswith("_")]
        if not isinstance(value, Mapping):
            raise refusal(f"must be a mapping of {cls.what}: {', '.join(shown)}")
        if cls.model_config.get("extra") == "allow":
            return value
        allowed = cls.file_keys()
        for key in value:
            if key not in allowed:
                close = difflib.get_close_matches(str(key), shown, 1)
                hint = f"did you mean {close[0]}? " if close else ""
                message = f"there is no such field; {hint}fields are {', '.join(shown)}"
                raise PydanticCustomError("unknown", "{message}", {"message": message, "key": str(key)})
        return value


def _of_its_class(schema: dict[str, Any], model: Any) -> None:
    """In the JSON Schema of a part its `_target_` is its class."""
    if hasattr(model, "path"):
        schema["properties"]["_target_"] = {"const": model.path, "description": "the class that it configures"}


class Part(Fields):
    """What a `_target_` makes. path: the class, dotted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, json_schema_extra=_of_its_class)
    path: ClassVar[str]
    target: Annotated[str, Text("a class")] = Field("", alias="_target_", description="the class that it configures")


class PartialPart(Part):
    """What a run makes later, with arguments of its own (spec, shape, seed, device)."""

    partial: Annotated[bool, Switch()] = Field(True, alias="_partial_", description="always true")


def one_part(*models: type[Part]) -> Any:
    """The annotation of a nested part: one of the models by its `_target_`, or a class of a user's own."""

    def of_target(value: Any) -> str:
        target = (
            value.target if isinstance(value, Part) else value.get("_target_") if isinstance(value, Mapping) else ""
        )
        return f"({target})" if any(model.path == target for model in models) else "(own)"

    def own(value: Any) -> Any:
        if not isinstance(value, Mapping) or not isinstance(value.get("_target_"), str):
            known = ", ".join(model.path for model in models)
            raise refusal(f"must be a mapping with _target_, one of {known}, and the fields of that class")
        return value

    members = [Annotated[model, Tag(f"({model.path})")] for model in models]
    not_ours = {"not": {"properties": {"_target_": {"enum": [model.path for model in models]}}}}
    schema = {"type": "object", "required": ["_target_"], **not_ours}
    union: Any = Annotated[dict[str, Any], BeforeValidator(own), WithJsonSchema(schema), Tag("(own)")]
    for member in members:
        union = union | member
    return Annotated[union, Discriminator(of_target)]


def rising(name: str, values: list[Any]) -> None:
    """Raises ValueError for a list that is empty or whose numbers do not rise."""
    if not values or any(later <= earlier for earlier, later in itertools.pairwise(values)):
        raise ValueError(f"{name} = {values}: must be one number or more, rising")
