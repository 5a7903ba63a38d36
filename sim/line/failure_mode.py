"""One failure mode of a station, with a clock of its own."""

from __future__ import annotations

from sim.engine.distribution import Distribution

CLOCKS = ("operation", "time", "cycles")
OPERATION, TIME, CYCLES = CLOCKS


class FailureMode:
    """One way to fail.

    time: until it strikes, on its `clock`: seconds of work, calendar seconds in service, or cycles. repair: seconds;
    skill: what the repair takes; cost: of the repair, EUR; None for the station's own. minor: a stoppage whose repair
    takes no spare part and renews nothing but this mode. spare: whether the repair takes the station's spare part.

    number: renewals so far. began, at: when this life began and when the mode strikes next, both on its clock.
    Raises ValueError for an unknown clock, and for a law of `time` that does not give whole numbers of cycles.
    """

    def __init__(
        self,
        *,
        field: str,
        name: str,
        time: Distribution,
        clock: str = OPERATION,
        repair: Distribution | None = None,
        skill: str | None = None,
        minor: bool = False,
        spare: bool = True,
        cost: float | None = None,
    ) -> None:
        if clock not in CLOCKS:
            raise ValueError(f"{field}.clock = {clock!r}: must be one of {', '.join(CLOCKS)}")
        if clock == CYCLES and time.law not in ("geometric", "deterministic", "scipy"):
            raise ValueError(f"{field}.time: law = {time.law!r}: must give whole numbers of cycles, e.g. geometric")
        self.name, self.time, self.clock, self.repair, self.skill = name, time, clock, repair, skill
        self.minor, self.spare, self.cost = minor, spare and not minor, cost
        self.number, self.began, self.at = 0, 0.0, time.stream.at(0)

    def renew(self, now: float) -> None:
        """Good as new at `now` on its clock; the next life's luck is the life's own."""
        self.number += 1
        self.began, self.at = now, now + self.time.stream.at(self.number)

    def redraw(self, seed: int, now: float) -> None:
        """Another future, given that it has not struck."""
        self.time.stream.reseed(seed)
        if self.repair is not None:
            self.repair.stream.reseed(seed)
        again = self.time.stream.again(str(self.number), now - self.began)
        if again is not None:
            self.at = self.began + again
