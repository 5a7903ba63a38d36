"""Condition: whether something is up, down or in maintenance, and for how long it has been so."""

from __future__ import annotations

from typing import ClassVar

from sim.engine.kernel import Component, Kernel

UP, DOWN, MAINTENANCE = 0, 1, 2


class Condition(Component):
    """Something that is maintained; it is up at first.

    seconds: [conditions] spent in each so far, as of the last change or `accrue`. NAMES: of the conditions, for people
    and for `truth`.
    """

    NAMES: ClassVar[tuple[str, str, str]] = ("up", "down", "maintenance")

    def __init__(self, kernel: Kernel, name: str) -> None:
        super().__init__(kernel, name)
        self.state, self._since = UP, 0.0
        self.seconds = [0.0, 0.0, 0.0]

    @property
    def up(self) -> bool:
        return self.state == UP

    @property
    def state_name(self) -> str:
        return self.NAMES[self.state]

    def accrue(self) -> None:
        """Bring `seconds` up to now."""
        now = self.kernel._now
        self.seconds[self.state] += now - self._since
        self._since = now

    def seconds_by_name(self) -> dict[str, float]:
        """Seconds in each condition, as of the last change or `accrue`."""
        return dict(zip(self.NAMES, self.seconds, strict=True))

    def _enter(self, state: int) -> None:
        self.accrue()
        self.state = state
