"""The fields that describe a station in a yaml, and how defaults and names in them are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATION_FIELDS = (
    "type",
    "cycle",
    "buffer",
    "queue",
    "transit",
    "to",
    "routing",
    "shares",
    "rework",
    "assemble",
    "inspects",
    "operators",
    "power",
    "quality",
    "wear",
    "failures",
    "maintenance",
    "priority",
    "arrivals",
    "vibration",
    "temperature",
    "power_noise",
)


def merged(defaults: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """`overrides` over `defaults`, mapping by mapping; a None in `overrides` switches a part off."""
    result = dict(defaults)
    for key, value in overrides.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def names_of(targets: str | Sequence[str] | None) -> list[str]:
    """Names of stations as a list, from one name, several or none."""
    return [targets] if isinstance(targets, str) else list(targets or [])
