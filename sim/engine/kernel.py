"""A SimPy environment that can be copied: the clock, the queue, and the components that live on them.

Components are explicit state machines. They schedule `Timer`s, whose action is a bound method of a component, or hand
over at once through `soon`, so that nothing recurses along a line. SimPy's own events and generator processes work too;
a plant that has any in flight cannot be forked and says so.
"""

from __future__ import annotations

import io
import pickle
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any, ClassVar, Self

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, Event

from sim.engine.flat_pickle import FlatPickler, FlatUnpickler, Named, Shared
from sim.engine.instant import ENDS
from sim.engine.plain_arrays import taken
from sim.engine.standstill import TOO_SHORT, WATCHED, allowed, caller, standstill

NO_FIELDS: Mapping[str, Any] = {}


class Timer:
    """An event that calls `action` once when its time comes; it can be cancelled and set again.

    order: who goes first at equal times, see sim.engine.instant; to be changed only before `set`.
    Only the entry that was set last counts: older ones lie stale in the queue and are skipped.
    """

    __slots__ = ("action", "armed", "kernel", "order", "time")

    def __init__(self, kernel: Kernel, action: Callable[[], None], order: float = ENDS) -> None:
        self.kernel, self.action, self.order = kernel, action, order
        self.armed, self.time = -1, 0.0

    def set(self, delay: float) -> None:
        """Fire `delay` seconds from now instead of whenever it was set before."""
        kernel = self.kernel
        kernel.count = self.armed = count = kernel.count + 1
        self.time = time = kernel._now + delay
        heappush(kernel._queue, (time, self.order, count, self))

    def set_at(self, time: float) -> None:
        """Fire at `time`, to the last bit, which `set(time - now)` may miss."""
        kernel = self.kernel
        kernel.count = self.armed = count = kernel.count + 1
        self.time = time
        heappush(kernel._queue, (time, self.order, count, self))

    def cancel(self) -> None:
        """Do not fire."""
        self.armed = -1

    def __getstate__(self) -> tuple[Any, ...]:
        return self.kernel, self.action, self.order, self.armed, self.time

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.kernel, self.action, self.order, self.armed, self.time = state


class Component(Named):
    """Something with state on a kernel. A fork copies its `__dict__` and its slots, but for what is `SHARED`.

    A subclass with many attributes may keep them in `__slots__`, all of which its constructor sets: beyond 30 of them
    every instance has a table of its own in its `__dict__`, which takes longer and fills the processor's cache.
    """

    __slots__ = ("kernel", "name")
    SLOTS: ClassVar[tuple[str, ...]] = __slots__  # of the class and its bases
    SLOT_VALUES: ClassVar[Callable[[Component], tuple[Any, ...]]] = attrgetter(*__slots__)  # in that order
    kernel: Kernel

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.SLOTS = tuple(name for base in reversed(cls.__mro__) for name in base.__dict__.get("__slots__", ()))
        cls.SLOT_VALUES = attrgetter(*cls.SLOTS)

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
        """Process everything up to and including `until`.

        Raises ValueError for a time that has passed, StandstillError where time does not pass.
        """
        if until < self._now:
            raise ValueError(f"Kernel.advance: until = {until}: must be >= now = {self._now}")
        before, most = self._now, allowed(len(self.components))
        while self._process(until, most):
            if self._now - before < TOO_SHORT:
                raise standstill(self._now, most, self._callers(until))
            before = self._now
        self._now = until

    def _process(self, until: float, most: int) -> bool:
        """Process events up to and including `until`, at most so many; whether that many were there."""
        queue, soon, processed = self._queue, self._soon, 0
        for _ in range(most):
            if soon:
                soon.popleft()()
                continue
            if not queue:
                break
            entry = heappop(queue)
            time, _, count, event = entry
            if time > until:
                heappush(queue, entry)
                break
            if event.__class__ is not Timer:
                heappush(queue, entry)
                super().step()
                processed += 1
            elif event.armed == count:
                event.armed = -1
                self._now = time
                processed += 1
                event.action()
        else:
            self.processed += processed
            return True
        self.processed += processed
        return False

    def _callers(self, until: float) -> Counter[str]:
        """Whose events come next, and how often each."""
        callers: Counter[str] = Counter()
        for _ in range(WATCHED):
            following = self._soon[0] if self._soon else self._queue[0][3] if self._queue else None
            callers[caller(following.action if isinstance(following, Timer) else following)] += 1
            self._process(until, 1)
        return callers

    def _drain(self) -> None:
        while self._soon:
            self._soon.popleft()()

    def save(self, *, share: bool = False) -> bytes:
        """The whole state, flat: each component's state, with names for the others. Raises ValueError.

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
            fields, values = _state(component)
            shared = component.SHARED if share else ()
            if shared:
                name = component.name
                values = tuple(Shared(name, f) if f in shared else v for f, v in zip(fields, values, strict=True))
            states.append((keys.setdefault(fields, fields), values))
        pickle.Pickler(buffer, 5).dump([(c.__class__, name) for name, c in self.components.items()])
        try:
            FlatPickler(buffer, self, keep=not share).dump(
                (states, self._now, self.count, self.processed, live, list(self._soon))
            )
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
            for kind, name in FlatUnpickler(buffer, kernel, modules).read():
                if not (isinstance(kind, type) and issubclass(kind, Component)):
                    raise ValueError(f"snapshot: {kind!r} is not a component")
                kernel.components[name] = kind.__new__(kind)
            whole = FlatUnpickler(buffer, kernel, modules, origin).read()
            states, kernel._now, kernel.count, kernel.processed, live, soon = whole
        except Exception as error:  # a crafted pickle can raise nearly anything
            said = " ".join(str(error).split())
            raise ValueError(said if said.startswith("snapshot: ") else f"snapshot: cannot be read: {said}") from None
        for component, (fields, values) in zip(kernel.components.values(), states, strict=True):
            _set_state(component, fields, values if origin else tuple(map(taken, values)))
        kernel._queue[:] = sorted((timer.time, timer.order, timer.armed, timer) for timer in live)
        kernel._soon.extend(soon)
        return kernel

    def copy(self) -> Self:
        """An independent copy with the same future."""
        packages = {component.__class__.__module__.split(".")[0] for component in self.components.values()}
        return self.load(self.save(share=True), packages, self)


def _state(component: Component) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Names of its fields, the slots first, and their values."""
    kind, own = component.__class__, getattr(component, "__dict__", NO_FIELDS)
    return (*kind.SLOTS, *own), (*kind.SLOT_VALUES(component), *own.values())


def _set_state(component: Component, fields: tuple[str, ...], values: tuple[Any, ...]) -> None:
    """Only slots are set as attributes: a foreign snapshot could name anything, `__class__` for instance."""
    slots = component.__class__.SLOTS
    if tuple(fields[: len(slots)]) != slots:
        raise ValueError(f"snapshot: {component.__class__.__name__} has other fields")
    for name, value in zip(slots, values, strict=False):
        setattr(component, name, value)
    if len(fields) > len(slots):
        component.__dict__.update(zip(fields[len(slots) :], values[len(slots) :], strict=True))


def _armed(timer: Timer) -> int:
    return timer.armed
