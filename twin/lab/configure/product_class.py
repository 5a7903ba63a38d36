"""Classes of the product that a configuration may name, and the places in which it may.

A plant, twin, surrogate or policy stands at the root of its group; conf/ nests a few parts in surrogates and policies.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from twin.lab.configure.config_tree import Place

NAME = r"[A-Za-z_]\w*"
CLASS = rf"{NAME}(\.{NAME})+"
GROUPS = ("plant", "twin", "surrogate", "policy")
# Parts that conf/ nests: by the role of the outer one and its field, the role of the inner one.
NESTED = {
    ("surrogate", "optimizer"): "optimizer",
    ("surrogate", "member"): "surrogate",
    ("policy", "upkeep"): "policy",
    ("policy", "forecast"): "net-load forecast",
}
# Rooms and files in which the classes of a role lie.
ROLES = {
    "plant": ("sim.plants",),
    "twin": ("twin.twin",),
    "surrogate": ("twin.surrogates", "twin.lab.core.privileged"),
    "policy": ("twin.policies", "twin.lab.core.privileged"),
    "optimizer": ("twin.surrogates.gradient.optimizer",),
    "net-load forecast": ("twin.policies.storage.net_load",),
}
MADE_LATER = ("twin", "surrogate", "policy", "net-load forecast")  # a yaml of these has `_partial_: true`


def role_at(place: Place) -> str:
    """The role of the part that stands at a place of a run's configuration; empty where none of Tandem's does."""
    role = str(place[0]) if place and place[0] in GROUPS else ""
    for field in place[1:]:
        role = NESTED.get((role, str(field)), "")
    return role


def is_in_role(target: str, role: str) -> bool:
    """Whether module.Class is one of the product's own that may take a role, by its name; nothing is imported."""
    module, _, name = target.rpartition(".")
    inside = any(module == room or module.startswith(f"{room}.") for room in ROLES.get(role, ()))
    return inside and bool(re.fullmatch(CLASS, target)) and name in _defined(module)


@cache
def _defined(module: str) -> frozenset[str]:
    """The classes that a file of the product defines, from its text; none where there is no such file."""
    package, *folders = module.split(".")
    file = files(package).joinpath(*folders[:-1], f"{folders[-1]}.py")
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return frozenset(re.findall(r"^class (\w+)", text, re.MULTILINE))
