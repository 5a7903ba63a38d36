"""Where parts come from: an endless supply, or arrivals in time that queue."""

from __future__ import annotations

from sim.engine.distribution import Distribution
from sim.engine.instant import ARRIVALS
from sim.engine.kernel import Kernel, Timer
from sim.line.buffer import Buffer
from sim.line.conwip import ConwipCards
from sim.line.part import ENTERED, Part
from sim.line.roles import Taker
from sim.line.work_in_process import WorkInProcess


class Source(Buffer):
    """Feeds a station, or several. arrivals: distribution of the time between parts; None for an endless supply.

    With arrivals, up to `capacity` parts wait; one that finds no place is turned away and counted in `refused`.
    cards: a part takes one when it goes from here into the line (CONWIP). turn: see sim.engine.instant.
    """

    plain = False

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        wip: WorkInProcess,
        capacity: int = 0,
        arrivals: Distribution | None = None,
        cards: ConwipCards | None = None,
        turn: float = 0.0,
    ) -> None:
        super().__init__(kernel=kernel, name=name, capacity=capacity)
        self._wip, self._arrivals, self.cards = wip, arrivals, cards
        self.entered = self.refused = 0
        self._last = kernel._now
        self._timer = Timer(kernel, self._arrive, ARRIVALS + turn)
        if arrivals is not None:
            self._timer.set(arrivals.draw())

    def _arrive(self) -> None:
        assert self._arrivals is not None
        self._last = self.kernel._now
        self._timer.set(self._arrivals.draw())
        taken_at_once = bool(self.getters) and (self.cards is None or self.cards.free > 0)
        if len(self.parts) < self.capacity or taken_at_once:
            self.parts.append(self._enter())
            self.call()
        else:
            self.refused += 1

    def _enter(self) -> Part:
        self.entered += 1
        self._wip.enter(self.kernel._now)
        return (self.kernel._now, True, 0, None)

    def get(self) -> Part | None:
        """The next part, or None."""
        if self.cards is None and self._arrivals is None:
            return self._enter()
        if not self.ready:
            return None
        part = self._enter() if self._arrivals is None else self.parts.popleft()
        if self.cards is None:
            return part
        self.cards.out += 1
        return (part[ENTERED], True, 0, self.cards)

    def wait(self, station: Taker) -> None:
        """The station waits for a part, and the source for a card."""
        super().wait(station)
        if self.cards is not None:
            self.cards.wait(self)

    def call(self) -> None:
        """Wake the next waiting station; where a card is for all, of any source."""
        if self.cards is None:
            self.let_in()
        else:
            self.cards.call()

    def let_in(self) -> bool:
        """Wake the next station that waits, where there is a part for it. True if there was one."""
        waiting = len(self.getters)
        super().call()
        return len(self.getters) < waiting

    def reseed(self, seed: int) -> None:
        """Other arrivals from here on, the next one given how long it has been awaited."""
        if self._arrivals is None:
            return
        self._arrivals.stream.reseed(seed)
        elapsed = self.kernel._now - self._last
        again = self._arrivals.stream.again(str(self.entered + self.refused), elapsed)
        if again is not None:
            self._timer.set(again - elapsed)

    def put(self, part: Part, station: Taker) -> bool:
        """Nobody puts into a source."""
        raise TypeError(f"{self.name}: nothing flows into a source")

    @property
    def ready(self) -> bool:
        carded = self.cards is None or self.cards.free > 0
        return carded and (self._arrivals is None or bool(self.parts))
