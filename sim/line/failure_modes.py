"""The failure modes of a station beside its wear."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.line.failure_mode import CYCLES, OPERATION, TIME, FailureMode
from sim.line.roles import Breakable


class Failures(Component):
    """The modes of one station. strike: seconds of its work at which the next operation-dependent one is due.

    A time-dependent mode's clock stops while the station is down or in maintenance. turn: the station's, see
    sim.engine.instant.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, station: Breakable, modes: Sequence[FailureMode], turn: float = 0.0
    ) -> None:
        super().__init__(kernel, name)
        self.modes, self._station = tuple(modes), station
        self._timed = [mode for mode in modes if mode.clock == TIME]
        self._counted = [mode for mode in modes if mode.clock == CYCLES]
        self.counts = bool(self._counted)
        self._starts = 0
        self._stood, self._stood_since = 0.0, -1.0  # calendar seconds out of service; since when it is so now
        self._timer = Timer(kernel, self._time_is_up, STRIKES + turn) if self._timed else None
        self._set_timer()
        self.strike = self._next_strike()

    def due(self, worked: float) -> FailureMode | None:
        """The operation-dependent mode that is due after so many seconds of work."""
        return next((m for m in self.modes if m.clock == OPERATION and m.at <= worked), None)

    def start(self) -> FailureMode | None:
        """A cycle is about to begin: the mode, counted in cycles, that strikes instead."""
        self._starts += 1
        return next((mode for mode in self._counted if mode.at <= self._starts), None)

    def stand(self) -> None:
        """The station is out of service from now on."""
        if self._timer is not None:
            self._stood_since = self.kernel._now
            self._timer.cancel()

    def resume(self) -> None:
        """The station is back."""
        if self._timer is not None:
            self._stood += self.kernel._now - self._stood_since
            self._stood_since = -1.0
            self._set_timer()

    def renew(self, mode: FailureMode | None, worked: float) -> None:
        """One mode has been repaired, or, None, all have been renewed."""
        for each in self.modes if mode is None else (mode,):
            each.renew(self._clock(each, worked))
        self.strike = self._next_strike()

    def hazard(self, worked: float, share: float) -> float:
        """Failures per second, given how long each mode has lasted; `share` of the time the station works."""
        total = 0.0
        for mode in self.modes:
            rate = mode.time.hazard(self._clock(mode, worked) - mode.began) if mode.clock != CYCLES else 0.0
            total += rate * (share if mode.clock == OPERATION else 1.0)
        return total

    def redraw(self, seed: int, worked: float) -> None:
        """Another future for every mode, given that none has struck."""
        for mode in self.modes:
            mode.redraw(seed, self._clock(mode, worked))
        self.strike = self._next_strike()
        if self._stood_since < 0.0:
            self._set_timer()

    def _clock(self, mode: FailureMode, worked: float) -> float:
        if mode.clock == OPERATION:
            return worked
        return float(self._starts) if mode.clock == CYCLES else self._service()

    def _service(self) -> float:
        """Calendar seconds in service so far."""
        now = self.kernel._now
        return (self._stood_since if self._stood_since >= 0.0 else now) - self._stood

    def _next_strike(self) -> float:
        return min((mode.at for mode in self.modes if mode.clock == OPERATION), default=math.inf)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.set(max(min(mode.at for mode in self._timed) - self._service(), 0.0))

    def _time_is_up(self) -> None:
        mode = min(self._timed, key=_strikes_at)
        self._station.break_down(mode.name, mode)


def _strikes_at(mode: FailureMode) -> float:
    return mode.at
