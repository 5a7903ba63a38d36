"""Who asks for people and for spare parts."""

from __future__ import annotations

from typing import Protocol

from sim.maintenance.crew import Crew


class Client(Protocol):
    """Who asks a dispatcher for somebody. priority: who has more is served first."""

    priority: float

    def assign(self, crew: Crew) -> None:
        """Somebody of this crew sets out; `crew.release` is to be called when the job is done."""
        ...


class Supplied(Protocol):
    """Who asks for a spare part. priority: of those who ask at the same time, who has more is served first."""

    priority: float

    def supply(self) -> None:
        """The part has come."""
        ...
