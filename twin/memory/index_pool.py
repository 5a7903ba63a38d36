"""A set of whole numbers below a bound from which one is drawn at once, however many there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.state import State


class IndexPool:
    """Members in an array, the last of which takes the place of one that leaves. bound: members are in [0, bound)."""

    def __init__(self, bound: int) -> None:
        self._items: NDArray[np.intp] = np.empty(bound, dtype=np.intp)
        self._place: NDArray[np.intp] = np.full(bound, -1, dtype=np.intp)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, item: int) -> bool:
        return bool(self._place[item] >= 0)

    def holds(self, items: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of `items` are members."""
        return self._place[items] >= 0

    @property
    def items(self) -> NDArray[np.intp]:
        """The members, a view; in an order that depends on past additions and removals."""
        return self._items[: self._count]

    def add(self, item: int) -> None:
        """Add a number; one that is a member already changes nothing."""
        if self._place[item] < 0:
            self._items[self._count], self._place[item] = item, self._count
            self._count += 1

    def discard(self, item: int) -> None:
        """Remove a number; one that is no member changes nothing."""
        place = self._place[item]
        if place >= 0:
            self._count -= 1
            last = self._items[self._count]
            self._items[place], self._place[last] = last, place
            self._place[item] = -1

    def state(self) -> State:
        """See twin.state.Stateful."""
        return {"items": self.items}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        items = state["items"]
        self._count, self._items[: len(items)] = len(items), items
        self._place[:] = -1
        self._place[items] = np.arange(len(items))
