"""Which model checks what: by the class that a `_target_` names, and by the names that `tandem schema` takes."""

from __future__ import annotations

from typing import Any

from twin.lab.configure.schema.fields import Fields, Part
from twin.lab.configure.schema.plants.network import Network
from twin.lab.configure.schema.plants.production_line import ProductionLineFields

PLANTS: dict[str, type[Part]] = {"production_line": ProductionLineFields}
BY_NAME: dict[str, type[Fields]] = {**{f"plant.{name}": model for name, model in PLANTS.items()}, "network": Network}
BY_TARGET: dict[str, type[Part]] = {m.path: m for m in BY_NAME.values() if issubclass(m, Part)}


def model_of(group: str, fields: Any) -> type[Fields] | None:
    """The model of a group's fields; None for a class of a user's own."""
    if group in BY_NAME:
        return BY_NAME[group]
    return BY_TARGET.get(str(fields.get("_target_"))) if isinstance(fields, dict) else None
