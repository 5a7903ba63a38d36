"""What the parts of a road network ask of each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Hopeful(Protocol):
    """What waits for room on a road."""

    def look(self) -> None:
        """There is room, unless someone else takes it first."""
        ...


class Road(Protocol):
    """What lanes lie on and lead to. count: vehicles on it; storage: how many it holds at most.

    dark: whether the signal at its end is, so that everyone stops and goes by turns.
    """

    name: str
    count: int
    dark: bool

    @property
    def storage(self) -> int: ...
    @property
    def hopeful(self) -> Collection[Hopeful]: ...

    def enter(self) -> None:
        """One vehicle, now; there is room."""
        ...

    def await_room(self, waiting: Hopeful) -> None:
        """`waiting.look` is called when there is room again."""
        ...

    def make_room(self) -> None:
        """A vehicle has left: all that wait for room try again, first come, first served."""
        ...

    def narrow(self) -> None:
        """Take over a change of condition, incidents, works or a dark signal into the saturation flow."""
        ...
