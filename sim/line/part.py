"""A part on its way through the line."""

from __future__ import annotations

from typing import Final, Protocol


class Card(Protocol):
    """The permission to be in the line that a part carries, see `sim.line.conwip`."""

    def give_back(self) -> None:
        """The part has left the line."""
        ...


# When the part entered the line (s), whether it is good, how often it was reworked, its card; the names are the places.
# It is a tuple because one is made and read in every cycle.
Part = tuple[float, bool, int, Card | None]
ENTERED: Final = 0
GOOD: Final = 1
REWORKED: Final = 2
CARD: Final = 3
