"""A station: works on parts, may fail, is repaired and maintained."""

from __future__ import annotations

import math

from sim.line.failure_mode import FailureMode
from sim.line.failure_modes import Failures
from sim.line.machine import BLOCKED, BUSY, DOWN, IDLE
from sim.line.processing import Processing
from sim.line.standing_plan import StandingPlan
from sim.line.station_upkeep import StationUpkeep


class Station(Processing):
    """A machine in a line, see `Processing` for its work. What looks after it (`attach`) is made later.

    upkeep: who repairs and maintains it. failures: its failure modes beside wear. plan: its standing plan.
    """

    __slots__ = ("_watches", "plan", "upkeep")
    upkeep: StationUpkeep | None
    plan: StandingPlan | None

    def attach(
        self, upkeep: StationUpkeep | None = None, failures: Failures | None = None, plan: StandingPlan | None = None
    ) -> None:
        """Take what looks after it."""
        self.upkeep, self.failures, self.plan = upkeep, failures, plan
        # Whether something has to be looked at when a cycle ends, and when one begins; most stations have neither.
        discrete = self.wear is not None and self.wear.discrete
        self._watches = discrete or self.operators is not None or (plan is not None and plan.wear_limit < math.inf)
        self._gated = self.operators is not None or (failures is not None and failures.counts)
        self.held = self._watches
        self.refresh()

    # Out of service and back

    def _look(self) -> None:
        """The cycle is over: the operator leaves; what waited for it, or shows only now, comes first."""
        self._let_go()
        wear, plan, upkeep = self.wear, self.plan, self.upkeep
        ordered = upkeep is not None and upkeep.ordered
        if wear is not None and wear.discrete and wear.end_cycle(self._pace):
            self.break_down("wear", None)
        else:
            self._happen()
        if plan is not None and wear is not None and wear.wear >= plan.wear_limit and not self.out_of_service:
            plan.due()
            self.refresh()
        if upkeep is None or self.out_of_service:
            return
        if upkeep.attended:
            upkeep.end_of_cycle()
            return
        self.unhold()
        if upkeep.ordered and not ordered and self.state == BUSY:  # by now: begin no other cycle if somebody is free
            self._enter(IDLE)
            self._start.set(0.0)

    def _struck(self) -> None:
        """Something was due at this point of the work."""
        self._happen()
        if self.state == BUSY and self._timer.armed < 0:
            self._continue(self._pace)

    def _happen(self) -> None:
        """What is due at this point of the work."""
        if self._mode:
            mode, self._mode = self._mode, ""
            self.break_down(mode, None)
            return
        due = self.failures.due(self.worked) if self.failures is not None else None
        if due is not None:
            self.break_down(due.name, due)
        elif self.plan is not None and self.plan.strike <= self.worked:
            self.plan.due()
            self.refresh()

    def break_down(self, name: str, mode: FailureMode | None) -> None:
        """Fail; mode: None for wear."""
        if self.state == BUSY:
            self.interrupt()
        self.stop(DOWN)
        assert self.upkeep is not None
        self.upkeep.fail(name, mode)

    def stop(self, state: int) -> None:
        """Go out of service, DOWN or into MAINTENANCE."""
        if self.state == IDLE:
            for source in self.inputs:
                if self in source.getters:
                    source.getters.remove(self)
            if self.operators is not None:
                self.operators.withdraw(self)
        self._let_go()
        self._enter(state)
        if self.failures is not None:
            self.failures.stand()

    def resume(self) -> None:
        """Work on it is done."""
        if self.failures is not None:
            self.failures.resume()
        if self._part is None:
            self._take()
        elif any(self in target.putters for target in self.router.targets):  # it still waits for room
            self._enter(BLOCKED)
        else:
            self._go_on()

    def unhold(self) -> None:
        """Nobody waits for the end of its cycle any more."""
        self.held = self._watches

    def refresh(self) -> None:
        """What is due next may have changed."""
        failures, plan = self.failures, self.plan
        self._strike = min(failures.strike if failures else math.inf, plan.strike if plan else math.inf)
        if self._strike < self.worked and self.state == BUSY and self._timer.armed >= 0:
            self.interrupt()
            self._continue(self._pace)

    # Commands

    def command(self, actuator: str, value: float) -> str:
        """Carry out `maintain`, `speed` or `to_STATION`. Returns why it is refused, or an empty string."""
        if actuator == "maintain":
            return self.upkeep.order() if self.upkeep is not None else "the station has no maintenance"
        if actuator == "speed":
            self.set_speed(value)
        else:
            self.router.set_weight(actuator.removeprefix("to_"), value)
        return ""

    def quicken(self, share: float) -> None:
        """From the next part on it works faster by `share`, and wears per second of work as before."""
        self._cycle.stretch(1.0 / (1.0 + share))
        self.cycle_time = self._cycle.mean

    # Accounts

    def hazard(self) -> float:
        """Failures per second now: given wear and ages, but not the failure level or any draw."""
        share = self.seconds[BUSY] / max(self.kernel._now, 1.0)
        total = self.wear.hazard(self.speed) * share if self.wear is not None else 0.0
        return total + (self.failures.hazard(self.worked, share) if self.failures is not None else 0.0)

    def reseed(self, seed: int) -> None:
        """Another future from here on: of every stream drawn from, and of what was drawn for later already.

        The failure level and the next shock are drawn again given survival so far. The work content of the part in hand
        is the part's own and stays.
        """
        streams = [self._cycle.stream, self.router.stream]
        if self.quality is not None:
            streams.append(self.quality.stream)
        for stream in streams:
            stream.reseed(seed)
        if self.wear is None:
            return
        working = self.state == BUSY and self._timer.armed >= 0
        if working:
            self.interrupt()
        self.wear.reseed(seed)
        if working:
            self._continue(self._pace)
