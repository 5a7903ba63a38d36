"""`policy=module.Class`, `surrogate=module.Class`: a user's class in place of a yaml of conf/.

Hydra finds a yaml made for it in a folder of its own, so that `policy.key=value` is laid over the class's defaults, and
a sweep treats it as any choice.
"""

from __future__ import annotations

import importlib
import inspect
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twin.lab.arguments import quote_paths
from twin.lab.errors import UserError

# Groups that take a class, and the arguments that a run passes to it.
FROM_RUN = {"policy": ("spec",), "surrogate": ("shape", "seed", "device")}
CHOICE = "from_a_class"  # what the class is called in Hydra's folder
SEARCHPATH = "hydra.searchpath=["
PLAIN = (type(None), bool, int, float, str, list, tuple, dict)


def own_classes(overrides: Sequence[str]) -> dict[str, str]:
    """module.Class by group, as the overrides name them."""
    found = {}
    for override in overrides:
        group, _, value = override.partition("=")
        value = value.strip("\"'")
        if group in FROM_RUN and re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", value) and _not_a_file(value):
            found[group] = value
    return found


@contextmanager
def with_own_classes(overrides: Sequence[str]) -> Iterator[list[str]]:
    """The overrides that make Hydra take the classes, good within the context; others as they are.

    Raises UserError in one line where there is no such class, or where an argument of it is missing.
    """
    own = own_classes(overrides)
    if not own:
        yield list(overrides)
        return
    with tempfile.TemporaryDirectory() as folder:
        for group, target in own.items():
            _write(_fields(group, target, overrides), Path(folder) / group / f"{CHOICE}.yaml")
        place = quote_paths([f"out=file://{folder}"])[0].removeprefix("out=")
        replaced = [f"{key}={CHOICE}" if (key := o.partition("=")[0]) in own else o for o in overrides]
        paths = [o for o in replaced if o.startswith(SEARCHPATH)]
        rest = [o for o in replaced if not o.startswith(SEARCHPATH)]
        others = "".join(f",{o.removeprefix(SEARCHPATH).removesuffix(']')}" for o in paths)
        yield [f"{SEARCHPATH}{place}{others}]", *rest]


def named_by_class(config: Any, overrides: Sequence[str]) -> Any:
    """The composed configuration, in whose `choices` each class stands by its own name."""
    for group, target in own_classes(overrides).items():
        config.choices[group] = target
    return config


def _not_a_file(value: str) -> bool:
    return not value.endswith((".yaml", ".yml"))


def _fields(group: str, target: str, overrides: Sequence[str]) -> dict[str, Any]:
    fields = inspect.signature(_class(group, target)).parameters
    given = {o.lstrip("+").partition("=")[0] for o in overrides}
    values: dict[str, Any] = {"_target_": target, "_partial_": True}
    for name, field in fields.items():
        if name in FROM_RUN[group] or field.kind in (field.VAR_KEYWORD, field.VAR_POSITIONAL):
            continue
        if field.default is not field.empty:
            if isinstance(field.default, PLAIN):
                values[name] = field.default
        elif f"{group}.{name}" in given:
            values[name] = None  # its place; the override fills it
        else:
            raise UserError(f"{group} = {target}: {name} is missing: give {group}.{name}=")
    return values


def _class(group: str, target: str) -> type[Any]:
    module, _, name = target.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        hint = "its folder must be in PYTHONPATH"
        raise UserError(f"{group} = {target}: there is no such class: {error}; {hint}") from None
    if not isinstance(kind, type):
        raise UserError(f"{group} = {target}: must be a class")
    return kind


def _write(fields: dict[str, Any], path: Path) -> None:
    from omegaconf import OmegaConf

    path.parent.mkdir()
    OmegaConf.save(OmegaConf.create(fields), path)
