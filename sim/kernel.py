"""A SimPy environment that can be copied: the clock, the queue, and the components that live on them.

Components are explicit state machines. They schedule `Timer`s, whose action is a bound method of a component, or hand
over at once through `soon`, so that nothing recurses along a line. SimPy's own events and generator processes work too;
a plant that has any in flight cannot be forked and says so.
"""

from __future__ import annotations

import io
import zlib
import pickle
from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import Any, Self

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, PENDING, Event

VERSION = 1
MAGIC = b"tandem-snapshot\n"
# What a snapshot may name: our own components, numpy's arrays and the few builtins that pickle needs.
ALLOWED_PACKAGES = ("sim", "numpy")
ALLOWED_BUILTINS = {("builtins", "getattr"), ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "slice")}
ALLOWED_OTHERS = {("collections", "deque"), ("collections", "OrderedDict"), ("_codecs", "encode")}


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
    """Something with state on a kernel. Its `__dict__` is what a fork copies."""

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
        while queue and queue[0][0] <= until:
            event = queue[0][3]
            if event.__class__ is not Timer:
                self.step()
                continue
            time, _, count, _ = heappop(queue)
            if event.armed != count:
                continue
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

    def save(self) -> bytes:
        """The whole state, flat: each component's own, with persistent ids for the others. Raises ValueError."""
        live = [entry for entry in self._queue if entry[3].__class__ is not Timer or entry[3].armed == entry[2]]
        foreign = [entry[3] for entry in live if entry[3].__class__ is not Timer]
        if foreign:
            raise ValueError(f"Kernel: {foreign[0]!r} is a SimPy event or process: a plant with generators cannot be forked")
        live.sort(key=lambda entry: entry[2])
        buffer = io.BytesIO()
        state = (
            [(component.__class__, name) for name, component in self.components.items()],
            [component.__dict__ for component in self.components.values()],
            (self._now, self.count, self.processed, live, list(self._soon)),
        )
        _Pickler(buffer, self).dump(state[0])
        _Pickler(buffer, self).dump(state[1:])
        return buffer.getvalue()

    @classmethod
    def load(cls, data: bytes | memoryview, modules: Iterable[str] = ()) -> Self:
        """The kernel that `save` wrote. Raises ValueError for anything else; nothing foreign is executed."""
        kernel = cls()
        buffer = io.BytesIO(data)
        try:
            listed = _Unpickler(buffer, kernel, modules).load()
            for kind, name in listed:
                component = kind.__new__(kind)
                if not isinstance(component, Component):
                    raise ValueError(f"{kind!r} is not a component")
                kernel.components[name] = component
            states, (kernel._now, kernel.count, kernel.processed, live, soon) = _Unpickler(buffer, kernel, modules).load()
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f"snapshot: cannot be read: {error}") from None
        for component, state in zip(kernel.components.values(), states, strict=True):
            component.__dict__.update(state)
        kernel._queue[:] = sorted(live, key=lambda entry: entry[:3])
        kernel._soon.extend(soon)
        return kernel


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO, kernel: Kernel) -> None:
        super().__init__(buffer, protocol=5)
        self._ids: dict[int, Any] = {id(c): name for name, c in kernel.components.items()}
        self._ids[id(kernel)] = 0
        self._ids[id(PENDING)] = 1

    def persistent_id(self, obj: Any) -> Any:
        return self._ids.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, kernel: Kernel, modules: Iterable[str]) -> None:
        super().__init__(buffer)
        self._kernel, self._packages = kernel, (*ALLOWED_PACKAGES, *modules)

    def persistent_load(self, pid: Any) -> Any:
        if pid == 0:
            return self._kernel
        if pid == 1:
            return PENDING
        return self._kernel.components[pid]

    def find_class(self, module: str, name: str) -> Any:
        package = module.split(".")[0]
        if package in self._packages or module in self._packages or (module, name) in ALLOWED_BUILTINS | ALLOWED_OTHERS:
            return super().find_class(module, name)
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
