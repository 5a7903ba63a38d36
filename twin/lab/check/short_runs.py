"""Short runs of a plant, with a twin or alone, and what makes two of them the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from sim.contract import Action, Message, Plant
from twin.lab.core.closed_loop import step
from twin.lab.record.recorder import Words


def messages_of(plant: Plant, ticks: int) -> list[Message]:
    """What is delivered in the next `ticks`."""
    tick = plant.spec.tick
    start = round(plant.now / tick)
    return [message for i in range(ticks) for message in plant.advance((start + i + 1) * tick)]


def turns_of(plant: Plant, twin: Any, ticks: int) -> list[Any]:
    """What a twin was told and did in the next `ticks`, with what the plant then shows."""
    tick = plant.spec.tick
    start = round(plant.now / tick)
    turns = []
    for i in range(ticks):
        turn, journal = step(plant, twin, (start + i + 1) * tick)
        turns.append((turn, journal, plant.kpis(), dict(twin.losses), twin.counts()))
    return turns


def exact(value: Any) -> Any:
    """A value by which two results can be compared to the bit: arrays by their bytes, NaN equal to NaN."""
    if isinstance(value, Words):
        return value.names[value.codes].tolist()
    if isinstance(value, np.ndarray):
        return repr(value.tolist()) if value.dtype == object else (value.shape, value.dtype.str, value.tobytes())
    if is_dataclass(value) and not isinstance(value, type):
        return [exact(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return {key: exact(item) for key, item in value.items()}
    return [exact(item) for item in value] if isinstance(value, list | tuple) else repr(value)


def difference(first: Sequence[Message], second: Sequence[Message]) -> str:
    """In words, the first difference between two lists of messages; empty where they are the same to the bit."""
    for number, (a, b) in enumerate(zip(first, second, strict=False)):
        heads = (a.channel, a.sequence, a.sent, a.arrived), (b.channel, b.sequence, b.sent, b.arrived)
        if heads[0] != heads[1]:
            return f"message {number}: (channel, sequence, sent, arrived) = {heads[0]} and {heads[1]}"
        if repr(a.events) != repr(b.events):
            return f"message {number}, sent at {a.sent:g} s: events {a.events} and {b.events}"
        if a.signals.tobytes() != b.signals.tobytes() or a.values.tobytes() != b.values.tobytes():
            return f"message {number} of {a.channel}, sent at {a.sent:g} s: other readings"
    if len(first) != len(second):
        return f"{len(first)} and {len(second)} messages"
    return ""


def commands(plant: Plant) -> list[Action]:
    """One for every actuator, at a value that it allows and that is not its default, where there is one."""
    return [
        Action(plant.now, actuator.key, actuator.low if actuator.low != actuator.default else actuator.high, "a check")
        for actuator in plant.spec.actuators
    ]
