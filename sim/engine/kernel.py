"""A SimPy environment that can be copied: the clock, the queue, and the components that live on them.

Components are explicit state machines. They schedule `Timer`s, whose action is a bound method of a component, or hand
over at once through `soon`, so that nothing recurses along a line. SimPy's own events and generator processes work too;
a plant that has any in flight cannot be forked and says so.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from types import FunctionType, MethodType
from typing import Any, ClassVar, Self

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, PENDING, Event

VERSION = 5
MAGIC = b"tandem-snapshot\n"
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


class Timer:
    """An event that calls `action` once when its time comes; it can be cancelled and set again.

    Only the entry that was set last counts: older ones lie stale in the queue and are skipped.
    """

    __slots__ = ("action", "armed", "kernel", "time")

    def __init__(self, kernel: Kernel, action: Callable[[], None]) -> None:
        self.kernel, self.action = kernel, action
        self.armed, self.time = -1, 0.0

    def set(self, delay: float) -> None:
        """Fire `delay` seconds from now instead of whenever it was set before."""
        kernel = self.kernel
        kernel.count = self.armed = count = kernel.count + 1
        self.time = time = kernel._now + delay
        heappush(kernel._queue, (time, NORMAL, count, self))

    def cancel(self) -> None:
        """Do not fire."""
        self.armed = -1

    def __getstate__(self) -> tuple[Any, ...]:
        return self.kernel, self.action, self.armed, self.time

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.kernel, self.action, self.armed, self.time = state


class Component:
    """Something with state on a kernel. Its `__dict__` is what a fork copies.

    SHARED: names of fields that nobody ever changes; forks in one process share them.
    """

    SHARED: ClassVar[tuple[str, ...]] = ()

    kernel: Kernel
    name: str

    def __init__(self, kernel: Kernel, name: str) -> None:
        self.kernel, self.name = kernel, name
        kernel.register(self)


class Kernel(simpy.Environment):
    """The environment. components: everything registered, in order; a name is taken once (ValueError)."""

    _now: float
    _queue: list[Any]

    def __init__(self, initial_time: float = 0.0) -> None:
        super().__init__(initial_time)
        self.count = 0
        self.components: dict[str, Component] = {}
        self._soon: deque[Callable[[], None]] = deque()
        self.processed = 0

    def register(self, component: Component) -> None:
        """Make a component part of forks and snapshots."""
        if component.name in self.components:
            raise ValueError(f"Kernel: name = {component.name!r}: is taken already")
        self.components[component.name] = component

    def soon(self, action: Callable[[], None]) -> None:
        """Call `action` at this same time, after what is going on now."""
        self._soon.append(action)

    def schedule(self, event: Event, priority: Any = NORMAL, delay: float = 0.0) -> None:
        """SimPy's, with a counter that can be copied."""
        self.count += 1
        heappush(self._queue, (self._now + delay, priority, self.count, event))

    def step(self) -> None:
        """Process the next entry. Raises simpy's EmptySchedule when there is none."""
        if not self._queue:
            raise EmptySchedule
        time, _, count, event = heappop(self._queue)
        if event.__class__ is Timer:
            if event.armed == count:
                event.armed = -1
                self._now = time
                self.processed += 1
                event.action()
                self._drain()
            return
        heappush(self._queue, (time, _, count, event))
        super().step()
        self.processed += 1
        self._drain()

    def advance(self, until: float) -> None:
        """Process everything up to and including `until`. Raises ValueError for a time that has passed."""
        if until < self._now:
            raise ValueError(f"Kernel.advance: until = {until}: must be >= now = {self._now}")
        queue, soon, processed = self._queue, self._soon, 0
        while soon:
            soon.popleft()()
        while queue:
            entry = heappop(queue)
            time, _, count, event = entry
            if time > until:
                heappush(queue, entry)
                break
            if event.__class__ is not Timer:
                heappush(queue, entry)
                self.step()
            elif event.armed == count:
                event.armed = -1
                self._now = time
                processed += 1
                event.action()
                while soon:
                    soon.popleft()()
        self.processed += processed
        self._now = until

    def _drain(self) -> None:
        while self._soon:
            self._soon.popleft()()

    def save(self, *, share: bool = False) -> bytes:
        """The whole state, flat: each component's own, with names for the others. Raises ValueError.

        share: leave out what is SHARED; such bytes are good only for a copy in this process.
        """
        live = [entry[3] for entry in self._queue if entry[3].__class__ is not Timer or entry[3].armed == entry[2]]
        foreign = [event for event in live if event.__class__ is not Timer]
        if foreign:
            raise ValueError(
                f"Kernel: {foreign[0]!r} is a SimPy event or process: a plant with generators cannot be forked"
            )
        live.sort(key=_armed)
        buffer = io.BytesIO()
        keys: dict[tuple[str, ...], tuple[str, ...]] = {}  # one object for equal keys, so that pickle writes them once
        states = []
        for component in self.components.values():
            fields = tuple(component.__dict__)
            own = component.__dict__
            if share and component.SHARED:
                own = own | {field: _Shared(component.name, field) for field in component.SHARED}
            states.append((keys.setdefault(fields, fields), tuple(own.values())))
        pickle.Pickler(buffer, 5).dump([(c.__class__, name) for name, c in self.components.items()])
        try:
            _Pickler(buffer, self).dump((states, self._now, self.count, self.processed, live, list(self._soon)))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ValueError(f"Kernel: the plant holds something that cannot be copied: {error}") from None
        return buffer.getvalue()

    @classmethod
    def load(cls, data: bytes | memoryview, modules: Iterable[str] = (), origin: Kernel | None = None) -> Self:
        """The kernel that `save` wrote. modules: packages beside `sim` that it may name. origin: whom to share with.

        Raises ValueError for anything else; nothing foreign is executed.
        """
        kernel = cls()
        buffer = io.BytesIO(data)
        try:
            for kind, name in _Unpickler(buffer, kernel, modules).read():
                if not (isinstance(kind, type) and issubclass(kind, Component)):
                    raise ValueError(f"snapshot: {kind!r} is not a component")
                kernel.components[name] = kind.__new__(kind)
            whole = _Unpickler(buffer, kernel, modules, origin).read()
            states, kernel._now, kernel.count, kernel.processed, live, soon = whole
        except ValueError:
            raise
        except Exception as error:  # a crafted pickle can raise nearly anything
            raise ValueError(f"snapshot: cannot be read: {error}") from None
        for component, (fields, values) in zip(kernel.components.values(), states, strict=True):
            component.__dict__.update(zip(fields, values, strict=True))
        kernel._queue[:] = sorted((timer.time, NORMAL, timer.armed, timer) for timer in live)
        kernel._soon.extend(soon)
        return kernel

    def copy(self) -> Self:
        """An independent copy with the same future."""
        packages = {component.__class__.__module__.split(".")[0] for component in self.components.values()}
        return self.load(self.save(share=True), packages, self)


