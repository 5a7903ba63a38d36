"""What the components of a line ask of each other. They know these roles; only `Station` knows the components."""

from __future__ import annotations

from typing import Protocol

from sim.line.discrete_wear import DiscreteWear
from sim.line.failure_mode import FailureMode
from sim.line.part import Part
from sim.line.wear import Wear


class Feed(Protocol):
    """What waits for a CONWIP card."""

    def let_in(self) -> bool:
        """Wake the next station that waits, where there is a part for it. True if there was one."""
        ...


class Taker(Protocol):
    """What takes parts out of buffers and puts parts into buffers."""

    def wake(self) -> None:
        """There may be a part to take, or an operator."""
        ...

    def hand_over(self) -> Part:
        """Give the part that was held for want of room."""
        ...


class Breakable(Protocol):
    """What a failure mode puts out of order."""

    def break_down(self, name: str, mode: FailureMode | None) -> None:
        """Fail; mode: None for wear."""
        ...


class PlannedWork(Protocol):
    """What a standing plan orders work from."""

    def fall_due(self) -> None:
        """Order planned work, unless it is ordered or under way."""
        ...


class Watched(Protocol):
    """What a standing plan watches. worked: seconds of work so far. out_of_service: down or in maintenance."""

    @property
    def worked(self) -> float: ...
    @property
    def out_of_service(self) -> bool: ...
    @property
    def wear(self) -> Wear | DiscreteWear | None: ...
    @property
    def upkeep(self) -> PlannedWork | None: ...

    def refresh(self) -> None:
        """What is due next may have changed."""
        ...


class Opportunist(Protocol):
    """What takes the opportunity of another station's standstill."""

    def opportunity(self) -> None:
        """Another station has gone out of service."""
        ...


class Maintained(Protocol):
    """What is repaired and maintained.

    held: whether somebody waits for the end of its cycle. fresh: whether its cycle would begin at this very time.
    """

    name: str
    held: bool

    @property
    def worked(self) -> float: ...
    @property
    def wear(self) -> Wear | DiscreteWear | None: ...
    @property
    def state_name(self) -> str: ...
    @property
    def busy(self) -> bool: ...
    @property
    def down(self) -> bool: ...
    @property
    def out_of_service(self) -> bool: ...
    @property
    def fresh(self) -> bool: ...

    def interrupt(self) -> None:
        """Stop the work in hand, if any; the rest is done later."""
        ...

    def stop(self, state: int) -> None:
        """Go out of service, DOWN or into MAINTENANCE."""
        ...

    def resume(self) -> None:
        """Go on: work on it is done."""
        ...

    def unhold(self) -> None:
        """Nobody waits for the end of its cycle any more."""
        ...

    def refresh(self) -> None:
        """What is due next may have changed."""
        ...
