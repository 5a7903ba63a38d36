"""From the name of a class that a configuration may use to the class."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from inspect import isfunction
from typing import Any

from twin.lab.configure.product_class import is_in_role
from twin.lab.configure.trust import is_trusted
from twin.lab.errors import UserError

# Methods by which a class of the product is known to fill a role.
VERBS = {"plant": ("advance", "apply"), "policy": ("act",), "surrogate": ("learn", "forecast")}


def located(target: str, role: str, trust: Sequence[str], shown: str) -> Any:
    """The class that a configuration names.

    A class that a trusted module only imports from another one is not taken for its own; that and a function it may be
    where the command line gives its full name. role: see product_class. trust: what the command line trusts. shown:
    where it stands, for errors. Raises UserError in one line.
    """
    if is_in_role(target, role):
        return _of_the_product(target, role, shown)
    if is_trusted(target, trust):
        return _of_the_user(target, trust, shown)
    raise UserError(f"{shown} = {target}: is not trusted")


def _of_the_product(target: str, role: str, shown: str) -> Any:
    module, _, name = target.rpartition(".")
    kind = getattr(importlib.import_module(module), name)
    lacking = [verb for verb in VERBS.get(role, ()) if not hasattr(kind, verb)]
    if lacking:
        raise UserError(f"{shown} = {target}: is no {role}: it has no {', no '.join(lacking)}")
    return kind


def _of_the_user(target: str, trust: Sequence[str], shown: str) -> Any:
    try:
        found, rest = _imported(target)
        for name in rest:
            found = getattr(found, name)
            if target not in trust and not (isinstance(found, type) and is_trusted(_full_name(found), trust)):
                raise UserError(f"{shown} = {target}: {name} is no class of {', '.join(trust)}")
    except (ImportError, AttributeError, ValueError) as error:
        hint = "its folder must be in PYTHONPATH"
        raise UserError(f"{shown} = {target}: there is no such class: {error}; {hint}") from None
    if not (isinstance(found, type) or isfunction(found)):
        raise UserError(f"{shown} = {target}: must be a class")
    return found


def _imported(target: str) -> tuple[Any, list[str]]:
    """The module that a name begins with, the longest one that there is, and the names that follow."""
    words = target.split(".")
    for length in range(len(words) - 1, 0, -1):
        name = ".".join(words[:length])
        try:
            return importlib.import_module(name), words[length:]
        except ModuleNotFoundError as error:
            if error.name is None or length == 1 or not name.startswith(error.name):
                raise
    raise ImportError(target)


def _full_name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
