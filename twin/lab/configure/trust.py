"""`trust=MODULE`: whose classes a configuration may name.

A configuration comes from files: yamls of conf/, a plant's file, a saved run's config.yaml. A file names classes of
`sim` and `twin` only, each in its place (see own_parts). Classes of any other module need `trust=MODULE` on the command
line. What is typed there may name any class, and its module then counts as trusted for that command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab.configure.config_tree import Place, dotted, nodes
from twin.lab.configure.own_class import own_classes
from twin.lab.configure.product_class import CLASS, MADE_LATER, NAME, ROLES, is_in_role, role_at
from twin.lab.configure.renamed_targets import TARGET
from twin.lab.errors import UserError

KEY = "trust="
PLURALS = {role: "policies" if role == "policy" else f"{role}s" for role in ROLES}
PARTIAL = "_partial_"


def split_trust(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """(the other overrides, the modules that trust= names, and classes that are typed in full with their modules).

    `trust=a`, `trust=a,b`, `trust=[a,b]`. Raises UserError for anything that is no module's name.
    """
    rest = [o for o in overrides if not o.startswith(KEY)]
    named = [name for o in overrides if o.startswith(KEY) for name in _modules(o.removeprefix(KEY))]
    typed = [target for target in typed_classes(rest) if re.fullmatch(CLASS, target)]
    return rest, sorted({*named, *typed, *(target.rpartition(".")[0] for target in typed)})


def normalised(overrides: Sequence[str]) -> list[str]:
    """The overrides with what they trust as one `trust=[a,b]`, which is no sweep, at their end."""
    rest, modules = split_trust(overrides)
    return [*rest, *trust_option(modules)]


def trust_option(modules: Sequence[str]) -> list[str]:
    """`trust=[a,b]` as an override; none for no module."""
    return [f"{KEY}[{','.join(modules)}]"] if modules else []


def trusted_modules(value: str | None) -> list[str]:
    """The modules of a `trust=` that is typed beside resume= or from=; None: none. Raises UserError for other text."""
    return [] if value is None else sorted({*_modules(value)})


def _modules(value: str) -> list[str]:
    names = [name.strip(" \"'") for name in value.strip(" \"'").removeprefix("[").removesuffix("]").split(",")]
    for name in names:
        if not re.fullmatch(rf"{NAME}(\.{NAME})*", name):
            raise UserError(f"trust = {value}: must be the name of a module of yours, or several: trust=[a,b]")
    return names


def typed_classes(overrides: Sequence[str]) -> list[str]:
    """module.Class of every class that overrides name: policy=module.Class, policy._target_=..., {_target_: ...}."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    found = list(own_classes(overrides).values())
    for override in overrides:
        if TARGET not in override:
            continue
        try:
            parsed = OverridesParser.create().parse_override(override)
            tree = {parsed.key_or_group.rpartition(".")[2]: parsed.value()}
        except HydraException:  # told later, with the rest of what is wrong in it
            continue
        found += [node for place, node in nodes(tree) if place[-1:] == (TARGET,) and isinstance(node, str)]
    return found


def refuse_untrusted(config: Any, trust: Sequence[str], prefix: str = "", root: Place = ()) -> None:
    """Raises UserError for the first class in a configuration that it may not name, at whatever depth.

    config: plain mappings, sequences and values, resolved. trust: modules that the command line trusts, or classes and
    functions of them by their full names. prefix: what to write before the key, as in `plant.file=a.yaml: `. root:
    where the configuration lies in a run's. Nothing is imported.
    """
    for place, node in nodes(config):
        if not isinstance(node, Mapping):
            continue
        for name in map(str, node):
            if re.fullmatch(r"_\w+_", name) and name not in (TARGET, PARTIAL):
                shown = f"{prefix}{dotted((*place, name))} = {node.get(name)}"
                raise UserError(f"{shown}: must not stand here; a part has {TARGET} and {PARTIAL} only")
        if TARGET in node:
            _check_part(node, (*root, *place), trust, f"{prefix}{dotted((*place, ''))}")


def _check_part(node: Mapping[str, Any], place: Place, trust: Sequence[str], shown: str) -> None:
    """shown: what to write before `_target_`."""
    target, role = node[TARGET], role_at(place)
    if not isinstance(target, str) or not (is_in_role(target, role) or is_trusted(target, trust)):
        raise UserError(f"{shown}{TARGET} = {target}: {_why(target, role)}")
    later, is_later = role in MADE_LATER, node.get(PARTIAL, False)
    if role and is_later is not later:
        allowed = "must be true" if later else "must be left out"
        raise UserError(f"{shown}{PARTIAL} = {str(is_later).lower()}: {allowed}")
    if not isinstance(is_later, bool):
        raise UserError(f"{shown}{PARTIAL} = {is_later!r}: must be true or false")


def refuse_in_file(overrides: Sequence[str], trust: Sequence[str], where: str) -> None:
    """Raises UserError where overrides that stand in a file, as a study's arms do, trust a module or name a class.

    trust: modules that the command line trusts. where: names the file.
    """
    for override in overrides:
        if override.lstrip("+").startswith(KEY):
            raise UserError(f"{where}: {override}: only the command line says whom to trust")
    for target in typed_classes(overrides):
        if not any(is_in_role(target, role) for role in ROLES) and not is_trusted(target, trust):
            raise UserError(f"{where}: {target}: {_why(target, '')}")


def is_trusted(target: str, trust: Sequence[str]) -> bool:
    """Whether a class is one of those that the command line trusts, or lies in a module of them, by its name."""
    named = bool(re.fullmatch(CLASS, target))
    return named and any(target == name or target.startswith(f"{name}.") for name in trust)


def _why(target: Any, role: str) -> str:
    allowed = f"must be one of Tandem's {PLURALS[role]}" if role else "no class may be named here by a file"
    if not isinstance(target, str) or not re.fullmatch(CLASS, target):
        return f"must be the name of a class, module.Class; {allowed}"
    package, module = target.split(".")[0], target.rpartition(".")[0]
    if package in ("sim", "twin") or package in sys.stdlib_module_names:  # nobody's own: no hint how to let it in
        return allowed
    return f"{allowed}; one of yours only where the command line says trust={module}"
