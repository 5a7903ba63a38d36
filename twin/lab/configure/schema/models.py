"""Which model checks what: by the class that a `_target_` names, and by the names that `tandem schema` takes."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from typing import Any

from twin.lab.configure.schema import plants
from twin.lab.configure.schema.fields import Fields, Part
from twin.lab.configure.schema.plants.network import Network
from twin.lab.configure.schema.policies import POLICIES
from twin.lab.configure.schema.run import ReplayFields, RunFields
from twin.lab.configure.schema.surrogates import SURROGATES
from twin.lab.configure.schema.twin import TwinFields


@cache
def plant_models() -> dict[str, type[Part]]:
    """The models of plants by name: the last module of the class that they configure."""
    found: dict[str, type[Part]] = {}
    for module in pkgutil.iter_modules(plants.__path__):
        members = vars(importlib.import_module(f"{plants.__name__}.{module.name}")).values()
        for model in members:
            if isinstance(model, type) and issubclass(model, Part) and "path" in vars(model):
                found[model.path.split(".")[-2]] = model
    return dict(sorted(found.items()))


@cache
def by_name() -> dict[str, type[Fields]]:
    """All of them, by the name that `tandem schema` takes: plant.NAME, policy.NAME, network ..."""
    named: dict[str, type[Fields]] = {"run": RunFields, "replay": ReplayFields, "network": Network, "twin": TwinFields}
    named |= {f"plant.{name}": model for name, model in plant_models().items()}
    named |= {f"surrogate.{_file(model)}": model for model in SURROGATES}
    return named | {f"policy.{_file(model)}": model for model in POLICIES}


def _file(model: type[Part]) -> str:
    """The class that a model configures, as yaml files are named: run_to_failure for RunToFailure."""
    name = model.path.rpartition(".")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@cache
def _by_target() -> dict[str, type[Part]]:
    return {model.path: model for model in by_name().values() if issubclass(model, Part)}


def model_of(group: str, fields: Any) -> type[Fields] | None:
    """The model of a group's fields; None for a class of a user's own."""
    if group == "network":
        return Network
    return _by_target().get(str(fields.get("_target_"))) if isinstance(fields, dict) else None
