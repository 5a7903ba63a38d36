"""A machine of the site: it ages, fails, is repaired, or is renewed by a work order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from sim import contract
from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.engine.instant import STRIKES
from sim.engine.kernel import Kernel, Timer
from sim.maintenance.condition import DOWN, MAINTENANCE, UP, Condition
from sim.power.ageing import Ageing
from sim.telemetry.journal import Journal
from sim.units import HOUR

UPKEEP = ("preventive", "corrective", "response", "preventive_cost", "corrective_cost")


class Bus(Protocol):
    """Whom a machine tells that power must flow otherwise."""

    def accrue(self) -> None:
        """Count what has flowed so far."""
        ...

    def change(self) -> None:
        """Compute the flows anew, after what is going on now."""
        ...


class PowerAsset(Condition):
    """What assets that fail have in common.

    ageing: see sim.power.ageing.Ageing, None for an asset that never fails. upkeep: `preventive` and `corrective`
    (distributions of seconds of work), `response` (s from a failure until work begins), `preventive_cost` and
    `corrective_cost`. All money in EUR.
    """

    NAMES: ClassVar = ("running", "down", "maintenance")

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        journal: Journal,
        ageing: Mapping[str, float] | None,
        upkeep: Mapping[str, Any] | None,
    ) -> None:
        upkeep = dict(upkeep or {})
        known(f"{name}.upkeep", upkeep, UPKEEP)
        self.ageing = Ageing(seed=seed, name=name, **ageing) if ageing else None
        self.preventive_cost = number(f"{name}.upkeep.preventive_cost", upkeep.get("preventive_cost", 0.0), low=0)
        self.corrective_cost = number(f"{name}.upkeep.corrective_cost", upkeep.get("corrective_cost", 0.0), low=0)
        works = {what: upkeep.get(what, HOUR) for what in ("preventive", "corrective", "response")}
        self.works = {w: Distribution(law, seed=seed, field=f"{name}.upkeep.{w}") for w, law in works.items()}
        super().__init__(kernel, name)
        self._journal = journal
        self.bus: Bus | None = None
        self.failures, self.maintained, self._jobs = 0, 0, 0
        self.failures_by_mode: dict[str, int] = {}
        self._stress = 0.0
        self._aged, self._stressed_at = 0.0, 0.0
        self._work = Timer(kernel, self._next_step)
        self._failure = Timer(kernel, self._fail, STRIKES)
        self._repairing = False

    def connect(self, bus: Bus) -> None:
        """The bus that the machine is at."""
        self.bus = bus

    @property
    def cost(self) -> float:
        """EUR of all jobs begun so far."""
        return self.maintained * self.preventive_cost + self.failures * self.corrective_cost

    def wear(self) -> float:
        """Damage now (hidden), 1 at the mean failure level."""
        self.expose(self._stress)
        return self.ageing.wear if self.ageing is not None else 0.0

    def expose(self, stress: float) -> None:
        """From now on exposure grows by `stress` per second; the failure comes when it has grown enough."""
        ageing, now = self.ageing, self.kernel._now
        if ageing is None:
            return
        if now > self._stressed_at:
            ageing.exposure += self._stress * (now - self._stressed_at)
            self._stressed_at = now
        if stress == self._stress and (self._failure.armed >= 0 or stress == 0.0):
            return
        self._stress = stress
        self._arm()

    def shock(self, exposure: float) -> None:
        """A dose at once, as of a start."""
        self.expose(self._stress)
        if self.ageing is not None:
            self.ageing.exposure += exposure
            self._arm()

    def _arm(self) -> None:
        assert self.ageing is not None
        left = self.ageing.left
        if self.state == UP and (self._stress > 0 or left <= 0) and left < math.inf:
            self._failure.set(left / self._stress if left > 0 else 0.0)
        else:
            self._failure.cancel()

    def _fail(self) -> None:
        assert self.ageing is not None
        self._accrue_flows()
        self.ageing.exposure += self._stress * (self.kernel._now - self._stressed_at)
        self._stressed_at = self.kernel._now
        mode = self.ageing.mode
        self.failures += 1
        self.failures_by_mode[mode] = self.failures_by_mode.get(mode, 0) + 1
        self._enter(DOWN)
        self._journal.note(self.name, contract.FAILED, mode)
        self._repairing = False
        self._work.set(self._time("response"))

    def command(self, actuator: str, value: float) -> str:
        """Carry out `maintain`; see sim.telemetry.actuation.Receiver."""
        if self.state != UP:
            return f"{self.name} is {self.state_name}"
        self._accrue_flows()
        self.maintained += 1
        self._enter(MAINTENANCE)
        self._journal.note(self.name, contract.MAINTENANCE_STARTED)
        self._work.set(self._time("preventive"))
        return ""

    def _next_step(self) -> None:
        """Work begins after a failure, or is done."""
        if self.state == DOWN and not self._repairing:
            self._repairing = True
            self._journal.note(self.name, contract.REPAIR_STARTED)
            self._work.set(self._time("corrective"))
            return
        done = contract.REPAIRED if self.state == DOWN else contract.MAINTAINED
        self._accrue_flows()
        self.renew()
        self._enter(UP)
        self._journal.note(self.name, done)

    def renew(self) -> None:
        """As new."""
        if self.ageing is not None:
            self.ageing.renew()
        self._stressed_at = self.kernel._now

    def _accrue_flows(self) -> None:
        if self.bus is not None:
            self.bus.accrue()

    def _ask(self) -> None:
        """Have the flows computed anew."""
        if self.bus is not None:
            self.bus.change()

    def _enter(self, state: int) -> None:
        super()._enter(state)
        self._stress = 0.0
        self._failure.cancel()
        self._ask()

    def _time(self, what: str) -> float:
        """Seconds of the next job's part; luck belongs to the job's number."""
        self._jobs += what != "corrective"
        return self.works[what].stream.at(self._jobs)

    def reseed(self, seed: int) -> None:
        """Another future from here on; a job in progress keeps its length."""
        for work in self.works.values():
            work.stream.reseed(seed)
        if self.ageing is not None:
            self.expose(self._stress)
            self.ageing.reseed(seed)
            self._arm()
