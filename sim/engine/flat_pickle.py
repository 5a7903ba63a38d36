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

from simpy.events import PENDING

# What a snapshot may name beside classes of `sim`: numpy's arrays and the few builtins that pickle needs.
ALLOWED = {
    *((f"numpy.{core}.multiarray", name) for core in ("_core", "core") for name in ("_reconstruct", "scalar")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("_core", "core")),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("collections", "deque"),
}


class Register(Protocol):
    """Who knows the components by name."""

    @property
    def components(self) -> Mapping[str, Named]: ...


class Named:
    """What a pickle names instead of writing it, as long as its kernel knows it by that name.

    SHARED: names of fields that nobody ever changes; forks in one process share them.
    """

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


REDUCERS = copyreg.dispatch_table | {MethodType: _reduce_method, Shared: _reduce_shared, object: _reduce_object}


class FlatPickler(pickle.Pickler):
    """Writes names for components, by a table of types: asking about every object would take most of the time."""

    def __init__(self, buffer: io.BytesIO, kernel: Register) -> None:
        super().__init__(buffer, protocol=5)
        kinds = {component.__class__ for component in kernel.components.values()}
        self.dispatch_table = REDUCERS | dict.fromkeys(kinds, _reduce_component) | {kernel.__class__: _reduce_kernel}


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

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in ALLOWED:
            return super().find_class(module, name)
        if module == __name__ and name in ("_bind", "_named"):
            return self._bound if name == "_bind" else self._named
        package = module.split(".")[0]
        known = package == "sim" or (package in self._packages and module in sys.modules)
        if known and "." not in name:  # a dotted name would reach through to other modules
            kind = super().find_class(module, name)
            if isinstance(kind, type) and kind.__module__.split(".")[0] == package:
                if self._origin is None:
                    self._before.setdefault(kind, dict(kind.__dict__))
                return kind
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no snapshot may")
