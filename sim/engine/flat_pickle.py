"""Flat pickles of an object graph: components stand in them by name, and reading them executes nothing foreign.

A component's state is written with names in place of the other components, of their kernel and of SimPy's PENDING,
whose identity matters. So nothing recurses along a line of thousands of stations.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, ClassVar, Protocol

import numpy as np
from simpy.events import PENDING

from sim.engine.plain_arrays import (
    PlainDtype,
    object_array,
    plain_array,
    plain_scalar,
    reduce_array,
    reduce_plain_array,
)

# What a snapshot may name beside classes of `sim`: the few builtins that pickle needs, and numpy's arrays. What reads
# these is numpy's own in a copy of this process's, else that of plain_arrays.
BUILTINS = {("builtins", "set"), ("builtins", "frozenset"), ("collections", "deque")}
ARRAYS = {
    ("numpy", "dtype"): "PlainDtype",
    **{(f"numpy.{core}.numeric", "_frombuffer"): "_array" for core in ("_core", "core")},
    **{(f"numpy.{core}.multiarray", "scalar"): "_scalar" for core in ("_core", "core")},
}
OWN = {
    (__name__, "_bind"): "_bound",
    (__name__, "_named"): "_named",
    (object_array.__module__, object_array.__name__): "_objects",
}


class Register(Protocol):
    """Who knows the components by name."""

    @property
    def components(self) -> Mapping[str, Named]: ...


class Named:
    """What a pickle names instead of writing it, as long as its kernel knows it by that name.

    SHARED: names of fields that nobody ever changes; forks in one process share them.
    """

    __slots__ = ()
    SHARED: ClassVar[tuple[str, ...]] = ()

    kernel: Register
    name: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Stands in a copy for a field that nobody changes."""

    component: str
    field: str


def _bind(owner: Any, name: str) -> MethodType:
    """A method of a component: the one kind of callable that a snapshot may hold."""
    function = getattr(type(owner), name, None)
    if not isinstance(owner, Named) or not isinstance(function, FunctionType):
        raise pickle.UnpicklingError(f"it binds {name!r} of {type(owner).__name__}, which no snapshot may")
    return MethodType(function, owner)


def _reduce_method(method: MethodType) -> tuple[Any, ...]:
    return _bind, (method.__self__, method.__func__.__name__)


def _named(_: Any) -> Named:
    """Replaces the component of this name in a pickle; an unpickler has its own."""
    raise pickle.UnpicklingError("a component's name means nothing outside a snapshot")


def _reduce_component(component: Named) -> tuple[Any, ...]:
    if component.kernel.components.get(component.name) is not component:
        raise pickle.PicklingError(f"{component.name} is no part of the plant any more")
    return _named, (component.name,)


def _reduce_kernel(_: Register) -> tuple[Any, ...]:
    return _named, ("",)


def _reduce_object(thing: object) -> str | tuple[Any, ...]:
    return (_named, (None,)) if thing is PENDING else thing.__reduce_ex__(5)


def _reduce_shared(shared: Shared) -> tuple[Any, ...]:
    return _named, ((shared.component, shared.field),)


REDUCERS = copyreg.dispatch_table | {
    MethodType: _reduce_method,
    Shared: _reduce_shared,
    object: _reduce_object,
}


class FlatPickler(pickle.Pickler):
    """Writes names for components, by a table of types: asking about every object would take most of the time.

    keep: the bytes are read in another process, and must hold nothing that is not read there.
    """

    def __init__(self, buffer: io.BytesIO, kernel: Register, *, keep: bool = False) -> None:
        super().__init__(buffer, protocol=5)
        kinds = {component.__class__ for component in kernel.components.values()}
        arrays = {np.ndarray: reduce_plain_array if keep else reduce_array}
        self.dispatch_table = (
            REDUCERS | arrays | dict.fromkeys(kinds, _reduce_component) | {kernel.__class__: _reduce_kernel}
        )


class FlatUnpickler(pickle.Unpickler):
    """Reads what a FlatPickler wrote, with `kernel` and its components in place of the names.

    modules: packages beside `sim` whose classes it may name, of modules that are loaded already: reading imports none.
    origin: who has the fields that a copy shares. Raises UnpicklingError for anything else that is named.
    """

    def __init__(
        self, buffer: io.BytesIO, kernel: Register, modules: Iterable[str], origin: Register | None = None
    ) -> None:
        super().__init__(buffer)
        self._kernel, self._packages, self._origin = kernel, {"sim", *modules}, origin
        self._before: dict[type, dict[str, Any]] = {}  # classes as they were when first named

    def read(self) -> Any:
        """As `load`. Raises ValueError where a foreign pickle would have changed a class, which stays as it was."""
        try:
            return self.load()
        finally:
            changed = [kind for kind, before in self._before.items() if dict(kind.__dict__) != before]
            for kind in changed:
                before = self._before[kind]
                for name in kind.__dict__.keys() - before.keys():
                    delattr(kind, name)
                for name, value in before.items():
                    if kind.__dict__[name] is not value:
                        setattr(kind, name, value)
            if changed:
                raise ValueError(f"snapshot: it would change {changed[0].__name__}, which no snapshot may")

    def _bound(self, owner: Any, name: str) -> MethodType:
        return _bind(owner, name)

    def _named(self, name: Any) -> Any:
        if name == "":
            return self._kernel
        if name is None:
            return PENDING
        if isinstance(name, tuple) and self._origin is not None:
            return getattr(self._origin.components[name[0]], name[1])
        return self._kernel.components[name]

    # Methods, since a foreign pickle could set attributes of a function.

    def _array(self, *arguments: Any) -> Any:
        return plain_array(*arguments)

    def _scalar(self, *arguments: Any) -> Any:
        return plain_scalar(*arguments)

    def _objects(self, *arguments: Any) -> Any:
        return object_array(*arguments)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in BUILTINS or (self._origin is not None and (module, name) in ARRAYS):
            return super().find_class(module, name)
        reader = ARRAYS.get((module, name)) or OWN.get((module, name))
        if reader == "PlainDtype":
            self._before.setdefault(PlainDtype, dict(PlainDtype.__dict__))
            return PlainDtype
        if reader is not None:
            return getattr(self, reader)
        package = module.split(".")[0]
        known = package == "sim" or (package in self._packages and module in sys.modules)
        if known and "." not in name:  # a dotted name would reach through to other modules
            kind = super().find_class(module, name)
            if isinstance(kind, type) and kind.__module__.split(".")[0] == package:
                if self._origin is None:
                    self._before.setdefault(kind, dict(kind.__dict__))
                return kind
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no snapshot may")
