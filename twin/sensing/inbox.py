"""Faults of the network, from the sequence numbers of messages: duplicates, gaps, late arrivals."""

from __future__ import annotations

import numpy as np

from sim.contract import Message
from twin.state import SavedFields, State

REMEMBERED_GAPS = 100_000


class Inbox(SavedFields):
    """Accepts each message once and accounts for the rest.

    accepted + duplicates = delivered; missing are those that a later one proves to have been sent.
    """

    STATE_FIELDS = ("_next", "_forgotten", "accepted", "duplicates", "reordered")

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._gaps: dict[tuple[str, int], None] = {}
        self._forgotten = 0
        self.accepted = 0
        self.duplicates = 0
        self.reordered = 0

    def accept(self, message: Message) -> bool:
        """True for a message that has not been seen; False for a duplicate."""
        expected = self._next.get(message.channel, 0)
        if message.sequence == expected:  # most are
            self._next[message.channel] = expected + 1
            self.accepted += 1
            return True
        key = (message.channel, message.sequence)
        if message.sequence > expected:
            self._gaps.update(((message.channel, n), None) for n in range(expected, message.sequence))
            self._next[message.channel] = message.sequence + 1
        elif key in self._gaps:
            del self._gaps[key]
            self.reordered += 1
        else:
            self.duplicates += 1
            return False
        while len(self._gaps) > REMEMBERED_GAPS:
            del self._gaps[next(iter(self._gaps))]
            self._forgotten += 1
        self.accepted += 1
        return True

    def state(self) -> State:
        """See twin.state.Stateful. The gaps in the order in which they arose."""
        channels = list(self._next)
        where = np.array([channels.index(channel) for channel, _ in self._gaps], dtype=np.int64)
        return super().state() | {"gaps": [where, np.array([number for _, number in self._gaps], dtype=np.int64)]}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        channels, (where, numbers) = list(self._next), state["gaps"]
        gaps = zip(where.tolist(), numbers.tolist(), strict=True)
        self._gaps = {(channels[place], number): None for place, number in gaps}

    @property
    def missing(self) -> int:
        """Messages known to have been sent that have not arrived."""
        return len(self._gaps) + self._forgotten
