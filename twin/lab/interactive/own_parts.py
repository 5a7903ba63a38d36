"""A caller's own plant, policy or surrogate: how it is built, and what config.yaml says of it."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from sim.contract import Plant
from twin.lab.configure.checks import IN_PYTHON
from twin.lab.errors import UserError

Factory = Callable[..., Any]
PLAIN = (type(None), bool, int, float, str)
# What the loop asks of each, beside state() and load() for checkpoints.
OWES = {
    "plant": tuple(name for name in vars(Plant) if not name.startswith("_")),
    "policy": ("act",),
    "surrogate": ("forecast", "learn", "context", "windows"),
}


def factory(group: str, part: Any) -> Factory:
    """What makes the part when it is called as a yaml's `_target_` is.

    part: a class, a functools.partial or a function that is called with spec= (policy), shape=, seed=, device=
    (surrogate), or seed=, network= (plant); or an object, which is taken as it is. The factory raises UserError where
    it refuses its arguments or what it makes lacks a method.
    """

    def make(**arguments: Any) -> Any:
        try:
            made = part(**arguments) if _makes(part) else part
        except (TypeError, ValueError) as error:
            raise UserError(f"{group} = {_kind(part).__qualname__}: {error}") from None
        lacking = [name for name in OWES[group] if not hasattr(made, name)]
        if lacking:
            raise UserError(f"{group} = {type(made).__name__}: has no {', no '.join(lacking)}")
        return made

    return make


def record(group: str, part: Any) -> dict[str, Any]:
    """What config.yaml holds of a part: a `_target_` from which another process can make it, or a note that none
    can."""
    kind = _kind(part)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if not _makes(part) or not _importable(kind) or (isinstance(part, functools.partial) and part.args):
        return {"_target_": name.replace("<", "").replace(">", ""), IN_PYTHON: True}
    settings = dict(part.keywords) if isinstance(part, functools.partial) else {}
    if not all(isinstance(value, PLAIN) for value in settings.values()):
        return {"_target_": name, IN_PYTHON: True}
    return {"_target_": name, **({} if group == "plant" else {"_partial_": True}), **settings}


def _kind(part: Any) -> Any:
    """The class or function behind a part."""
    return part.func if isinstance(part, functools.partial) else part if _makes(part) else type(part)


def _makes(part: Any) -> bool:
    """Whether a part is called to make the object, rather than being it."""
    return isinstance(part, type | functools.partial) or (callable(part) and hasattr(part, "__qualname__"))


def _importable(kind: Any) -> bool:
    """Whether its name leads another process to it."""
    try:
        owner: Any = importlib.import_module(kind.__module__)
        for name in kind.__qualname__.split("."):
            owner = getattr(owner, name)
    except (ImportError, AttributeError):
        return False
    return owner is kind
