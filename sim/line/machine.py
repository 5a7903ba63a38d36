"""A machine's states, and the time and energy that it spends in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sim.engine.kernel import Component, Kernel

STATES = ("idle", "busy", "blocked", "down", "maintenance")
IDLE, BUSY, BLOCKED, DOWN, MAINTENANCE = range(5)


class StateClock(Component):
    """What is in one state at a time.

    seconds: [states] time spent in each; joules: energy so far, both as of the last change or `accrue`. power: watts by
    state; busy power grows with `speed`.
    """

    __slots__ = ("_since", "_taken", "_watts", "joules", "power", "seconds", "speed", "state")
    SHARED: ClassVar[tuple[str, ...]] = ("power",)

    def __init__(self, *, kernel: Kernel, name: str, power: Sequence[float]) -> None:
        super().__init__(kernel, name)
        self.power = tuple(power)
        self.speed = 1.0
        self.state, self._since = IDLE, 0.0
        self.seconds = [0.0] * len(STATES)
        self._watts = list(power)
        self.joules = self._taken = 0.0

    def set_speed(self, speed: float) -> None:
        """From the next cycle on; the power drawn follows at once."""
        self.accrue()
        self.speed = speed
        self._watts[BUSY] = self.power[BUSY] * speed

    def _enter(self, state: int) -> None:
        now, before = self.kernel._now, self.state
        spent = now - self._since
        self.seconds[before] += spent
        self.joules += spent * self._watts[before]
        self._since = now
        self.state = state

    def accrue(self) -> None:
        """Bring `seconds` and `joules` up to now."""
        now, state = self.kernel._now, self.state  # as `_enter` the same state, written out: at every sample
        spent = now - self._since
        self.seconds[state] += spent
        self.joules += spent * self._watts[state]
        self._since = now

    def take_energy(self) -> float:
        """Joules since the last call; busy power grows with speed."""
        self.accrue()
        taken = self.joules - self._taken
        self._taken = self.joules
        return taken

    @property
    def busy(self) -> bool:
        return self.state == BUSY

    @property
    def down(self) -> bool:
        return self.state == DOWN

    @property
    def out_of_service(self) -> bool:
        """Down or in maintenance."""
        return self.state >= DOWN

    @property
    def state_name(self) -> str:
        return STATES[self.state]
