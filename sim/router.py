"""Where a finished part goes."""

from __future__ import annotations

from collections.abc import Sequence

from sim.buffer import Buffer
from sim.checks import number
from sim.streams import Stream

RULES = ("first", "share", "shortest")


class Router:
    """Chooses among targets: the `first` with room (else the first), by `share`, or the one with the `shortest` queue.

    shares: one positive number per target, for `share`. Raises ValueError for an unknown rule or bad shares.
    """

    def __init__(
        self, *, field: str, targets: Sequence[Buffer], stream: Stream, rule: str = "first", shares: Sequence[float] = ()
    ) -> None:
        if rule not in RULES:
            raise ValueError(f"{field}.routing = {rule!r}: must be one of {', '.join(RULES)}")
        if rule == "share" and len(shares) != len(targets):
            raise ValueError(f"{field}.shares = {list(shares)}: must have one number for each of {len(targets)} targets")
        weights = [number(f"{field}.shares", share, above=0) for share in shares]
        self._targets, self._rule, self.stream = tuple(targets), rule, stream
        self.only = self._targets[0] if len(self._targets) == 1 else None
        total, self._cumulative = 0.0, []
        for weight in weights:
            total += weight / sum(weights)
            self._cumulative.append(total)

    def choose(self) -> Buffer:
        """The buffer for the next part, where there is more than one; `only` is it otherwise."""
        if self._rule == "share":
            draw = self.stream.draw()
            return next((t for t, edge in zip(self._targets, self._cumulative, strict=True) if draw < edge), self._targets[-1])
        if self._rule == "first":
            return next((target for target in self._targets if target.room > 0), self._targets[0])
        return max(self._targets, key=lambda target: target.room)
