"""What limits a plant, and what it would be worth to relieve it: an optional role of a plant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What may limit a plant, as it was so far.

    name: as people call it. assets: that do the same work side by side. share: how much of `of` it has, 0 to 1.
    of: what that is a share of, in words that follow "per cent of". parts: what the share consists of, by name.
    relief: what `relieve` changes, in words that follow "10 % more".
    """

    name: str
    assets: tuple[str, ...]
    share: float
    of: str
    parts: Mapping[str, float]
    relief: str


@runtime_checkable
class Relievable(Protocol):
    """A plant that can say what limits it, and can be relieved of it. Privileged like `Plant.truth`."""

    def bottlenecks(self) -> Sequence[Bottleneck]:
        """The few that may limit the plant, the likeliest first; none where nothing does."""
        ...

    def relieve(self, assets: Sequence[str], share: float) -> None:
        """Give these assets a larger capacity by `share` (0.1 is a tenth) from now on; all else stays as it is."""
        ...
