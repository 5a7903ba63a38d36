"""From key=value arguments to a plain configuration, with errors that a person can act on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from twin.lab.cli import UserError


def compose(name: str, overrides: Sequence[str]) -> Any:
    """The DictConfig of conf/NAME.yaml under overrides. Raises UserError in one line for anything wrong."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_module
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        with initialize_config_module("conf", version_base="1.3"):
            config = hydra_compose(name, overrides=list(overrides))
            missing = [override for override in overrides if "=" not in override]
            if missing:
                raise UserError(f"{missing[0]!r}: options are given as key=value")
            return config
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise UserError(explain(name, overrides, error)) from None


def explain(name: str, overrides: Sequence[str], error: Exception) -> str:
    """One line for a configuration error: what was wrong, what there is."""
    text = str(error)
    found = re.search(r"[Cc]ould not find '([^']+)/([^'/]+)'", text) or re.search(r"Could not load '([^']+)/([^'/]+)'", text)
    if found:
        group, choice = found.groups()
        return f"{group} = {choice}: there is no such {group}; there are {', '.join(choices(group))}"
    found = re.search(r"Could not override '([^']+)'", text) or re.search(r"Key '([^']+)' is not in struct", text)
    if found:
        key = found.group(1)
        options = keys(name)
        close = difflib.get_close_matches(key, options, 3, 0.5)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        top = [option for option in options if "." not in option]
        return f"{key}: there is no such option; {hint}options are {', '.join(top)} and what lies below them"
    return text.splitlines()[0] if text else type(error).__name__


def groups() -> dict[str, list[str]]:
    """Each group of conf/ and its choices."""
    found = {}
    for entry in sorted(files("conf").iterdir(), key=lambda e: e.name):
        if entry.is_dir() and not entry.name.startswith("_"):
            found[entry.name] = sorted(e.name[:-5] for e in entry.iterdir() if e.name.endswith(".yaml"))
    return found


def choices(group: str) -> list[str]:
    """Choices of one group."""
    return groups().get(group, [])


def describe(group: str, choice: str) -> str:
    """The first comment of a choice's yaml that is not a package line."""
    for line in (files("conf") / group / f"{choice}.yaml").read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and "@package" not in line:
            return line.lstrip("# ").strip()
    return ""


def keys(name: str) -> list[str]:
    """Every key of the composed configuration, dotted, and the groups."""
    from omegaconf import OmegaConf

    config = OmegaConf.to_container(compose(name, []), resolve=False)
    return sorted({*_walk(config, ""), *groups()})


def _walk(node: Any, prefix: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield f"{prefix}{key}"
            yield from _walk(value, f"{prefix}{key}.")
