"""Where a finished part goes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from sim.engine.checks import number
from sim.engine.streams import Stream
from sim.line.buffer import Buffer
from sim.line.roles import Taker

RULES = ("first", "share", "shortest", "setpoint")


class Router:
    """Chooses among targets: the `first` with room, by `share`, the one with most room (the `shortest` queue), or by a
    `setpoint`: shares that are set while the line runs.

    names: of the stations behind the targets. shares: one positive number per target, for `share`.
    Raises ValueError for an unknown rule and for shares that do not fit.
    """

    def __init__(
        self,
        *,
        field: str,
        targets: Sequence[Buffer],
        names: Sequence[str],
        stream: Stream,
        rule: str = "first",
        shares: Sequence[float] = (),
    ) -> None:
        if rule not in RULES:
            raise ValueError(f"{field}.routing = {rule!r}: must be one of {', '.join(RULES)}")
        if rule == "share" and len(shares) != len(targets):
            raise ValueError(
                f"{field}.shares = {list(shares)}: must have one number for each of {len(targets)} targets"
            )
        weights = [number(f"{field}.shares", share, above=0) for share in shares]
        self.targets, self.rule, self.stream = tuple(targets), rule, stream
        self.only = self.targets[0] if len(self.targets) == 1 else None
        self._weights = dict(zip(names, weights, strict=True)) if rule == "share" else dict.fromkeys(names, 1.0)
        self._weigh()

    def set_weight(self, name: str, weight: float) -> None:
        """From the next part on, this target's share is its weight over the sum of all; all 0 count as equal."""
        self._weights[name] = weight
        self._weigh()

    def _weigh(self) -> None:
        total = sum(self._weights.values())
        shares = [w / total if total > 0 else 1 / len(self._weights) for w in self._weights.values()]
        self._cumulative = list(accumulate(shares))

    def choose(self) -> Buffer | None:
        """The buffer for the next part where there are several (`only` is it otherwise); None when all are full."""
        if self.rule in ("share", "setpoint"):
            draw = self.stream.draw()
            return next(
                (t for t, edge in zip(self.targets, self._cumulative, strict=True) if draw < edge), self.targets[-1]
            )
        if self.rule == "first":
            return next((target for target in self.targets if target.room > 0), None)
        best = max(self.targets, key=_room)
        return best if best.room > 0 else None

    def wait(self, station: Taker) -> None:
        """The station waits, with its part, for room in any of the targets."""
        for target in self.targets:
            target.putters.append(station)

    def stop_waiting(self, station: Taker) -> None:
        """One of them has room: the station waits for none any more."""
        for target in self.targets:
            if station in target.putters:
                target.putters.remove(station)


def _room(target: Buffer) -> int:
    return target.room
