"""The base of all models: a mapping of known fields, each with a description."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from twin.lab.configure.schema.quantities import Switch, Text, refusal


def shape(value: Any) -> str:
    """Tag of a union's member by the shape of a value: mapping, list or one value."""
    if isinstance(value, Mapping | BaseModel):
        return "(mapping)"
    return "(list)" if isinstance(value, list | tuple) else "(value)"


# The tags of such a union; a place in brackets is left out of the path that an error names.
VALUE, LIST, MAPPING, BY_SHAPE = Tag("(value)"), Tag("(list)"), Tag("(mapping)"), Discriminator(shape)


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
    def names(cls) -> tuple[str, ...]:
        """Its keys as files write them."""
        return tuple(info.alias or name for name, info in cls.model_fields.items())

    @model_validator(mode="before")
    @classmethod
    def known(cls, value: Any) -> Any:
        """Refuse what is no mapping, and the first unknown key."""
        if isinstance(value, BaseModel):
            return value
        shown = [key for key in cls.names() if not key.startswith("_")]
        if not isinstance(value, Mapping):
            raise refusal(f"must be a mapping of {cls.what}: {', '.join(shown)}")
        if cls.model_config.get("extra") == "allow":
            return value
        allowed = cls.names()
        for key in value:
            if key not in allowed:
                close = difflib.get_close_matches(str(key), shown, 1)
                hint = f"did you mean {close[0]}? " if close else ""
                message = f"there is no such field; {hint}fields are {', '.join(shown)}"
                raise PydanticCustomError("unknown", "{message}", {"message": message, "key": str(key)})
        return value


class Part(Fields):
    """What a `_target_` makes. path: the class, dotted."""

    path: ClassVar[str]
    target: Annotated[str, Text("a class")] = Field("", alias="_target_", description="the class that it configures")


class PartialPart(Part):
    """What a run makes later, with arguments of its own (spec, shape, seed, device)."""

    partial: Annotated[bool, Switch()] = Field(True, alias="_partial_", description="always true")
