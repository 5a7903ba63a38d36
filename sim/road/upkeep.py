"""RoadUpkeep: the failures of one thing on the road, and the crews that repair or renew it."""

from __future__ import annotations

from typing import ClassVar, Protocol

from sim import contract
from sim.engine.distribution import Distribution
from sim.engine.instant import ATTENDS, STRIKES
from sim.engine.kernel import Kernel, Timer
from sim.maintenance.condition import DOWN, MAINTENANCE, UP, Condition
from sim.maintenance.crew import Crew
from sim.maintenance.dispatcher import Dispatcher
from sim.road.decay import Decay
from sim.telemetry.journal import Journal


class Subject(Protocol):
    """What is maintained: a detector, a pavement, a cabinet."""

    def load(self, seconds: float) -> float:
        """Load in the `seconds` since the last call, in the unit of its life."""
        ...

    def wear_to(self, wear: float) -> None:
        """Show this much wear."""
        ...

    def fail(self, mode: str) -> None:
        """Go wrong in this way."""
        ...

    def noticed(self) -> None:
        """Its failure is noticed."""
        ...

    def works(self, begin: bool) -> None:
        """People begin or end their work on it."""
        ...

    def renew(self) -> None:
        """As good as new."""
        ...


class RoadUpkeep(Condition):
    """Wear, failures, repairs and planned work of one thing on the road; a failure is noticed after `notice` seconds.

    preventive, corrective: seconds of work.
    preventive_cost, corrective_cost: per job. downtime_cost: what planners reckon a second out of order costs.
    """

    NAMES: ClassVar = ("working", "down", "maintenance")

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        asset: str,
        order: str,
        subject: Subject,
        decay: Decay,
        dispatcher: Dispatcher,
        journal: Journal,
        preventive: Distribution,
        corrective: Distribution,
        notice: Distribution | None,
        preventive_cost: float,
        corrective_cost: float,
        downtime_cost: float,
        priority: float = 0.0,
    ) -> None:
        super().__init__(kernel, name)
        self.asset, self.order_name, self.subject, self.decay = asset, order, subject, decay
        self._dispatcher = dispatcher
        self.crew: Crew | None = None
        self.preventive, self.corrective, self.notice = preventive, corrective, notice
        self.preventive_cost, self.corrective_cost = preventive_cost, corrective_cost
        self.downtime_cost, self.priority = downtime_cost, priority
        self._journal = journal
        self.faulty = self.ordered = False
        self.failures = self.maintained = 0
        self.failures_by_mode: dict[str, int] = {}
        self._job = Timer(kernel, self._end_of_job)
        self._noticed = Timer(kernel, self._announce, STRIKES)
        self._way = Timer(kernel, self.attend, ATTENDS)
        self._begun = 0.0
        self._waited = 0.0
        self._waits_since: float | None = None  # when its failure was noticed, until its repair begins
        subject.wear_to(decay.wear)

    def bear(self, load: float) -> None:
        """Some more load on it."""
        if self.faulty or self.state != UP:
            return
        if self.decay.bear(load):
            self.break_down()
        else:
            self.subject.wear_to(self.decay.wear)

    def break_down(self) -> None:
        """It fails now; the failure is reported when it is noticed."""
        self.faulty = True
        self.subject.fail(self.decay.mode)
        self._noticed.set(self.notice.stream.at(self.decay.number) if self.notice is not None else 0.0)

    def _announce(self) -> None:
        self.failures += 1
        mode = self.decay.mode
        self.failures_by_mode[mode] = self.failures_by_mode.get(mode, 0) + 1
        self._enter(DOWN)
        self._waits_since = self.kernel._now
        self.subject.noticed()
        self._journal.note(self.asset, contract.FAILED, mode)
        if self.crew is None:  # else someone is on the way for planned work
            self._dispatcher.withdraw(self)
            self._dispatcher.request(self, corrective=True, skill="")

    def order(self) -> str:
        """Order planned work. Returns why it is refused, or an empty string."""
        if self.state != UP:
            return f"it is {self.state_name}"
        if self.ordered:
            return "it is ordered already"
        self.ordered = True
        self._dispatcher.request(self, corrective=False, skill="")
        return ""

    def assign(self, crew: Crew) -> None:
        """A crew sets out."""
        self.crew = crew
        if crew.travel is None:
            self.kernel.soon(self.attend)
        else:
            self._way.set(crew.way_to(self.asset).at(self.failures + self.maintained))

    def attend(self) -> None:
        """The crew has come."""
        self._begun = self.kernel._now
        self._noticed.cancel()  # whoever works on it sees what is wrong with it
        self.subject.works(begin=True)
        if self.state == DOWN:
            self._waited, self._waits_since = self.waited, None
            self._journal.note(self.asset, contract.REPAIR_STARTED)
        else:
            self._enter(MAINTENANCE)
            self._journal.note(self.asset, contract.MAINTENANCE_STARTED)
        self._job.set(self._duration().stream.at(self.decay.number))

    def _duration(self) -> Distribution:
        return self.corrective if self.state == DOWN else self.preventive

    def _end_of_job(self) -> None:
        if self.state == MAINTENANCE:
            self.maintained += 1
        self._journal.note(self.asset, contract.REPAIRED if self.state == DOWN else contract.MAINTAINED)
        self._enter(UP)
        self.faulty = self.ordered = False
        self.decay.renew()
        self.subject.works(begin=False)
        self.subject.renew()
        self.subject.wear_to(self.decay.wear)
        crew, self.crew = self.crew, None
        if crew is not None:
            crew.release()

    @property
    def cost(self) -> float:
        """Of all noticed failures and of all planned work begun so far."""
        planned = self.maintained + (self.state == MAINTENANCE)
        return self.failures * self.corrective_cost + planned * self.preventive_cost

    @property
    def waited(self) -> float:
        """Seconds between noticed failures and their repairs so far, of one that still waits too."""
        return self._waited + (self.kernel._now - self._waits_since if self._waits_since is not None else 0.0)

    def reseed(self, seed: int) -> None:
        """Another future from here on."""
        self.decay.reseed(seed)
        for law in (self.preventive, self.corrective, *([self.notice] if self.notice is not None else [])):
            law.stream.reseed(seed)
        if self._job.armed >= 0:
            elapsed = self.kernel._now - self._begun
            again = self._duration().stream.again(str(self.decay.number), elapsed)
            if again is not None:
                self._job.set(again - elapsed)
