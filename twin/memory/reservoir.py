"""A uniform sample, of bounded size, of a stream whose length is not known."""

from __future__ import annotations

import numpy as np

from twin.checks import whole
from twin.state import SavedFields


class Reservoir(SavedFields):
    """Chooses the slot of each item of a stream, so that every item so far is held with the same probability.

    Source: Vitter 1985, Random sampling with a reservoir, algorithm R. size: slots, 0 to hold nothing. Raises
    ValueError for a negative size.
    """

    STATE_FIELDS = ("seen",)

    def __init__(self, size: int) -> None:
        whole("Reservoir", 0, size=size)
        self.size, self.seen = size, 0

    def __len__(self) -> int:
        return min(self.seen, self.size)

    def offer(self, random: np.random.Generator) -> int | None:
        """The slot that the next item takes, replacing its content; None where the item is not held."""
        self.seen += 1
        if self.seen <= self.size:
            return self.seen - 1
        slot = int(random.integers(self.seen)) if self.size else self.size
        return slot if slot < self.size else None
