"""What a caller chose in keyword arguments, as overrides of conf/ and as Python objects of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twin.lab.arguments import quoted
from twin.lab.errors import UserError

OWN_GROUPS = ("plant", "policy", "surrogate")  # a class or an object can take the place of a yaml
YAML = (".yaml", ".yml")
RESERVED = ("null", "true", "false", "inf", "nan")  # words that the grammar takes for values


@dataclass(frozen=True)
class Chosen:
    """overrides: key=value texts, as on the command line. own: the caller's class or object by group of conf/."""

    overrides: list[str]
    own: dict[str, Any]


def chosen(scenario: str | None, options: Mapping[str, Any]) -> Chosen:
    """Sort keyword arguments into overrides and own objects.

    A mapping stands for the dotted keys below its name: twin={"learner.start": 16} is twin.learner.start=16.
    Raises UserError where a value has no text in a configuration, or where a key of a replaced yaml is set.
    """
    named = ({} if scenario is None else {"scenario": scenario}) | dict(options)
    own = {group: named.pop(group) for group in OWN_GROUPS if _is_own(named.get(group))}
    overrides = []
    for key, value in named.items():
        if isinstance(value, Mapping) and "." not in key:
            overrides += [_override(f"{key}.{name}", item) for name, item in value.items()]
        else:
            overrides.append(_override(key, value))
    for group in own:
        inside = [o for o in overrides if o.lstrip("+~").startswith(f"{group}.")]
        if inside:
            raise UserError(f"{inside[0]}: {group} is an object of yours; give it the value where you make it")
    return Chosen(overrides, own)


def _is_own(value: Any) -> bool:
    return value is not None and not isinstance(value, str | Path | Mapping)


def _override(key: str, value: Any) -> str:
    if key == "plant" and isinstance(value, str | Path) and Path(value).suffix in YAML:
        key, value = "plant.file", str(value)
    try:
        return f"{key}={_text(value)}"
    except TypeError:
        kinds = "text, numbers, True, False, None, and lists and mappings of these"
        raise UserError(f"{key} = {value!r}: has no text in a configuration; {kinds} have") from None


def _text(value: Any) -> str:
    """A value in the grammar of Hydra's overrides. Raises TypeError for one that has no text there."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str | Path):
        return _word(str(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_word(str(key))}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple | np.ndarray):
        return "[" + ",".join(_text(item) for item in value) + "]"
    raise TypeError(type(value).__name__)


def _word(text: str) -> str:
    """A text, in quotes unless it is a plain word that can be nothing else."""
    return text if re.fullmatch(r"[A-Za-z]\w*", text) and text.lower() not in RESERVED else quoted(text)
