"""Quantities known ahead (tariff, shifts) from configuration, and when they change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sim.contract import Schedule
from sim.engine.checks import known, number

STEPS = ("times", "values", "repeat")


def make_schedule(name: str, kind: str, unit: str, fields: Mapping[str, Any]) -> Schedule:
    """A schedule from `times` (s, from 0), `values` (>= 0) and `repeat` (s). Raises ValueError naming the field."""
    known(name, fields, STEPS)
    for field in ("times", "values"):
        if not isinstance(fields.get(field), list | tuple):
            raise ValueError(f"{name}.{field} = {fields.get(field)!r}: must be a list of numbers")
    times = tuple(number(f"{name}.times", time, low=0) for time in fields["times"])
    values = tuple(number(f"{name}.values", value, low=0) for value in fields["values"])
    return Schedule(name, kind, unit, times, values, float(fields.get("repeat", math.inf)))


def make_changing(name: str, kind: str, unit: str, fields: Mapping[str, Any]) -> Schedule:
    """The same, and from `until` (s) on what `then` describes. Raises ValueError naming the field."""
    known(name, fields, (*STEPS, "until", "then"))
    first = make_schedule(name, kind, unit, {key: fields[key] for key in STEPS if key in fields})
    after, until = fields.get("then"), float(fields.get("until", math.inf))
    if after is None and until == math.inf:
        return first
    if after is None or until == math.inf:
        raise ValueError(f"{name}.until = {until:g}: goes with `then`, the steps that hold from then on")
    number(f"{name}.until", until, above=0)
    return replace(first, until=until, then=make_schedule(f"{name}.then", kind, unit, after))
