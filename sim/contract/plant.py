"""The two sides of the border: what a plant owes a controller and the lab, and what a controller owes the loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, runtime_checkable

from sim.contract.events import Event
from sim.contract.exchange import Action, Message
from sim.contract.spec import PlantSpec
from sim.contract.truth import Truth


@runtime_checkable
class Plant(Protocol):
    """The physical side. It can be advanced, forked and saved; it never knows who controls it.

    A plant that cannot be copied (one of SimPy generators) raises ValueError from `fork` and `snapshot` and says why;
    everything but resume and the privileged references works with it.
    """

    @property
    def spec(self) -> PlantSpec:
        """What a controller may know before the first message; the same object for the plant's whole life."""
        ...

    @property
    def now(self) -> float:
        """Simulated time, s."""
        ...

    def advance(self, until: float) -> list[Message]:
        """Run to `until` (s, inclusive) and return the messages delivered on the way, in order of arrival."""
        ...

    def apply(self, action: Action) -> None:
        """Put a command on the downlink now; it takes effect, or is refused with an Event, when it arrives."""
        ...

    def kpis(self) -> dict[str, float]:
        """Key figures of the whole run so far (names as in kpis.json); a new dict at every call."""
        ...

    def truth(self) -> Truth:
        """Hidden state, for scoring and for references that call themselves privileged."""
        ...

    def journal(self) -> list[Event]:
        """All true events since the last call, for recording. Privileged like `truth`."""
        ...

    def fork(self, reseed: int | None = None) -> Self:
        """An independent copy: with the same future, or, reseeded, with another one from here on."""
        ...

    def snapshot(self) -> bytes:
        """The whole state, to be restored in another process."""
        ...

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """The plant that `snapshot` saved. Raises ValueError for bytes that are not such a snapshot."""
        ...


@runtime_checkable
class Silenceable(Protocol):
    """A plant, or a part of one, that can stop reporting: a copy whose readings nobody will see runs faster."""

    def silence(self) -> None:
        """Send no more readings. What happens to the plant stays the same."""
        ...


@runtime_checkable
class Controller(Protocol):
    """The virtual side, as the loop sees it."""

    def observe(self, message: Message) -> None:
        """Take a message that the uplink has delivered."""
        ...

    def decide(self, now: float) -> Sequence[Action]:
        """The actions of this tick; `now` in s."""
        ...