def _armed(timer: Timer) -> int:
    return timer.armed


def _bind(owner: Any, name: str) -> MethodType:
    """A component's own method: the one kind of callable that a snapshot may hold."""
    function = getattr(type(owner), name, None)
    if not isinstance(owner, Component) or not isinstance(function, FunctionType):
        raise pickle.UnpicklingError(f"it binds {name!r} of {type(owner).__name__}, which no snapshot may")
    return MethodType(function, owner)


def _reduce_method(method: MethodType) -> tuple[Any, ...]:
    return _bind, (method.__self__, method.__func__.__name__)


@dataclass(frozen=True, slots=True)
class _Shared:
    """Stands in a copy for a field that nobody changes."""

    component: str
    field: str


def _named(_: Any) -> Component:
    """Stands in a pickle for the component of this name; an unpickler has its own."""
    raise pickle.UnpicklingError("a component's name means nothing outside a snapshot")


def _reduce_component(component: Component) -> tuple[Any, ...]:
    if component.kernel.components.get(component.name) is not component:
        raise pickle.PicklingError(f"{component.name} is no part of the plant any more")
    return _named, (component.name,)


def _reduce_kernel(_: Kernel) -> tuple[Any, ...]:
    return _named, ("",)


def _reduce_object(thing: object) -> str | tuple[Any, ...]:
    return (_named, (None,)) if thing is PENDING else thing.__reduce_ex__(5)


def _reduce_shared(shared: _Shared) -> tuple[Any, ...]:
    return _named, ((shared.component, shared.field),)


REDUCERS = copyreg.dispatch_table | {
    MethodType: _reduce_method, _Shared: _reduce_shared, object: _reduce_object,
}  # fmt: skip


class _Pickler(pickle.Pickler):
    """Writes names for components, by a table of types: asking about every object would take most of the time."""

    def __init__(self, buffer: io.BytesIO, kernel: Kernel) -> None:
        super().__init__(buffer, protocol=5)
        kinds = {component.__class__ for component in kernel.components.values()}
        self.dispatch_table = REDUCERS | dict.fromkeys(kinds, _reduce_component) | {kernel.__class__: _reduce_kernel}


class _Unpickler(pickle.Unpickler):
    def __init__(
        self, buffer: io.BytesIO, kernel: Kernel, modules: Iterable[str], origin: Kernel | None = None
    ) -> None:
        super().__init__(buffer)
        self._kernel, self._packages, self._origin = kernel, {"sim", *modules}, origin
        self._given: dict[type, dict[str, Any]] = {}

    def read(self) -> Any:
        """As `load`. Raises ValueError where a foreign pickle would have changed a class, which stays as it was."""
        try:
            return self.load()
        finally:
            changed = [kind for kind, before in self._given.items() if dict(kind.__dict__) != before]
            for kind in changed:
                before = self._given[kind]
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
        if package in self._packages and "." not in name:  # a dotted name would reach through to other modules
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__.split(".")[0] == package:
                if self._origin is None:
                    self._given.setdefault(found, dict(found.__dict__))
                return found
        raise pickle.UnpicklingError(f"it names {module}.{name}, which no snapshot may")


def seal(data: bytes) -> bytes:
    """A snapshot for keeping: magic, version, length, checksum, data."""
    return MAGIC + b"%d %d %d\n" % (VERSION, len(data), zlib.crc32(data)) + data


def unseal(snapshot: bytes) -> bytes:
    """What `seal` was given. Raises ValueError for a foreign, truncated or other version's snapshot."""
    if not snapshot.startswith(MAGIC):
        raise ValueError("snapshot: these bytes are not a Tandem snapshot")
    header, _, data = snapshot[len(MAGIC) :].partition(b"\n")
    try:
        version, length, checksum = map(int, header.split())
    except ValueError:
        raise ValueError("snapshot: its header is damaged") from None
    if version != VERSION:
        raise ValueError(f"snapshot: version = {version}: this Tandem reads version {VERSION}")
    if len(data) != length or zlib.crc32(data) != checksum:
        raise ValueError(f"snapshot: truncated or damaged ({len(data)} of {length} bytes)")
    return data
