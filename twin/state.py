"""The state of the twin that a checkpoint saves: each part names the fields that change while it runs.

A state is a tree of dicts, lists, tuples, plain values, arrays and tensors; see archive.py for how it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

State = dict[str, Any]
Record = TypeVar("Record")


@runtime_checkable
class Stateful(Protocol):
    """An object whose state can be saved between two ticks and loaded into a new object of the same construction."""

    def state(self) -> State:
        """Everything that `load` needs to continue identically; a view, valid until the next change."""
        ...

    def load(self, state: State) -> None:
        """Take over a copy of a state. Raises ValueError for the state of an object of another construction."""
        ...


class SavedFields:
    """Makes a class Stateful: it saves and loads the fields that STATE_FIELDS names.

    STATE_FIELDS: names of the fields that change while the twin runs. A field is a plain value, a list or dict of them,
    an array, a random generator or a Stateful part.
    """

    STATE_FIELDS: ClassVar[tuple[str, ...]] = ()

    def state(self) -> State:
        """See Stateful."""
        return gather(self, self.STATE_FIELDS)

    def load(self, state: State) -> None:
        """See Stateful."""
        restore(self, self.STATE_FIELDS, state)


def gather(owner: object, names: Iterable[str]) -> State:
    """The named fields of `owner`."""
    return {name: _view(getattr(owner, name)) for name in names}


def restore(owner: object, names: Iterable[str], state: Mapping[str, Any]) -> None:
    """Set the named fields of `owner`. Raises ValueError where one is missing or of another shape."""
    for name in names:
        what = f"{type(owner).__name__}.{name}"
        if name not in state:
            raise ValueError(f"state: {what} is missing")
        setattr(owner, name, _taken(what, getattr(owner, name), state[name]))


def _view(value: Any) -> Any:
    if isinstance(value, Stateful):
        return value.state()
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    return value


def _taken(what: str, now: Any, saved: Any) -> Any:
    if isinstance(now, Stateful):
        now.load(saved)
        return now
    if isinstance(now, np.random.Generator):
        now.bit_generator.state = saved
        return now
    if isinstance(now, np.ndarray) and _kind(saved) != _kind(now):
        raise ValueError(f"state: {what} is {_kind(saved)}: must be {_kind(now)}")
    return copy(saved)


def _kind(value: Any) -> str:
    return f"{value.dtype}{list(value.shape)}" if isinstance(value, np.ndarray) else type(value).__name__


def columns(records: Iterable[object]) -> State:
    """Dataclass records as one array per field, [records, ...]; nothing for none."""
    rows = list(records)
    if not rows:
        return {}
    names = [field.name for field in fields(rows[0])]  # type: ignore[arg-type]
    return {name: np.stack([np.asarray(getattr(row, name)) for row in rows]) for name in names}


def records(kind: type[Record], columns: Mapping[str, NDArray[Any]]) -> list[Record]:
    """The inverse of `columns`: records of `kind` from one array per field."""
    if not columns:
        return []
    result, parts = [], fields(kind)  # type: ignore[arg-type]
    for values in zip(*(_rows(columns[field.name]) for field in parts), strict=True):
        named = list(zip(parts, values, strict=True))
        record = kind(**{field.name: value for field, value in named if field.init})
        for field, value in named:
            if not field.init:
                setattr(record, field.name, value)
        result.append(record)
    return result


def _rows(column: NDArray[Any]) -> list[Any]:
    return column.tolist() if column.ndim == 1 else [row.copy() for row in column]


def stacked(arrays: Mapping[int, NDArray[Any]]) -> State:
    """Arrays of one shape by number, as two arrays; nothing for none."""
    return {"keys": np.array(list(arrays)), "rows": np.stack(list(arrays.values()))} if arrays else {}


def unstacked(state: Mapping[str, NDArray[Any]]) -> dict[int, NDArray[Any]]:
    """The inverse of `stacked`: arrays by number."""
    return dict(zip(state["keys"].tolist(), _rows(state["rows"]), strict=True)) if state else {}
