"""What a policy may do next: an optional role, for people who want to know before it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from twin.forecast import Predict
from twin.sensing.window import Window


@dataclass(frozen=True, slots=True)
class Prospect:
    """An action that a policy holds ready.

    asset, actuator: which. reached: how much has been reached of what it acts on; from 1 on it is due. reason: as that
    of the action, in a sentence's second half.
    """

    asset: str
    actuator: str
    reached: float
    reason: str


@runtime_checkable
class HasProspects(Protocol):
    """A policy that can say what it may do next."""

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """What it may do next, as it stands now. It decides nothing and changes nothing."""
        ...


def prospects_of(policy: object, window: Window, predict: Predict) -> list[Prospect]:
    """What a policy may do next, what has gone farthest first; nothing where it cannot say."""
    found = policy.prospects(window, predict) if isinstance(policy, HasProspects) else []
    return sorted(found, key=lambda prospect: -prospect.reached)
