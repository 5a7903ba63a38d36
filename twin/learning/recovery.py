"""After a drift alarm: a higher learning rate and more of the newest rows for a while, then back to normal."""

from __future__ import annotations

from twin.checks import above, share, unit, whole
from twin.learning.promotion import Promotion
from twin.memory.memory import Memory
from twin.state import SavedFields
from twin.surrogates.base import Restarted, Surrogate


class Recovery(SavedFields):
    """For `ticks` after an alarm the learning rate is `rate` times what its schedule, begun anew, says, a share
    `recent` of what is learned is from the newest ticks, and promotion tests are `every` ticks long.

    shrink, perturb: of the weights in training, once; see Restarted. Raises ValueError for values out of range.
    """

    STATE_FIELDS = ("_until", "_recent", "_every")

    def __init__(
        self,
        *,
        surrogate: Surrogate,
        memory: Memory,
        promotion: Promotion,
        ticks: int = 288,
        rate: float = 2.0,
        recent: float = 0.5,
        shrink: float = 0.9,
        perturb: float = 0.05,
        every: int = 6,
    ) -> None:
        whole("Recovery", 1, ticks=ticks, every=every)
        above("Recovery", 0, rate=rate)
        share("Recovery", recent=recent)
        unit("Recovery", shrink=shrink, perturb=perturb)
        self._surrogate, self._memory, self._promotion = surrogate, memory, promotion
        self._ticks, self._rate, self._share, self._test = ticks, rate, recent, every
        self._shrink, self._perturb = shrink, perturb
        self._until = -1
        self._recent, self._every = memory.recent, promotion.every

    def begin(self, tick: int) -> int:
        """Start a recovery at `tick`, or prolong the one in progress. Returns the tick at which it ends."""
        if self._until < 0:
            self._recent, self._every = self._memory.recent, self._promotion.every
        self._until = tick + self._ticks
        self._memory.recent = max(self._share, self._recent)
        self._promotion.hasten(min(self._test, self._every), tick)
        if isinstance(self._surrogate, Restarted):
            self._surrogate.restart(rate=self._rate, shrink=self._shrink, perturb=self._perturb)
        return self._until

    def step(self, tick: int) -> None:
        """End the recovery at its last tick."""
        if 0 <= self._until <= tick:
            self._until, self._memory.recent, self._promotion.every = -1, self._recent, self._every
            if isinstance(self._surrogate, Restarted):
                self._surrogate.calm()
